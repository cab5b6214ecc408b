"""A trace as plain JSON: layers, numbers with their terms."""

from typing import Any

from glassnet.tracing.result import Trace, TracedLayer
from glassnet.tracing.terms import Entry
from glassnet.tracing.values import NotComputed, Values


def trace_to_dict(trace: Trace, layer: str | None = None) -> dict[str, Any]:
    """Return loss, prediction and the layers; the arrays only of the layer at this path."""
    return {
        "loss": _value(trace.loss),
        "outputs": _value(trace.prediction),
        "layers": [_layer(one, one.path == layer) for one in trace.layers],
    }


def number_to_dict(trace: Trace, text: str) -> dict[str, Any]:
    """Return a number with its formula, terms and derivative."""
    values, position = trace.number(text)
    terms, slope = values[position], values.derivative(position)
    backward = slope.backward
    return {
        "name": terms.result.name,
        "value": terms.result.value,
        "kind": terms.kind,
        "formula": terms.formula,
        "why": list(terms.why),
        "code": terms.code,
        "where": terms.where,
        "terms": [
            {"sign": term.sign, "value": term.value, "factors": [_entry(f) for f in term.factors]}
            for term in terms.terms
        ],
        "derivative": {"not_computed": backward.reason}
        if isinstance(backward, NotComputed)
        else backward,
        "finite_difference": {"not_computed": slope.measured.missing}
        if slope.measured.missing
        else slope.measured.value,
    }


def _entry(entry: Entry) -> dict[str, Any]:
    return {"name": entry.name, "value": entry.value}


def _layer(layer: TracedLayer, whole: bool) -> dict[str, Any]:
    return {
        "path": layer.path,
        "class": layer.kind,
        "equation": layer.equation,
        "notes": list(layer.notes),
        "arrays": {
            name: _value(values) if whole else _summary(values) for name, values in layer.arrays()
        },
    }


def _value(part: Any) -> Any:
    if isinstance(part, tuple):
        return [_value(one) for one in part]
    if isinstance(part, NotComputed):
        return {"not_computed": part.reason}
    return {"shape": list(part.shape), "name": part.name, "numbers": part.value.tolist()}


def _summary(values: Values | NotComputed) -> Any:
    if isinstance(values, NotComputed):
        return {"not_computed": values.reason}
    value = values.value
    summary: dict[str, Any] = {"shape": list(values.shape), "name": values.name}
    if value.size:
        summary |= {"least": value.min().item(), "largest": value.max().item()}
    return summary

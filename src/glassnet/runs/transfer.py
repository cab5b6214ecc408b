"""Turning the model of a source into one for other data: head, scaling."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from glassnet.core.arrays import Array, shapes_of
from glassnet.core.errors import GlassnetError
from glassnet.core.plurals import counted
from glassnet.core.strict_json import as_json
from glassnet.core.trees import items
from glassnet.data.class_names import are_numbers, numbers
from glassnet.data.images.preprocessing import Preprocessing
from glassnet.layers import Layer, Normalization, Rescaling
from glassnet.layers.low_rank import adapters_of
from glassnet.layers.open_shape import fits
from glassnet.layers.shapes import is_multi_input
from glassnet.model.heads import head_of, with_layers, with_new_head
from glassnet.model.model import Model
from glassnet.runs.source import Source, Transfer

_WIDER = 2.0  # times the range of the source's values, or a part of it: other values
_FAR = 4.0  # standard deviations


def transferred(
    source: Source,
    x: Any,
    outputs: int,
    activation: str,
    class_names: Sequence[str] = (),
    seed: int = 0,
) -> Model:
    """Return a copy of the source's model for examples like those in x (N, ...), not compiled.

    Outputs of classes that the source has, too, keep their weights (`kept_outputs`); all others
    are new. The scaling is kept, unless the values in x have another range. The copy has a
    `Transfer`.
    """
    model = source.model
    _require_shape(source, x)
    if adapters_of(model.network):
        model = model.clone()
        model.merge_lora()
    scaled, reason = _rescaled(source, model, x)
    head = head_of(model.network)
    old, old_outputs = model.class_names, model.output_shape[-1]
    columns = kept_outputs(old, old_outputs, class_names, outputs)
    new = with_new_head(scaled, outputs, activation, columns, seed)
    new.class_names = class_names
    layers = dict.fromkeys(path.rpartition("/")[0] for path, _ in items(new.params))
    fresh = (head,) if len(columns) < outputs else ()
    Transfer(
        path=source.path,
        sha256=source.sha256,
        network=source.network,
        class_names=tuple(old),
        common_classes=tuple(name for i, name in enumerate(class_names) if i in columns),
        head=head,
        taken=tuple(path for path in layers if path not in fresh),
        new=fresh,
        scaling=reason,
        preprocessing=as_json(source.preprocessing),
    ).write_to(new)
    source.tell(_head_text(head, old, old_outputs, class_names, outputs, columns))
    if reason:
        source.tell(f"the scaling is fitted again, because {reason}")
    return new


def kept_outputs(
    old: Sequence[str], old_outputs: int, new: Sequence[str], outputs: int
) -> dict[int, int]:
    """Return the new outputs that keep their weights, each with its column in the old head.

    Classes are the same if their names are. Classes without names, or with the names 0, 1, 2, ...,
    are taken to be the same only if all of them are.
    """
    before, after = list(old) or numbers(old_outputs), list(new) or numbers(outputs)
    if (are_numbers(before) or are_numbers(after)) and {*before} != {*after}:
        return {}
    return {i: before.index(name) for i, name in enumerate(after) if name in before}


def form_of(source: Source | None, x: Array, objects: bool = False) -> Preprocessing | None:
    """Return the form to which photos are brought: the source's, if the images in x have it.

    If they show `objects`, as Fashion-MNIST's do, photos get their background.
    """
    own = Preprocessing.fitted(x, objects)
    if source is None or own is None or (theirs := source.preprocessing) is None:
        return own
    if own.background == theirs.background and _same_range(_range(own), _range(theirs)):
        return theirs
    source.tell(
        f"photos are prepared in another way, because the images have "
        f"{_form_text(own)}; those of the source have {_form_text(theirs)}"
    )
    return own


def _head_text(
    head: str,
    old: Sequence[str],
    old_outputs: int,
    new: Sequence[str],
    outputs: int,
    columns: dict[int, int],
) -> str:
    """Return what became of the head."""
    if len(columns) < outputs:
        if not columns:
            why = "no class has the same name"
            if are_numbers(old) and are_numbers(new):
                count = counted(old_outputs, "output")
                why = f"the source has {count}, not {outputs}, and there are no names to compare"
            elif are_numbers(new):
                why = "the source's classes have names, these have none"
            elif are_numbers(old):
                why = "the source's classes have no names"
            return f"layer {head!r} is new: {why}"
        names = ", ".join(name for name in new if name not in old)
        return f"layer {head!r} keeps {counted(len(columns), 'output')}; new are {names}"
    if len(old) > outputs:
        return f"layer {head!r} keeps the outputs of {outputs} of its {len(old)} classes"
    if are_numbers(new):
        same = (
            f"the source has {counted(outputs, 'output')}, too, and there are no names to compare"
        )
        return f"layer {head!r} is kept: {same}"
    ordered = all(i == column for i, column in columns.items())
    return f"layer {head!r} is kept" + ("" if ordered else ", its outputs in another order")


def _require_shape(source: Source, x: Any) -> None:
    """Raise unless the source's network takes such examples."""
    example, accepted = shapes_of(x), source.model.accepted_shape
    if is_multi_input(example) == is_multi_input(accepted) and fits(example, accepted):
        return
    fix = f"Bring the examples to the shape {accepted}, or train without a source."
    one = not (is_multi_input(example) or is_multi_input(accepted))
    if one and [n for n in example if n != 1] == [n for n in accepted if n != 1]:
        fix = f"Reshape the examples to {accepted}."
        if source.path.lower().endswith(".keras"):
            fix = (
                "First run: glassnet import FILE --data DATA, which adds the reshaping; then start "
                "from that run."
            )
    raise GlassnetError(
        f"takes examples of shape {accepted}; these have {example}.", where=source.path, fix=fix
    )


# -- scaling -----------------------------------------------------------------------------------


def _rescaled(source: Source, model: Model, x: Any) -> tuple[Model, str]:
    """Return (the source's model, why its scaling was fitted again to x, or "")."""
    if isinstance(x, tuple):  # columns, which are scaled where they are read
        return model, ""
    path, layer = _scaling_layer(model.network)
    if isinstance(layer, Normalization) and x.ndim == 2 and layer.axis is not None:
        params = dict(items(model.params))
        prefix = f"{path}/" if path else ""
        mean, variance = params[f"{prefix}mean"], params[f"{prefix}variance"]
        z = (x - mean) / np.sqrt(np.where(variance > 0, variance, 1))
        far, spread = float(np.abs(z.mean(axis=0)).max()), float(np.median(z.std(axis=0)))
        if far <= _FAR and 1 / _FAR <= spread <= _FAR:
            return model, ""
        new = with_layers(model, {path: replace(layer)})  # fitted before the first step
        was = f"means up to {far:.3g} and a spread of {spread:.3g}"
        return new, f"the source's would give the columns {was}"
    known = _source_range(source, layer)
    own = float(x.min()), float(x.max())
    form = Preprocessing.fitted(x)
    own = own if form is None else _range(form)
    if known is None or _same_range(own, known):
        return model, ""
    assert isinstance(layer, Rescaling)
    (low, high), (low_then, high_then) = own, known
    scale = layer.scale * (high_then - low_then) / ((high - low) or 1.0)
    offset = layer.scale * low_then + layer.offset - scale * low
    new = with_layers(model, {path: replace(layer, scale=scale, offset=offset)})
    then = f"those of the source from {low_then:g} to {high_then:g}"
    return new, f"the values range from {low:g} to {high:g}, {then}"


def _scaling_layer(network: Layer) -> tuple[str, Layer | None]:
    """Return the layer, before all layers that learn, that scales the inputs; None without one."""
    for path, layer in network.walk():
        if isinstance(layer, Rescaling | Normalization):
            return path, layer
        if layer.defines_weights:
            break
    return "", None


def _source_range(source: Source, layer: Layer | None) -> tuple[float, float] | None:
    """Return the range of the source's values, if it is known and the layer depends on it."""
    if not isinstance(layer, Rescaling):
        return None
    if source.preprocessing is not None:
        return _range(source.preprocessing)
    if source.settings.get("scaling") != "unit":
        return None
    return -layer.offset / layer.scale, (1 - layer.offset) / layer.scale


def _same_range(own: tuple[float, float], theirs: tuple[float, float]) -> bool:
    width, other = own[1] - own[0], theirs[1] - theirs[0]
    return other / _WIDER < width < other * _WIDER and abs(own[0] - theirs[0]) < other / _WIDER


def _range(form: Preprocessing) -> tuple[float, float]:
    return form.low, form.high


def _form_text(form: Preprocessing) -> str:
    background = "no background" if form.background == "none" else f"a {form.background} background"
    return f"{background} and values from {form.low:g} to {form.high:g}"

"""The notation of spaces, in TOML or in a Python dict: from it to parameters, and back.

    network = ["mlp", "cnn"]                                # choices
    epochs = 10                                             # fixed
    learning_rate = {low = 1e-4, high = 1e-2, log = true}   # a range
    hidden = {low = 32, high = 512, layers = [1, 3]}        # sizes of 1 to 3 layers
    dropout = {low = 0.0, high = 0.5, when = {network = ["mlp"]}}
    normalization = {choices = ["none", "batch"], when = {network = ["mlp"]}}

Layers become parameters of their own: hidden.layers, their number; hidden.1, hidden.2, ...
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from glassnet.core.errors import GlassnetError, errors_inside, unknown
from glassnet.runs.settings import LISTS
from glassnet.tuning.domain import Choice, Parameter, Range, Scalar

Place = Callable[..., str]  # (name, key within it, ...) -> where that is, for errors
COUNT = "layers"  # the key, and the parameter's last name
MOST_LAYERS = 100
RANGE = ("low", "high", "log", "step", "points", COUNT)
KEYS = (*RANGE, "choices", "when")
_ARRAY = 'Write the choices: choices = ["relu", "tanh"].'
HINTS = {  # what people may write
    **dict.fromkeys(("min", "minimum", "lower", "from", "start"), "Did you mean 'low'?"),
    **dict.fromkeys(("max", "maximum", "upper", "to", "stop", "end"), "Did you mean 'high'?"),
    **dict.fromkeys(("values", "options", "categories", "value"), _ARRAY),
    **dict.fromkeys(("if", "condition", "only_if", "for"), "Did you mean 'when'?"),
    **dict.fromkeys(("type", "distribution", "dist"),
                    "Leave it out: a range is of whole numbers if low and high are."),
    **dict.fromkeys(("n", "num", "count", "grid"), "Did you mean 'points'?"),
}  # fmt: skip


def place_in(where: str) -> Place:
    """Return the place of keys in what is called `where`: "space: dropout.low"."""
    return lambda *keys: f"{where}: {'.'.join(keys)}" if keys else where


def setting_name(key: str) -> str:
    """Return the name of a setting that may be written like an option, as learning-rate."""
    return key.replace("-", "_")


def base_of(name: str) -> str:
    """Return the name in the notation: hidden of hidden.2."""
    return name.partition(".")[0]


def parameters(values: Mapping[str, Any], place: Place) -> tuple[Parameter, ...]:
    """Return the parameters that a table declares; errors name the place and the fix."""
    if not isinstance(values, Mapping):
        raise GlassnetError("is not a table of parameters.", where=place())
    result: list[Parameter] = []
    for key, value in values.items():
        name = setting_name(str(key))
        if not name.isidentifier():
            raise GlassnetError(f"{key!r:.80} is not the name of a parameter.", where=place(key))
        if any(base_of(other.name) == name for other in result):
            raise GlassnetError("is there twice, once with - and once with _.", where=place(key))
        try:
            for parameter in _declared(name, _plain(value)):
                result.append(parameter)
                require_conditions(result)
        except GlassnetError as error:
            keys = [part for part in error.where.split(".") if part]
            raise GlassnetError(error.what, where=place(name, *keys), fix=error.fix) from error
    if not result:
        raise GlassnetError(
            "has no parameters.", where=place(),
            fix="Declare one: learning_rate = {low = 1e-4, high = 1e-2, log = true}.",
        )  # fmt: skip
    return tuple(result)


def _declared(name: str, value: Any) -> list[Parameter]:
    """Return the parameters of one entry; the places of errors are relative to it."""
    if not isinstance(value, Mapping):
        return [Parameter(name, _choice(name, value))]
    for key in value:
        if key not in KEYS:
            error = unknown("key", key, KEYS)
            hint = HINTS.get(str(key).lower())
            raise GlassnetError(error.what, where=str(key), fix=hint or error.fix)
    when = _conditions(value.get("when", {}))
    if "choices" in value:
        if extra := [key for key in RANGE if key in value]:
            raise GlassnetError(
                "is for a range, but this one has choices.", where=extra[0], fix="Leave one out."
            )
        with errors_inside("choices"):
            return [Parameter(name, _choice(name, value["choices"]), when)]
    for key in ("low", "high"):
        if key not in value:
            other = "" if set(RANGE) & set(value) else " Or name the choices: choices = [...]."
            raise GlassnetError(f"lacks {key}.", fix=f"Write {key} = a number.{other}")
    options = {key: value[key] for key in RANGE if key in value and key != COUNT}
    domain = Range(**options)
    if COUNT not in value:
        return [Parameter(name, domain, when)]
    if not domain.whole or domain.low < 1:
        raise GlassnetError(
            "the size of a layer must be a whole number of at least 1.", where="low"
        )
    counts = _counts(value[COUNT])
    count = f"{name}.{COUNT}"
    numbers = range(1, max(counts) + 1)
    deep = {number: tuple(n for n in counts if n >= number) for number in numbers}
    return [
        Parameter(count, _count_domain(counts), when),
        *(Parameter(f"{name}.{n}", domain, {count: deep[n]}) for n in numbers),
    ]


def _plain(value: Any) -> Any:
    """Return NumPy's numbers and arrays as Python's numbers and lists, also inside others."""
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value.tolist() if hasattr(value, "tolist") else value


def _choice(name: str, value: Any) -> Choice:
    """Return the choices of an array, or the single choice of a value alone."""
    values = list(value) if isinstance(value, list | tuple) else [value]
    if name in LISTS:
        values = [",".join(map(str, sizes)) if _are_sizes(sizes) else sizes for sizes in values]
    return Choice(tuple(values))


def _are_sizes(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(type(n) is int and n > 0 for n in value)


def _counts(value: Any) -> tuple[int, ...]:
    """Return the numbers of layers of `layers = [1, 3]`, or of `layers = 2`."""
    ends = [value, value] if type(value) is int else value
    whole = isinstance(ends, list | tuple) and len(ends) == 2 and _are_sizes(ends)
    if not whole or not ends[0] <= ends[1] <= MOST_LAYERS:
        raise GlassnetError(
            f"must be the least and the largest number of layers, at most {MOST_LAYERS}; got "
            f"{value!r:.80}.",
            where=COUNT,
            fix="Write layers = [1, 3].",
        )
    return tuple(range(ends[0], ends[1] + 1))


def _count_domain(counts: tuple[int, ...]) -> Choice | Range:
    return Range(counts[0], counts[-1], step=1) if len(counts) > 1 else Choice(counts)


def _conditions(value: Any) -> dict[str, tuple[Scalar, ...]]:
    if not isinstance(value, Mapping):
        raise GlassnetError(
            f"must be a table, got {value!r:.80}.", where="when", fix='Write {network = ["mlp"]}.'
        )
    result = {}
    for key, values in value.items():
        values = tuple(values) if isinstance(values, list | tuple) else (values,)
        if not values:
            raise GlassnetError("has no values, so it is never true.", where=f"when.{key}")
        result[setting_name(str(key))] = values
    return result


def require_conditions(declared: list[Parameter] | tuple[Parameter, ...]) -> None:
    """Raise unless the last parameter's conditions are on values of earlier ones."""
    *earlier, last = declared
    domains = {parameter.name: parameter.domain for parameter in earlier}
    for name, values in last.when.items():
        where = f"when.{name}"
        if name not in domains:
            error = unknown("parameter", name, domains, where=where)
            what = f"{name!r:.80} is not a parameter above this one."
            raise GlassnetError(
                what, where=where, fix=error.fix if domains else "Declare it above."
            )
        domain = domains[name]
        for value in values:
            if value not in domain:
                if isinstance(domain, Choice):
                    known = [str(choice) for choice in domain.values]
                    fix = unknown("value", value, known).fix
                else:
                    fix = f"It is from {domain.low} to {domain.high}."
                raise GlassnetError(f"{name} is never {value!r:.80}.", where=where, fix=fix)


def table_of(declared: tuple[Parameter, ...]) -> dict[str, Any]:
    """Return the parameters in the notation, as JSON values."""
    result: dict[str, Any] = {}
    by_name = {parameter.name: parameter for parameter in declared}
    for parameter in declared:
        name, _, part = parameter.name.partition(".")
        entry = _entry(parameter.domain)
        if part == COUNT:
            domain = parameter.domain
            counts = domain.values if isinstance(domain, Choice) else (domain.low, domain.high)
            entry = _entry(by_name[f"{name}.1"].domain) | {COUNT: [counts[0], counts[-1]]}
        elif part:
            continue
        if parameter.when:
            entry["when"] = {other: list(values) for other, values in parameter.when.items()}
        result[name] = entry["choices"] if set(entry) == {"choices"} else entry
    return result


def _entry(domain: Choice | Range) -> dict[str, Any]:
    if isinstance(domain, Choice):
        return {"choices": list(domain.values)}
    entries = asdict(domain).items()
    return {key: value for key, value in entries if value is not None and value is not False}

"""Callbacks as Keras users write them: methods with the parameters (epoch, logs) or (batch, logs).

A method has Keras's style if it has a second parameter, one named as Keras's, or a default value.
"""

import inspect
from collections.abc import Mapping
from typing import Any

from glassnet.core.errors import GlassnetError

_ALIASES = {"on_train_batch_begin": "on_batch_begin", "on_train_batch_end": "on_batch_end"}


def methods_in_keras_style(kind: type, base: type) -> frozenset[str]:
    """Return the names of the methods of a class of callbacks that have Keras's parameters.

    Raises if one overrides a method that takes a record, which `super()` could not call.
    """
    names = [name for name in dir(kind) if name.startswith("on_") and callable(getattr(kind, name))]
    own = {name: getattr(kind, name) for name in names}
    styled = {n for n, m in own.items() if m is not getattr(base, n, None) and _in_keras_style(m)}
    for name in styled & set(vars(kind)):
        overridden = getattr(super(kind, kind), name, None)
        if not (overridden is getattr(base, name, None) or _in_keras_style(overridden)):
            raise GlassnetError(
                f"{name} has Keras's parameters, but overrides a method that takes a record.",
                where=f"class {kind.__name__}",
                fix=f"Write {name}(self, record) and return super().{name}(record); the record has "
                "epoch, step and logs.",
            )
    return frozenset(styled)


def add_later_methods(callback: Any, base: type) -> None:
    """Let methods be recognized that its class, or the callback alone, got after the class."""
    own = {n for n, m in vars(callback).items() if n.startswith("on_") and _in_keras_style(m, 0)}
    later = methods_in_keras_style(type(callback), base) | own
    if not later <= callback.in_keras_style:
        object.__setattr__(callback, "in_keras_style", callback.in_keras_style | later)


def _in_keras_style(method: Any, bound: int = 1) -> bool:
    try:
        parameters = [*inspect.signature(method).parameters.values()][bound:]
    except (TypeError, ValueError):
        return False
    plain = [p for p in parameters if p.kind is not p.VAR_KEYWORD]
    names = {p.name for p in plain} & {"epoch", "batch", "logs"}
    return bool(names) or len(plain) > 1 or any(p.default is not p.empty for p in plain)


def defines(callback: Any, base: type, point: str) -> bool:
    """True if the callback has this method, or its alias, and not only that of the base class."""
    return any(_own(callback, base, name) for name in (point, _ALIASES.get(point, point)))


def _own(callback: Any, base: type, name: str) -> bool:
    return name in vars(callback) or getattr(type(callback), name) is not getattr(base, name)


def require_callable(callback: Any, point: str) -> None:
    """Raise if a method can't be called with the arguments that it gets."""
    keras = point in callback.in_keras_style
    arguments = _arguments(point, 0, {}) if keras else (None,)
    method = getattr(callback, point)
    try:
        inspect.signature(method).bind(*arguments)
    except TypeError as error:
        raise GlassnetError(
            f"{point}{inspect.signature(method)} can't be called ({error}).",
            where=f"callback {type(callback).__name__}",
            fix=f"Write {point}(self, record), or as in Keras {point}(self, "
            f"{'epoch, ' if 'epoch' in point else 'batch, ' if 'batch' in point else ''}"
            "logs=None).",
        ) from None
    except ValueError:  # the signature is not known
        return


def _arguments(point: str, place: int, logs: dict[str, Any]) -> tuple[Any, ...]:
    return (place, logs) if "epoch" in point or "batch" in point else (logs,)


def call(callback: Any, base: type, point: str, record: Any) -> tuple[Any, Mapping[str, float]]:
    """Call a method in its style; return (what it returned, what it added to an epoch's logs).

    What a method in Keras's style returns is ignored, as by Keras.
    """
    if point in _ALIASES and not _own(callback, base, point):
        point = _ALIASES[point]
    if point not in callback.in_keras_style:
        return getattr(callback, point)(record), {}
    ends = point.endswith("_end")
    logs = dict(record.logs) if ends else {}
    place = record.epoch if "epoch" in point else record.step - ends
    getattr(callback, point)(*_arguments(point, place, logs))
    if point != "on_epoch_end":
        return None, {}
    before = record.logs
    new = {n: v for n, v in logs.items() if n not in before or v is not before[n]}
    return None, {name: _number(callback, name, value) for name, value in new.items()}


def _number(callback: Any, name: str, value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        raise GlassnetError(
            f"adds {name!r} to the logs, which is not a number: {value!r:.80}.",
            where=f"callback {type(callback).__name__}",
            fix="Keep it in an attribute: histories hold numbers.",
        ) from None

"""Spaces that hypothesis draws, in the notation."""

from typing import Any

from hypothesis import strategies as st

NAMES = ("units", "epochs", "learning_rate", "optimizer", "activation")
TEXTS = st.lists(st.sampled_from("abcdef"), min_size=1, max_size=4, unique=True)


@st.composite
def ranges(draw: st.DrawFn) -> dict[str, Any]:
    """A range: of whole numbers or not, logarithmic, in steps, or neither."""
    kind = draw(st.sampled_from(["plain", "log", "step"]))
    if draw(st.booleans()):
        low = draw(st.integers(1 if kind == "log" else -50, 50))
        step = draw(st.integers(1, 5))
        high: float = low + step * draw(st.integers(1, 20))
    else:
        low = (
            draw(st.integers(1, 50)) / 8 * (1 if kind == "log" else draw(st.sampled_from([-1, 1])))
        )
        step = draw(st.sampled_from([0.1, 0.25, 0.05]))
        high = round(low + step * draw(st.integers(1, 20)), 6)
    options: dict[str, Any] = {"low": low, "high": high}
    if kind == "log":
        options["log"] = True
    elif kind == "step":
        options["step"] = step
    if draw(st.booleans()):
        options["points"] = draw(st.integers(2, 4))
    return options


@st.composite
def spaces(draw: st.DrawFn) -> dict[str, Any]:
    """A table of parameters, some of which depend on choices above them."""
    table: dict[str, Any] = {}
    choices: dict[str, list[str]] = {}
    for name in draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=4, unique=True)):
        if draw(st.booleans()):
            values = draw(TEXTS)
            entry: dict[str, Any] = {"choices": values}
        else:
            values, entry = [], draw(ranges())
            if type(entry["high"]) is int and entry["low"] >= 1 and draw(st.booleans()):
                least = draw(st.integers(1, 2))
                entry |= {"layers": [least, draw(st.integers(least, 3))], "points": 2}
        if choices and draw(st.booleans()):
            other = draw(st.sampled_from(sorted(choices)))
            needed = draw(st.lists(st.sampled_from(choices[other]), min_size=1, unique=True))
            entry["when"] = {other: needed}
        table[name] = entry
        if values:
            choices[name] = values
    return table

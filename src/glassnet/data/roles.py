"""Which columns of a table are the target, the texts and the split, as people say or by name."""

import fnmatch
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace

from glassnet.core.errors import GlassnetError
from glassnet.data.audio.spectrogram import checked_rate
from glassnet.data.class_names import same_names
from glassnet.data.columns import date, number
from glassnet.data.columns.base import cells
from glassnet.data.columns.files import FILES
from glassnet.data.columns.image import size_of
from glassnet.data.columns.inference import Inferred, infer, require_column
from glassnet.data.events import named_columns
from glassnet.data.sources.tables import Table

TEXT_NAMES = ("text", "sentence", "review", "message", "comment", "content", "body", "document")
TARGET_NAMES = ("label", "class", "category", "target", "sentiment", "topic", "tag", "intent", "y")
FEATURES = ("number", "category", "date")  # types of columns that make features
_WORDS, _LETTERS = 6, 60  # a header cell with so many is probably a text
_SAMPLE = 1000  # rows of which the words are counted
_WORDY = 8  # mean words of a column's texts that are read beside other columns


@dataclass(frozen=True)
class Choices:
    """What people say of the columns of a table."""

    target: tuple[str, ...] = ()
    columns: tuple[tuple[str, str], ...] = ()  # (name, type)
    drop: tuple[str, ...] = ()
    task: str | None = None
    group: str | None = None  # rows with the same value stay on one side of a split
    time: str | None = None  # the latest rows are for testing
    text_column: str | None = None
    label_column: str | None = None
    test_file: str | None = None
    image_size: str | None = None  # of pictures
    encoding: str | None = None  # of texts that are not UTF-8
    user: str | None = None  # of events, from which items are recommended
    item: str | None = None
    min_rating: float | None = None  # the least rating of an event that counts
    sample_rate: int | None = None  # of clips

    @property
    def first_option(self) -> str:
        """The first option that was chosen; "" if none was."""
        names = (f.name for f in fields(self) if getattr(self, f.name) not in (None, "", ()))
        return next(names, "").rstrip("s").replace("_", "-")

    @property
    def types(self) -> dict[str, str]:
        """The types that were chosen."""
        return {**dict(self.columns), **dict.fromkeys(self.drop, "dropped")}


@dataclass(frozen=True, eq=False)
class Roles:
    """What each column of a table is for."""

    target: tuple[str, ...]
    columns: list[Inferred]  # all but target, split and group
    text: str | None = None  # the column of texts, if only it is read
    split: str | None = None
    names: tuple[str, ...] = ()  # of all columns of the table


def roles_of(table: Table, choices: Choices) -> Roles:
    """Return what each column is for. Raises GlassnetError if it can't be told.

    A * in the name of a target or of a dropped column stands for any letters.
    """
    choices = replace(
        choices,
        target=_matching(choices.target, table.columns),
        drop=_matching(choices.drop, table.columns),
    )
    chosen = _chosen_target(choices)
    named = {"--target": chosen, "--drop": choices.drop, "--group": (choices.group,),
             "--time": (choices.time,), "--text-column": (choices.text_column,)}  # fmt: skip
    if choices.label_column:
        named["--label-column"] = named.pop("--target")
    if any(name not in (None, *table.columns) for names in named.values() for name in names):
        _require_names(table)
    for option, names in named.items():
        for name in (name for name in names if name is not None):
            require_column(table, name, option)
    dropped = {*choices.drop, choices.text_column, choices.group, choices.time}
    target = chosen or _target(table, dropped)
    split = _named(table.columns, ("split",))
    apart = {*target, choices.group, split if split not in target else None}
    inputs = [name for name in table.columns if name not in apart]
    if not inputs:
        raise GlassnetError("has no column but the target.", where=table.source)
    part = replace(table, frame=table.frame.select(inputs))
    types = {name: kind for name, kind in choices.types.items() if name in inputs}
    for name, _ in choices.columns:
        require_column(table, name, "--column")
    columns = [_sized(column, choices) for column in infer(part, types)]
    for option, noun, kind in (("image-size", "pictures", "image"),
                               ("sample-rate", "audio clips", "audio")):  # fmt: skip
        chosen_form = getattr(choices, option.replace("-", "_"))
        if chosen_form is not None and not any(c.type == kind for c in columns):
            raise GlassnetError(f"is for {noun}; there are none.", where=f"--{option}")
    text = _text(part, columns, choices) if len(target) == 1 else None
    if text is None:
        columns = [_read(column, types) for column in columns]
    if text is None and not any(column.values is not None for column in columns):
        kinds = "; ".join(f"{c.name} ({c.type}: {c.reason})" for c in columns)
        raise GlassnetError(
            f"has no column to predict {target[0]} from: {kinds:.300}.",
            where=table.source,
            fix="Say what a column is: --column NAME=category.",
        )
    if not chosen and text is not None and choices.text_column is None:
        _require_header(table, text, target[0])
    return Roles(target, columns, text, split if split in apart else None, (*table.columns,))


def _matching(patterns: Sequence[str], columns: Sequence[str]) -> tuple[str, ...]:
    """Return the columns that match the patterns, and the patterns that none matches."""
    names: dict[str, None] = {}
    for pattern in patterns:
        some = [] if pattern in columns or "*" not in pattern else fnmatch.filter(columns, pattern)
        names |= dict.fromkeys(some or [pattern])
    return tuple(names)


def _sized(column: Inferred, choices: Choices) -> Inferred:
    """Return a column of pictures or clips with the size or rate that was chosen; others as they
    are.
    """
    if column.type == "audio" and choices.sample_rate is not None:
        return replace(column, form=str(checked_rate(choices.sample_rate)))
    if column.type != "image" or choices.image_size is None:
        return column
    size_of(choices.image_size)  # raises
    return replace(column, form=choices.image_size)


def _chosen_target(choices: Choices) -> tuple[str, ...]:
    if choices.label_column is None:
        return choices.target
    if choices.target not in ((), (choices.label_column,)):
        what = f"the target is {choices.target[0]!r}: leave one of the two out."
        raise GlassnetError(what, where="--label-column")
    return (choices.label_column,)


def _named(columns: Sequence[str], names: Sequence[str]) -> str | None:
    """Return the first of these names that is a column, ignoring case; None if none is."""
    own = {column.lower(): column for column in reversed(columns)}
    return next((own[name] for name in names if name in own), None)


def _target(table: Table, others: set[str | None]) -> tuple[str, ...]:
    """Return the target by its name, or the only column of few different values."""
    columns = [c for c in table.columns if c not in others and c.lower() != "split"]
    names = TARGET_NAMES[: -1 if _named(columns, ("z",)) else None]  # x, y and z are measures
    if (name := _named(columns, names)) is not None:
        return (name,)
    inputs = [column for column in columns if column.lower() not in TEXT_NAMES]
    few = [c for c in inputs if 2 * cells(table.frame[c]).n_unique() <= len(table)]
    if len(few) == 1:
        return (few[0],)
    _require_names(table)
    roles = named_columns(table.columns)
    hint = ""
    if roles["user"] and roles["item"]:
        hint = f" To recommend {roles['item']} to {roles['user']}: --network recommender."
    raise GlassnetError(
        f"can't tell which column is the target: there are {', '.join(table.columns):.200}.",
        where=f"{table.source}: line 1" if table.unit == "line" else table.source,
        fix="Name it: --target NAME (target= in Python)." + hint,
    )


def _text(table: Table, columns: Sequence[Inferred], choices: Choices) -> str | None:
    """Return the column of texts, if it alone is read; None if the input is a table.

    It is the column of that name, or the one with the longest texts if no other is read.
    """
    if choices.text_column is not None or choices.task not in (None, "classes"):
        return choices.text_column
    read = [c.name for c in columns if _read(c, choices.types).values is not None]
    words = [c for c in columns if c.type in ("text", "id") and c.values is not None]
    alone = [c for c in columns if c.type == "category" and read == [c.name]]
    by_name = _named([column.name for column in (*words, *alone)], TEXT_NAMES)
    if by_name is not None and read == [by_name] and not cells(table.frame[by_name]).has_nulls():
        return by_name
    if not words or len(read) > 1 or not {column.name for column in words}.issuperset(read):
        return None
    return max(words, key=lambda c: table.frame[c.name].str.len_bytes().sum() or 0).name


def _read(column: Inferred, types: Mapping[str, str]) -> Inferred:
    """Return a column that makes features or texts; of others, without its values.

    Short texts beside other columns, such as names of people, are read only if they are chosen.
    """
    if column.type in (*FEATURES, *FILES) or column.values is None:
        return column
    if column.name.lower() in TEXT_NAMES or types.get(column.name) == "text":
        return replace(column, type="text")
    if column.type != "text":
        return replace(column, values=None)
    words = column.values.drop_nulls().head(_SAMPLE).str.count_matches(r"\S+").mean()
    if isinstance(words, float) and words >= _WORDY:
        return column
    reason = f"{column.reason}; not read beside other columns unless it is chosen"
    return replace(column, values=None, reason=reason)


def _require_names(table: Table) -> None:
    """Raise if the names of the columns are mostly numbers and dates: then a header is missing."""
    import polars as pl

    names = table.columns
    values = [name for name in names if number.forms_of(one := pl.Series([name])) or
              date.forms_of(one)]  # fmt: skip
    if table.unit == "line" and len(values) >= 2 and 3 * len(values) >= len(names):
        raise GlassnetError(
            f"is probably an example, not a header: it has {', '.join(map(repr, values)):.100}.",
            where=f"{table.source}: line 1",
            fix="Add a first line that names the columns.",
        )


def _require_header(table: Table, text: str, label: str) -> None:
    """Raise if the first line, whose columns were detected, is probably an example."""
    if text.lower() in TEXT_NAMES or label.lower() in TARGET_NAMES:
        return
    import polars as pl

    labels = cells(table.frame[label]).drop_nulls().unique()
    if same_names((label, *labels)) or label in labels:
        problem = f"its {label!r} is also a label below"
    elif len(text.split()) >= _WORDS or len(text) >= _LETTERS:
        problem = f"{text!r:.60} reads like a text"
    elif number.forms_of(pl.Series([label])) and number.forms_of(labels):
        problem = f"its {label!r} is a number, as the labels below are"
    else:
        return
    raise GlassnetError(
        f"is probably an example, not a header: {problem}.",
        where=f"{table.source}: line 1",
        fix="Add a first line that names the columns, such as text,label; if this is the "
        "header, use --text-column NAME --label-column NAME.",
    )

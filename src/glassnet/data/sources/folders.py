"""A folder that holds a folder of files for each class: pictures, audio clips or texts.

The folders of the classes lie in it, or in its folders train, validation and test.
"""

import os
import shlex
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from glassnet.core.doubts import doubt
from glassnet.core.errors import GlassnetError
from glassnet.core.plurals import are, counted
from glassnet.data.columns.base import MISSING
from glassnet.data.parts import PARTS, part_named
from glassnet.data.sources.folder_tree import entries, joined, paths_below
from glassnet.data.sources.media import MEDIA, kind_of_file
from glassnet.data.sources.tables import TABLES, Table
from glassnet.data.sources.text_files import utf8_of

if TYPE_CHECKING:
    import polars as pl

FILE, TEXT, LABEL, SPLIT = "file", "text", "label", "split"  # the columns
_FEW = 0.1  # share of files of other kinds up to which they are left out
_NAMED = 3  # files in a message


class _File(NamedTuple):
    path: str  # from the folder, with / between the parts
    label: str
    part: str | None  # "train", "validation" or "test"


def read_folder(folder: str, encoding: str | None = None) -> Table:
    """Return a row for each file of the classes' folders: `file`, its path, or `text`, its content;
    `label`; and `split`, if there are folders for training and testing.

    Hidden files are left out, others that are not read are doubted. Raises GlassnetError that names
    the folder or the file.
    """
    import polars as pl

    parts = _parts(folder)
    files, kind = _files(folder, parts)
    _check_classes(folder, files, kind)
    table = _table(folder, files, kind, encoding)
    if len(parts) == 1:
        return table
    return replace(
        table, frame=table.frame.with_columns(pl.Series(SPLIT, [file.part for file in files]))
    )


def read_labeled_folder(folder: str, encoding: str | None = None) -> Table:
    """Return a row for each file of the classes' folders, as `read_folder`; one class is enough.

    Raises GlassnetError for a folder with folders for training and testing.
    """
    if parts := [name for name in entries(folder, "")[0] if part_named(name)]:
        raise GlassnetError(
            f"has the folders {_listed(parts)}, which are parts of the data.",
            where=folder,
            fix=f"Give one of them: {shlex.quote(os.path.join(folder, parts[-1]))}.",
        )
    return _table(folder, *_files(folder, [(None, "")]), encoding)


def _files(folder: str, parts: Sequence[tuple[str | None, str]]) -> tuple[list[_File], str]:
    """Return the files in the folders of the classes of all parts, and what they are."""
    files = [file for part, place in parts for file in _files_of_classes(folder, place, part)]
    kind = _kind(folder, files)
    return [file for file in files if kind_of_file(file.path) == kind], kind


def _table(folder: str, files: Sequence[_File], kind: str, encoding: str | None) -> Table:
    import polars as pl

    paths = [file.path for file in files]
    columns = [
        _texts(folder, paths, encoding) if kind == "texts" else pl.Series(FILE, paths),
        pl.Series(LABEL, [file.label for file in files]),
    ]
    return Table(pl.DataFrame(columns), np.array(paths), folder, "file")


def _parts(folder: str) -> list[tuple[str | None, str]]:
    """Return (part, its folder) in the order of `PARTS`; [(None, "")] if there are none."""
    names = entries(folder, "")[0]
    named = [(part, name) for name in names if (part := part_named(name)) is not None]
    if not named:
        return [(None, "")]
    others = [name for name in names if part_named(name) is None]
    if others:
        raise GlassnetError(
            f"has the folders {named[0][1]!r} and {others[0]!r} side by side: is {named[0][1]!r} a "
            "class, or a part of the data?",
            where=folder,
            fix=f"Rename it, if it is a class; move {_listed(others)} into it or away, if not.",
        )
    counts = Counter(part for part, _ in named)
    for part, count in counts.items():
        if count > 1:
            same = [name for other, name in named if other == part]
            what = f"has {count} folders for {part}: {_listed(same)}."
            raise GlassnetError(what, where=folder, fix="Join them, or rename one.")
    if PARTS[0] not in counts:
        raise GlassnetError(
            f"has the folder {named[0][1]!r}, but no folder 'train'.",
            where=folder,
            fix="Name the folder with the training files train.",
        )
    return sorted(named, key=lambda pair: PARTS.index(pair[0]))


def _files_of_classes(folder: str, place: str, part: str | None) -> Iterator[_File]:
    """Yield the files in the folders of the classes."""
    where = os.path.join(folder, place) if place else folder
    classes, beside = entries(folder, place)
    media = [name for name in beside if kind_of_file(name)]
    if not classes:
        _refuse_flat(where, media, part)
    direct, below = {}, {}
    for name in classes:
        at = joined(place, name)
        direct[name], below[name] = entries(folder, at)[1], [*paths_below(folder, at, ())]
    if not any(direct.values()) and any(below.values()):
        _refuse_level(where, folder, place, classes)
    if media:
        doubt(
            f"{counted(len(media), 'file')} in no class folder {are(len(media))} not read: "
            f"{_listed(media)}.",
            where,
            "Move them into the folder of their class.",
        )
    for name in classes:
        if not below[name]:
            doubt(
                f"the folder {name!r} is empty, and is not a class.", where,
                "Remove it, or put its files there.",
            )  # fmt: skip
        elif not direct[name]:
            doubt(
                f"the folder {name!r} has only folders in it, whose files are all of the class "
                f"{name!r}.",
                where,
                "If they are classes, move them up.",
            )
        for path in below[name]:
            yield _File(path, name, part)


def _refuse_flat(where: str, media: Sequence[str], part: str | None) -> None:
    """Raise: there are no folders."""
    if media and part == "test":
        fix = "Move it away, and predict its files: glassnet predict RUN FOLDER."
    else:
        fix = "Make a folder for each class in it, named like the class, and move the files there."
    what = f"has no folders of classes, only {counted(len(media), 'file')}: {_listed(media)}."
    raise GlassnetError(what if media else "contains no files.", where=where, fix=fix)


def _refuse_level(where: str, folder: str, place: str, classes: Sequence[str]) -> None:
    """Raise: the folders hold only folders."""
    if len(classes) == 1:
        at = os.path.join(where, classes[0])
        fix = f"Is {classes[0]!r} the folder of the data? Then give {shlex.quote(at)}."
    else:
        inner = entries(folder, joined(place, classes[0]))[0]
        fix = (
            f"Are {_listed(inner)} the classes? Then give {shlex.quote(f'{where}/{classes[0]}')}, "
            "or move the folders up by one level."
        )
    what = f"its folders, {_listed(classes)}, hold no files but folders: the level is wrong."
    raise GlassnetError(what, where=where, fix=fix)


def _kind(folder: str, files: Sequence[_File]) -> str:
    """Return what most files are; doubts a few others, and raises if they are many."""
    kinds = Counter(kind_of_file(file.path) for file in files)
    known = [(count, kind) for kind, count in kinds.items() if kind is not None]
    if not known:
        ends = Counter(os.path.splitext(file.path)[1].lower() for file in files)
        what = f"holds no pictures, audio clips or texts, but {_listed([*ends], quote=False)}."
        if not files:
            what = "contains no files."
        fix = f"These are read: {', '.join(end for ends in MEDIA.values() for end in ends)}."
        raise GlassnetError(what, where=folder, fix=fix)
    count, kind = max(known)
    others = [file.path for file in files if kind_of_file(file.path) != kind]
    if len(known) > 1 and len(files) - count > _FEW * len(files):
        counts = " and ".join(f"{number:,} {name}" for number, name in sorted(known)[::-1])
        example = next(path for path in others if kind_of_file(path) is not None)
        raise GlassnetError(
            f"holds {counts} (such as {example}), but one kind of files is read from a folder.",
            where=folder,
            fix="Move one kind away; or write a table with a column of paths for each kind.",
        )
    if others:
        article = "an" if kind.startswith("a") else "a"
        noun = kind if len(others) > 1 else f"{article} {kind.removesuffix('s')}"
        doubt(
            f"{counted(len(others), 'file')} {are(len(others))} not {noun}, and "
            f"{are(len(others))} not read: {_listed(others)}.",
            folder,
            f"{kind.capitalize()} end in {', '.join(MEDIA[kind])}.",
        )
    return kind


def _check_classes(folder: str, files: Sequence[_File], kind: str) -> None:
    """Raise if there are less than two classes, or one without training files; doubt one that is
    not in all parts.
    """
    merged: dict[str, list[str]] = {}
    for label in sorted({file.label for file in files}):
        merged.setdefault(label.strip(), []).append(label)
    for names in (names for names in merged.values() if len(names) > 1):
        doubt(
            f"the folders {' and '.join(map(repr, names))} differ only by spaces, and are one "
            "class.",
            folder,
            "Rename them if they are different classes; else move the files into one of them.",
        )
    counts = Counter((file.part, file.label) for file in files)
    labels = sorted({file.label for file in files})
    if len(labels) < 2:
        tables = [name for name in entries(folder, "")[1] if name.lower().endswith(TABLES)]
        hint = ""
        if tables:
            hint = f" If its table names the files, give {shlex.quote(f'{folder}/{tables[0]}')}."
        raise GlassnetError(
            f"has {kind} of only one class, {labels[0]!r}; classification needs at least two.",
            where=folder,
            fix=f"Make a folder for each class, named like the class.{hint}",
        )
    if kind != "texts" and (unnamed := [label for label in labels if label.strip() in MISSING]):
        raise GlassnetError(
            f"has the class {unnamed[0]!r}, which stands for a missing value in a table.",
            where=folder,
            fix="Rename the folder, for example to nothing.",
        )
    parts = [part for part in PARTS if any(file.part == part for file in files)]
    for label in labels if parts else ():
        missing = [part for part in parts if not counts[part, label]]
        if "train" in missing:
            file = next(file for file in files if file.label == label)
            raise GlassnetError(
                f"the class {label!r} has no {kind} for training, only such as {file.path}.",
                where=folder,
                fix="Put some into the folder of this class in train; names must be equal.",
            )
        if missing:
            doubt(
                f"the class {label!r} has no {kind} in {' and '.join(missing)}.",
                folder,
                "Its predictions can't be evaluated: move some there.",
            )


def _texts(folder: str, paths: Sequence[str], encoding: str | None) -> "pl.Series":
    import polars as pl

    texts = (utf8_of(os.path.join(folder, path), encoding) for path in paths)
    return pl.Series(TEXT, [text.decode() for text in texts])


def _listed(names: Iterable[str], quote: bool = True) -> str:
    """Return the first of the names, and how many more there are."""
    names = [repr(name) if quote else name for name in names]
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    return f"{', '.join(names[:_NAMED]):.300}{more}"

"""`glassnet data`."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from glassnet.cli.options import AsJson, DataDir, offers
from glassnet.cli.printing import column_lines, show_result, shown
from glassnet.core.plurals import listed
from glassnet.core.tables import table
from glassnet.core.terminal import say
from glassnet.runs.command import TABLE

if TYPE_CHECKING:
    from glassnet.data.dataset import Dataset

_VALUES = {
    "features": "features", "image": "pixels", "audio": "values of spectrograms", "text": "tokens",
}  # fmt: skip


@offers(*TABLE)
def command(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="NAME",
            help="The name of a data set; a .npz, .csv, .tsv or .txt file; or a folder with a "
            "folder of files for each class. Without it, list all names.",
        ),
    ] = None,
    audit_labels: Annotated[
        bool,
        typer.Option("--audit", help="Search for copies, likely label errors and outliers."),
    ] = False,
    top: Annotated[int, typer.Option(min=1, help="Rows to show per finding.")] = 10,
    out: Annotated[
        str | None, typer.Option(help="SVG or PNG file to draw the likely label errors to.")
    ] = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
    **table_options: Any,
) -> None:
    """Show what a data set contains; download it if necessary.

    --audit also trains small networks to find copies, likely label errors and outliers.
    """
    from glassnet.core.arrays import map_arrays, shapes_of
    from glassnet.data import NAMES, Interactions, Rows, load
    from glassnet.runs.data import choices_of

    if name is None:
        names = table([("name", "what it is"), *NAMES.items()], "<<")
        show_result(as_json, {"names": dict(NAMES)}, names)
        return
    data = load(name, data_dir, **choices_of(table_options))
    if audit_labels:
        from glassnet.audit import audit
        from glassnet.audit.cache import save_audit
        from glassnet.audit.plot import write_suspects

        result = audit(data)
        save_audit(result)
        if out is not None:
            say(f"likely label errors drawn to: {write_suspects(result, data, out)}")
        show_result(as_json, result, result.lines(top))
        return
    x, counts = data.x_train, _counts(data)
    value = {
        "name": data.name,
        "source": data.source,
        "sha256": data.sha256,
        "kind": data.kind,
        "shape": shapes_of(x),
        "dtype": map_arrays(lambda array: str(array.dtype), x),
        "train": len(data.y_train),
        "test": len(data.y_test),
        "classes": [{"name": c, "train": a, "test": b} for c, a, b in counts],
    }
    if isinstance(data, Interactions):
        value |= {"task": data.task, "events": data.columns, "left_out": data.left_out}
    if isinstance(data, Rows):
        value |= {"task": data.task, "target": data.target.columns, "columns": data.card}
    rows: list[Any] = [
        ("label", "class" if data.task != "labels" else "rows with", "train", "test")
    ]
    rows += [(str(i), c, f"{a:,}", f"{b:,}") for i, (c, a, b) in enumerate(counts)]
    every = "users" if isinstance(data, Interactions) else "all"
    rows.append(("", every, f"{len(data.y_train):,}", f"{len(data.y_test):,}"))
    lines = [
        f"{data.name}, from {data.source}",
        _examples(data),
        f"sha256 {data.sha256}",
        "",
        *(columns := column_lines(data)),
        *([""] if columns else []),
        *table(rows, "><>>"),
    ]
    show_result(as_json, value, lines)


def _examples(data: "Dataset") -> str:
    """Return what the examples are."""
    from glassnet.data import Rows

    x = data.x_train
    if isinstance(data, Rows):
        arrays = [f"{shown(i.shape)} {_VALUES[i.kind]}" for i in data.preprocessing.inputs]
        return f"rows of {listed(arrays)}"
    values = {
        "numbers": f"{x.dtype}, values {x.min():g} to {x.max():g}",
        "texts": "tokens: bytes of texts",
        "corpus": "tokens: windows of one long text; the target is the next byte",
        "interactions": "1 for each item that a user has",
    }
    return f"examples of shape {x.shape[1:]}, {values[data.kind]}"


def _counts(data: "Dataset") -> list[tuple[str, int, int]]:
    """Return (class, training examples, test examples) for each class."""
    import numpy as np

    count = len(data.class_names)
    if not count:
        return []
    if data.task == "labels":
        sums = (y.sum(axis=0).astype(int).tolist() for y in (data.y_train, data.y_test))
        return list(zip(data.class_names, *sums, strict=True))
    train, test = (np.bincount(y, minlength=count).tolist() for y in (data.y_train, data.y_test))
    return list(zip(data.class_names, train, test, strict=True))

"""`glassnet data`."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from glassnet.cli.options import TABLE, AsJson, DataDir, offers
from glassnet.cli.printing import show, show_json, show_message
from glassnet.core.tables import table

if TYPE_CHECKING:
    from glassnet.data.dataset import Dataset


@offers(*TABLE)
def command(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="NAME",
            help="The name of a data set, or a .npz, .csv, .tsv or .txt file. Without it, list all "
            "names.",
        ),
    ] = None,
    audit_labels: Annotated[
        bool,
        typer.Option("--audit", help="Search for duplicates, likely label errors and outliers."),
    ] = False,
    top: Annotated[int, typer.Option(min=1, help="Rows to show per finding.")] = 10,
    out: Annotated[
        str | None, typer.Option(help="SVG or PNG file to draw the suspected label errors to.")
    ] = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
    **table_options: Any,
) -> None:
    """Show what a data set contains; download it if necessary.

    --audit also trains small networks to find duplicates, likely label errors and outliers.
    """
    from glassnet.data import NAMES, load

    if name is None:
        if as_json:
            show_json({"names": dict(NAMES)})
        else:
            show(table([("name", "what it is"), *NAMES.items()], "<<"))
        return
    data = load(name, data_dir, **table_options)
    if audit_labels:
        from glassnet.audit import audit
        from glassnet.audit.cache import save_audit
        from glassnet.audit.plot import write_suspects

        result = audit(data)
        save_audit(result)
        if out is not None:
            show_message(f"suspected label errors drawn to: {write_suspects(result, data, out)}")
        if as_json:
            show_json(result)
        else:
            show(result.lines(top))
        return
    rows = _counts(data)
    if as_json:
        show_json(
            {
                "name": data.name,
                "source": data.source,
                "sha256": data.sha256,
                "kind": data.kind,
                "shape": list(data.x_train.shape[1:]),
                "dtype": str(data.x_train.dtype),
                "train": len(data.x_train),
                "test": len(data.x_test),
                "classes": [{"name": c, "train": a, "test": b} for c, a, b in rows],
            }
        )
        return
    lines: list[Any] = [("label", "class", "train", "test")]
    lines += [(str(i), c, f"{a:,}", f"{b:,}") for i, (c, a, b) in enumerate(rows)]
    lines.append(("", "all", f"{len(data.x_train):,}", f"{len(data.x_test):,}"))
    x = data.x_train
    values = {
        "numbers": f"{x.dtype}, values {x.min():g} to {x.max():g}",
        "texts": "tokens: bytes of texts",
        "corpus": "tokens: windows of one long text; the target is the next byte",
    }
    show(
        [
            f"{data.name}, from {data.source}",
            f"examples of shape {x.shape[1:]}, {values[data.kind]}",
            f"sha256 {data.sha256}",
            "",
            *table(lines, "><>>"),
        ]
    )


def _counts(data: "Dataset") -> list[tuple[str, int, int]]:
    """Return (class, training examples, test examples) for each class."""
    import numpy as np

    count = len(data.class_names)
    if not count:
        return []
    train, test = (np.bincount(y, minlength=count).tolist() for y in (data.y_train, data.y_test))
    return list(zip(data.class_names, train, test, strict=True))

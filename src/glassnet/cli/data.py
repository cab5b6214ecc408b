"""`glassnet data`."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from glassnet.cli.options import TABLE, AsJson, DataDir, offers
from glassnet.cli.printing import show, show_json, tell
from glassnet.core.tables import table

if TYPE_CHECKING:
    from glassnet.data.dataset import Dataset


@offers(*TABLE)
def command(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="NAME",
            help="A data set's name, a file.npz, .csv, .tsv or .txt; without it, the names.",
        ),
    ] = None,
    look: Annotated[
        bool,
        typer.Option("--audit", help="Look for copies, likely wrong labels and odd examples."),
    ] = False,
    top: Annotated[int, typer.Option(min=1, help="Rows of each finding to show.")] = 10,
    out: Annotated[
        str | None, typer.Option(help="SVG or PNG file for a picture of the suspect labels.")
    ] = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
    **table_options: Any,
) -> None:
    """Find or fetch a data set, check it, and show what is in it.

    With --audit, which trains small networks: which examples are copies of others, which labels
    are likely wrong, and which examples are odd.
    """
    from glassnet.data import NAMES, load

    if name is None:
        if as_json:
            show_json({"names": dict(NAMES)})
        else:
            show(table([("name", "what it is"), *NAMES.items()], "<<"))
        return
    data = load(name, data_dir, **table_options)
    if look:
        from glassnet.audit import audit
        from glassnet.audit.cache import save_audit
        from glassnet.audit.plot import write_suspects

        result = audit(data)
        save_audit(result)
        if out is not None:
            tell(f"picture of the suspect labels: {write_suspects(result, data, out)}")
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
    shown: list[Any] = [("label", "class", "train", "test")]
    shown += [(str(i), c, f"{a:,}", f"{b:,}") for i, (c, a, b) in enumerate(rows)]
    shown.append(("", "all", f"{len(data.x_train):,}", f"{len(data.x_test):,}"))
    x = data.x_train
    values = {
        "numbers": f"{x.dtype}, values {x.min():g} to {x.max():g}",
        "texts": "tokens: the bytes of texts",
        "corpus": "tokens: windows of one long text, whose bytes are to be predicted",
    }
    show(
        [
            f"{data.name}, from {data.source}",
            f"examples of shape {x.shape[1:]}, {values[data.kind]}",
            f"sha256 {data.sha256}",
            "",
            *table(shown, "><>>"),
        ]
    )


def _counts(data: "Dataset") -> list[tuple[str, int, int]]:
    """(class, training examples, test examples) of each class."""
    import numpy as np

    number = len(data.class_names)
    if not number:
        return []
    train, test = (np.bincount(y, minlength=number).tolist() for y in (data.y_train, data.y_test))
    return list(zip(data.class_names, train, test, strict=True))

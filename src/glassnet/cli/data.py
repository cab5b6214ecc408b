"""`glassnet data`."""

from typing import Annotated, Any

import typer

from glassnet.cli.common import AsJson, DataDir, show, show_json, tell


def command(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="fashion-mnist, digits, or a file.npz")
    ],
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Find or fetch a data set, check it, and show what is in it."""
    import numpy as np

    from glassnet.data import load
    from glassnet.tables import table

    data = load(name, data_dir, tell)
    classes = len(data.class_names)
    train, test = (np.bincount(y, minlength=classes) for y in (data.y_train, data.y_test))
    if as_json:
        show_json(
            {
                "name": data.name,
                "source": data.source,
                "sha256": data.sha256,
                "shape": list(data.x_train.shape[1:]),
                "dtype": str(data.x_train.dtype),
                "classes": [
                    {"name": c, "train": int(a), "test": int(b)}
                    for c, a, b in zip(data.class_names, train, test, strict=True)
                ],
            }
        )
        return
    rows: list[Any] = [("label", "class", "train", "test")]
    rows += [(str(i), c, f"{train[i]:,}", f"{test[i]:,}") for i, c in enumerate(data.class_names)]
    rows.append(("", "all", f"{train.sum():,}", f"{test.sum():,}"))
    x = data.x_train
    show(
        [
            f"{data.name}, from {data.source}",
            f"examples of shape {x.shape[1:]}, {x.dtype}, values {x.min():g} to {x.max():g}",
            f"sha256 {data.sha256}",
            "",
            *table(rows, "><>>"),
        ]
    )

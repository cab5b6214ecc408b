"""The options for reading tables."""

from dataclasses import dataclass
from typing import Any

from glassnet.runs.option import TABLES, option


def table_option(help: str, **details: Any) -> Any:
    """Return an option for tables; None means that the columns are looked at."""
    return option(None, help, TABLES, **details)


@dataclass(frozen=True, kw_only=True)
class Columns:
    """The options for reading tables."""

    target: tuple[str, ...] | None = table_option(
        "Column to predict; again for others, or with * in it: class*. Default: label, class, "
        "target, ..., or the only column with few different values.",
        metavar="COLUMN",
    )
    task: str | None = table_option(
        "What the target is, if its values leave a doubt: classes, labels (any of them at once), "
        "numbers or counts; items: recommend them, from events of users and items.",
        metavar="TASK",
    )
    column: tuple[str, ...] | None = table_option(
        "Type of a column: number, category, date, text, image, audio, or id, which is not read; "
        "again for others.",
        metavar="NAME=TYPE",
    )
    drop: tuple[str, ...] | None = table_option(
        "Column that is not read; again for others, or with * in it.", metavar="COLUMN"
    )
    group: str | None = table_option(
        "Rows with the same value in this column, such as a person, stay in one part of a split.",
        metavar="COLUMN",
    )
    time: str | None = table_option(
        "Train on the rows that are earlier by this column, test on the latest fifth.",
        metavar="COLUMN",
    )
    user: str | None = table_option(
        "Column of users, to whom items are recommended, or whose ratings of items are the "
        "--target. Default: user_id, customer, ...",
        metavar="COLUMN",
    )
    item: str | None = table_option(
        "Column of the items that are recommended or rated. Default: item_id, product, movieId, "
        "...",
        metavar="COLUMN",
    )
    min_rating: float | None = table_option(
        "Recommend from the events with at least this rating; others are not read. Default: from "
        "all events, whatever their rating.",
        metavar="RATING",
    )
    text_column: str | None = table_option(
        "Column that holds texts, which alone are read, if it is ambiguous.", metavar="COLUMN"
    )
    label_column: str | None = table_option("Of texts, the same as --target.", metavar="COLUMN")
    encoding: str | None = table_option(
        "Encoding of text files that are not UTF-8, such as cp1252.", metavar="NAME"
    )
    image_size: str | None = table_option(
        "Size of pictures, in pixels: 64, or 64x48 for width and height. Default: their own, if "
        "they have one size of at most 64; else 64.",
        metavar="SIZE",
    )
    sample_rate: int | None = table_option(
        "Samples per second to which clips are resampled. Default: that of most clips, from 4000 "
        "to 16000; 44100 keeps sounds above 8 kHz.",
        metavar="HZ",
    )
    test_file: str | None = table_option(
        "Table with the test set. Default: the rows marked in a column named split, else a fifth "
        "of the rows.",
        metavar="FILE",
    )

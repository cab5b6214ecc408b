"""Which columns are users and items, and what a model knows of them."""

import polars as pl
import pytest

from glassnet.core.errors import GlassnetError
from glassnet.data.events import Events, event_columns
from glassnet.data.roles import Choices
from glassnet.data.sources.tables import Table


def table(*columns: str) -> Table:
    return Table.numbered(pl.DataFrame({name: ["1", "2"] for name in columns}), "e.csv")


@pytest.mark.parametrize(
    ("columns", "roles"),
    [
        (("userId", "movieId", "rating", "time"), ("userId", "movieId", "time", "rating")),
        (("Customer ID", "StockCode", "when"), ("Customer ID", "StockCode", None, None)),
        (("item", "user"), ("user", "item", None, None)),
        (("stars", "business_id", "user_id", "date"), ("user_id", "business_id", "date", "stars")),
    ],
)  # fmt: skip
def test_columns_by_name(columns: tuple[str, ...], roles: tuple[str | None, ...]) -> None:
    guessed = event_columns(table(*columns), Choices())
    assert (guessed.user, guessed.item, guessed.time, guessed.rating) == roles


def test_chosen_columns_are_taken_and_typos_named() -> None:
    chosen = event_columns(table("userId", "movieId", "title"), Choices(item="title"))
    assert (chosen.user, chosen.item) == ("userId", "title")
    with pytest.raises(GlassnetError, match="titel"):
        event_columns(table("userId", "title"), Choices(item="titel"))
    with pytest.raises(GlassnetError, match=r"which column is the item.*--item COLUMN"):
        event_columns(table("user", "thing"), Choices())


def test_unknown_items_and_missing_names_are_doubted(caplog: pytest.LogCaptureFixture) -> None:
    events = Events("user", "item", ("x", "y"), (2, 1))
    frame = pl.DataFrame({"user": ["a", "a", None, "b"], "item": ["y", "z", "x", "x"]})
    histories = events.histories(Table.numbered(frame, "new.csv"))
    assert histories.users == ("a", "b")
    assert [histories.of_user(u).tolist() for u in (0, 1)] == [[1], [0]]
    assert "new.csv: row 2: user or item is missing in 1 row of 4" in caplog.text
    assert "item has 1 value that no training event has, such as 'z'" in caplog.text


def test_the_model_file_is_checked() -> None:
    events = Events("user", "item", ("x", "y"), (2, 1))
    assert Events.from_dict(events.to_dict()) == events
    with pytest.raises(GlassnetError, match="2 items and 1 counts"):
        Events.from_dict({**events.to_dict(), "counts": [1]})
    with pytest.raises(GlassnetError, match="item twice"):
        Events.from_dict({**events.to_dict(), "items": ["x", "x"]})

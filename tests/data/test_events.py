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
    histories, everything = events.read(Table.numbered(frame, "new.csv"))
    assert everything is histories
    assert histories.users == ("a", "b")
    assert [histories.of_user(u).tolist() for u in (0, 1)] == [[1], [0]]
    assert "new.csv: row 2: user or item is missing in 1 row of 4" in caplog.text
    assert "item has 1 value that no training event has, such as 'z'" in caplog.text


def test_only_events_with_the_least_rating_count(caplog: pytest.LogCaptureFixture) -> None:
    events = Events("user", "item", ("x", "y"), (2, 1), "stars", 4.0)
    frame = pl.DataFrame(
        {"user": ["a", "a", "b"], "item": ["x", "y", "x"], "stars": ["5", "3.5", "1"]}
    )
    counting, everything = events.read(Table.numbered(frame, "new.csv"))
    assert counting.users == everything.users == ("a", "b")
    assert [counting.of_user(u).tolist() for u in (0, 1)] == [[0], []]
    assert [everything.of_user(u).tolist() for u in (0, 1)] == [[0, 1], [0]]
    assert not caplog.text
    counting, everything = events.read(Table.numbered(frame.drop("stars"), "new.csv"))
    assert counting is everything
    assert "has no column 'stars': every row counts as a rating of at least 4" in caplog.text
    wrong = frame.with_columns(stars=pl.Series(["5", "good", "1"]))
    with pytest.raises(GlassnetError, match=r"row 1: stars is 'good', not a number"):
        events.read(Table.numbered(wrong, "new.csv"))


def test_the_model_file_is_checked() -> None:
    events = Events("user", "item", ("x", "y"), (2, 1))
    assert Events.from_dict(events.to_dict()) == events
    with pytest.raises(GlassnetError, match="2 items and 1 counts"):
        Events.from_dict({**events.to_dict(), "counts": [1]})
    with pytest.raises(GlassnetError, match="item twice"):
        Events.from_dict({**events.to_dict(), "items": ["x", "x"]})

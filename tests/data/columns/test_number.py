"""Numbers as they are written, and their features."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from glassnet.core.errors import GlassnetError
from glassnet.core.registry import build, describe
from glassnet.data.columns.number import (
    FORMS,
    Number,
    example_of,
    forms_of,
    numbers_of,
    require_form,
    shown,
    unit_of,
)


@pytest.mark.parametrize(
    ("form", "texts", "values"),
    [
        (".", ["1", "-2.5", "+.5", "1e3", "3."], [1, -2.5, 0.5, 1000, 3]),
        (".,", ["1,234.5", "1,000", "7"], [1234.5, 1000, 7]),
        (",", ["1,5", "-0,25", "1,5e2", "12,345"], [1.5, -0.25, 150, 12.345]),
        (",.", ["1.234,5", "1.000.000", "2"], [1234.5, 1e6, 2]),
        (". ", ["1 234.5", "10 000"], [1234.5, 1e4]),
        (", ", ["1 234,5", "10\u00a0000"], [1234.5, 1e4]),
        (".'", ["1'234.5", "10'000"], [1234.5, 1e4]),
    ],
)
def test_each_way_to_write_numbers(form: str, texts: list[str], values: list[float]) -> None:
    column = pl.Series(texts)
    assert forms_of(column)[0] == form
    assert numbers_of(column, form).to_list() == values


def test_an_example_of_each_form_is_in_it() -> None:
    for form, example in FORMS.items():
        assert form in forms_of(pl.Series([example]))
        assert numbers_of(pl.Series([example]), form).item() == 1234.5


@pytest.mark.parametrize(
    "text", ["", "x", "1,2,3", "1-2", "0x10", "1.2.3", "12.34.56", "1_000", "inf"]
)
def test_what_is_not_a_number(text: str) -> None:
    assert not forms_of(pl.Series(["1", text])) or text == ""
    assert numbers_of(pl.Series([text])).to_list() == [None]


@pytest.mark.parametrize(
    ("texts", "unit", "values"),
    [
        (["12 kg", "7.5kg", "-1 kg"], "kg", [12, 7.5, -1]),
        (["12%", "7 %"], "%", [12, 7]),
        (["$5", "-$1,234.50", "$-2"], "$", [5, -1234.5, -2]),
        (["€ 3,50", "€1.234,00"], "€", [3.5, 1234]),
        (["3,50 €", "4,25 €"], "€", [3.5, 4.25]),
        (["CHF 1'234.5"], "CHF", [1234.5]),
        (["36 months", "60 months"], "months", [36, 60]),
        (["5 m/s", "6e1 m/s"], "m/s", [5, 60]),
    ],
)
def test_numbers_with_a_unit(texts: list[str], unit: str, values: list[float]) -> None:
    form = forms_of(pl.Series(texts))[0]
    assert unit_of(form) == unit
    assert numbers_of(pl.Series(texts), form).to_list() == values
    assert form in forms_of(pl.Series([example_of(form)]))
    require_form(form, "here")


@pytest.mark.parametrize(
    "texts",
    [["12 kg", "7"], ["12 kg", "7 lb"], ["P001", "P002"], ["1A", "2A"], ["$5 USD"], ["1st", "2nd"]],
)
def test_what_has_no_common_unit(texts: list[str]) -> None:
    assert forms_of(pl.Series(texts)) == []


def test_new_cells_may_lack_their_unit_but_not_have_another() -> None:
    column = Number.fitted("w", "why", ".|kg", pl.Series([1.0, 3.0]))
    for text, value in (("5 kg", 5), ("5", 5), ("5 lb", None), ("$5", None)):
        assert column.typed(pl.Series([text])).to_list() == [value]
    plain = Number.fitted("w", "why", ".", pl.Series([1.0, 3.0]))
    assert plain.typed(pl.Series(["5 kg"])).to_list() == [None]
    for form in ("x", "x|kg", ".|a unit that is too long"):
        with pytest.raises(GlassnetError, match="unknown form"):
            require_form(form, "here")


def test_missing_and_infinite_values_are_null() -> None:
    assert numbers_of(pl.Series(["1", " NA ", "", "?", None])).to_list() == [1, *[None] * 4]
    assert numbers_of(pl.Series([1.0, np.nan, np.inf])).to_list() == [1, None, None]
    assert numbers_of(pl.Series([True, False])).to_list() == [1, 0]


def test_features_by_hand() -> None:
    column = Number.fitted("age", "why", ".", pl.Series([1.0, 3.0, None, 8.0]))
    assert (column.mean, column.median, column.misses) == (4.0, 3.0, True)
    assert column.scale == pytest.approx(np.std([1, 3, 8]))
    assert column.features == ("age", "age is missing")
    x = column.encoded(pl.Series([4.0, None]))
    np.testing.assert_allclose(x, [[0, 0], [-1 / column.scale, 1]], rtol=1e-6)
    assert x.dtype == np.float32


def test_quantiles_of_the_standardized_numbers() -> None:
    column = Number.fitted("x", "why", ".", pl.Series(range(33)))
    expected = (np.arange(0, 33, 2) - 16) / column.scale
    np.testing.assert_allclose(column.quantiles, expected, atol=1e-6)
    assert Number.fitted("x", "why", ".", pl.Series([0] * 90 + [1, 2, 3])).quantiles == ()
    few = Number.fitted("x", "why", ".", pl.Series([1] * 9 + [2] * 9 + [5] * 9))
    assert 3 <= len(few.quantiles) < 17
    assert list(few.quantiles) == sorted(set(few.quantiles))
    assert build("column", describe(few)) == few
    with pytest.raises(GlassnetError, match="quantiles"):
        replace(few, quantiles=(1.0, 1.0))


def test_without_missing_values_there_is_no_indicator_but_a_doubt() -> None:
    column = Number.fitted("age", "why", ".", pl.Series([1.0, 3.0]))
    assert column.features == ("age",)
    raw = pl.Series(["2", "", "old"])
    values = column.typed(raw)
    np.testing.assert_allclose(column.encoded(values), [[0], [0], [0]])
    doubts = [(what, rows.tolist()) for what, rows in column.doubts(raw, values)]
    assert doubts == [
        ("is not a number, and read as missing", [False, False, True]),
        ("is missing, which it is in no training row", [False, True, False]),
    ]


@pytest.mark.parametrize(
    ("texts", "values"),
    [
        (["7,5", "1,25"], [7.5, 1.25]),
        (["1.234,5", ""], [1234.5, None]),
        (["7,5", "x"], [None, None]),
        (["1,234", "5"], [None, 5]),  # 1.234 or 1234
    ],
)
def test_new_cells_may_be_written_in_another_form(
    texts: list[str], values: list[float | None]
) -> None:
    column = Number.fitted("age", "why", ".", pl.Series([1.0, 3.0]))
    assert column.typed(pl.Series(texts)).to_list() == values


def test_constants_and_empty_columns_are_finite() -> None:
    for values in (pl.Series([5.0, 5.0]), pl.Series([None, None], dtype=pl.Float64)):
        column = Number.fitted("a", "why", ".", values)
        assert np.isfinite(column.encoded(values)).all()
    large = pl.Series([1e300, 1e300])
    assert (Number.fitted("a", "why", ".", large).encoded(large) == 0).all()


def test_numbers_in_words() -> None:
    assert [shown(n) for n in (2007, 12345, 0.5, 1e20)] == ["2007", "12,345", "0.5", "1e+20"]

"""Dates in common forms, and their features."""

from datetime import date, datetime

import numpy as np
import polars as pl
import pytest

from glassnet.data.columns.date import FORMS, Date, dates_of, forms_of


@pytest.mark.parametrize("form", FORMS)
def test_each_form_is_recognized(form: str) -> None:
    moment = datetime(2026, 1, 31, 13, 45, 0)
    text = moment.strftime(form.replace("%.f", "").replace("%z", "+0000"))
    (first, *_) = forms_of(pl.Series([text]))
    parsed = dates_of(pl.Series([text, None]), first)
    expected = moment if "%H" in form else datetime(2026, 1, 31)
    assert parsed.to_list() == [expected, None]


@pytest.mark.parametrize("text", ["2026-13-01", "31.02.2026", "1.5", "12", "a-b", "2026-01"])
def test_what_is_not_a_date(text: str) -> None:
    assert forms_of(pl.Series([text])) == []


def test_zones_are_in_utc() -> None:
    texts = pl.Series(["2026-01-01T10:00:00Z", "2026-01-01T10:00:00+02:00"])
    (form,) = forms_of(texts)
    assert dates_of(texts, form).to_list() == [datetime(2026, 1, 1, 10), datetime(2026, 1, 1, 8)]
    typed = texts.str.to_datetime("%Y-%m-%dT%H:%M:%S%#z", time_zone="UTC")
    assert dates_of(typed, "").to_list() == dates_of(texts, form).to_list()


def test_features_by_hand() -> None:
    """1970-01-05 was a Monday: the week begins; days 1 to 5 of the year."""
    values = pl.Series([date(1970, 1, 1), None, date(1970, 1, 5)]).cast(pl.Datetime("us"))
    column = Date.fitted("day", "why", "", values)
    assert (column.center, column.scale, column.time) == (2.0, 2.0, False)
    names = [name.removeprefix("day") for name in column.features]
    assert names == [
        ": trend", ": sine of the year", ": cosine of the year", ": sine of the week",
        ": cosine of the week", " is missing",
    ]  # fmt: skip
    x = column.encoded(values)
    assert x[:, 0].tolist() == [-1, 0, 1]
    assert x[:, 5].tolist() == [0, 1, 0]
    angle = 2 * np.pi * 5 / 365.25
    np.testing.assert_allclose(x[2, 1:5], [np.sin(angle), np.cos(angle), 0, 1], atol=1e-6)


def test_times_have_the_day_too() -> None:
    values = pl.Series([datetime(2026, 1, 1, 6), datetime(2026, 1, 2, 18)])
    column = Date.fitted("at", "why", "", values)
    assert column.time
    np.testing.assert_allclose(column.encoded(values)[:, 5:7], [[1, 0], [-1, 0]], atol=1e-6)

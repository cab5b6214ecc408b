"""Faults in the cells of a column."""

import numpy as np
import polars as pl

from tests.data.faults.planting import (
    AT,
    CLASSES,
    ERROR,
    ONE,
    SOME,
    WARNING,
    Fault,
    fault,
    with_cells,
    with_column,
)

AGE, WEIGHT, HEIGHT, CITY, SMOKER, VISIT = map(
    CLASSES.get_column, ("age", "weight", "height", "city", "smoker", "visit")
)
IN_LYON = SOME & (CITY == "Lyon").to_numpy()
COMMAS = [f"{weight}".replace(".", ",") for weight in WEIGHT]
DAYS = VISIT.dt.strftime("%d.%m.%Y")

FAULTS: list[Fault] = [
    # -- numbers
    fault("decimal commas in some rows", WARNING, "'weight'", "'82,3'", "line 6",
          table=with_cells("weight", COMMAS, SOME)),
    fault("a decimal comma in one row", ERROR, "line 6", "weight is '82,3'",
          table=with_cells("weight", COMMAS, ONE)),
    fault("commas that may be decimal or between thousands", WARNING, "'weight'", "comma",
          table=with_cells("weight", [f"{weight:.3f}".replace(".", ",") for weight in WEIGHT])),
    fault("two units", WARNING, "'weight'", "'83.1 kg' and '82.3 lb'", "line 6",
          table=with_cells("weight", [
              f"{weight} {'lb' if some else 'kg'}"
              for weight, some in zip(WEIGHT, SOME, strict=True)])),
    fault("a unit in some cells", WARNING, "'weight'", "'82.3 kg'", "line 6",
          table=with_cells("weight", [f"{weight} kg" for weight in WEIGHT], SOME)),
    fault("two currencies", WARNING, "'price'", "'$0.5' and '€1.5'", "line 3",
          table=with_column("price", [f"{'€' if at % 3 == 1 else '$'}{at + 0.5}" for at in AT])),
    fault("a word in a few cells of numbers", ERROR, "line 6", "age is 'unknown'", "3 more",
          table=with_cells("age", "unknown", AT % 100 == 4)),
    fault("a word in many cells of numbers", WARNING, "'age'", "'unknown'", "line 6",
          table=with_cells("age", "unknown", SOME)),
    fault("infinity", ERROR, "line 6", "weight is 'inf'", table=with_cells("weight", "inf", ONE)),
    fault("infinity in Parquet", ERROR, "row 4", "weight is 'inf'", file="table.parquet",
          table=with_column("weight", np.where(ONE, np.inf, WEIGHT))),
    fault("a number too large", ERROR, "line 6", "weight is '1e400'",
          table=with_cells("weight", "1e400", ONE)),
    fault("-999 for missing", WARNING, "'weight'", "is -999 in 44 of 400 rows",
          table=with_cells("weight", "-999", SOME)),
    fault("9999 for missing", WARNING, "'weight'", "is 9999 in 44",
          table=with_cells("weight", "9999", SOME)),
    fault("-1 for missing", WARNING, "'age'", "is -1 in 44", table=with_cells("age", "-1", SOME)),
    fault("0 for missing", WARNING, "'weight'", "is 0 in 44",
          table=with_cells("weight", "0", SOME)),
    fault("99 for missing in a column of codes", WARNING, "'code'", "is 99 in 44",
          table=with_column("code", np.where(SOME, 99, AT % 7 + 1))),
    fault("meters in one row of centimeters", WARNING, "'height'", "is 1.8 in line 6",
          table=with_cells("height", "1.80", ONE)),
    fault("meters in some rows of centimeters", WARNING, "'height'", "44 rows, the first in line 6",
          table=with_cells("height", [f"{height / 100:.2f}" for height in HEIGHT], SOME)),
    fault("a lost decimal point", WARNING, "'weight'", "is 725 in line 6",
          table=with_cells("weight", "725", ONE)),
    fault("a value a million times too large", WARNING, "'weight'", "is 72,000,000 in line 6",
          table=with_cells("weight", "72000000", ONE)),
    fault("long numbers that Excel has shortened", WARNING, "'account'", "'1.23E+11'", "Excel",
          table=with_column("account", ["1.23E+11", "4.56E+12", "7.1E+11", "2E+12"] * 100)),
    # -- dates
    fault("dates in two formats", WARNING, "'visit'", "'2021-06-21' and '01.11.2023'", "line 6",
          table=with_cells("visit", DAYS, SOME)),
    fault("one date in another format", ERROR, "line 6", "visit is '01.11.2023', not a date",
          table=with_cells("visit", DAYS, ONE)),
    fault("month first in some rows, day first in others", WARNING, "'visit'", "several ways",
          "'06/21/2021' and '25/06/2022'", table=with_cells("visit", [
              day.strftime("%d/%m/%Y" if some else "%m/%d/%Y")
              for day, some in zip(VISIT, SOME, strict=True)
          ])),
    fault("dates that may be month or day first", WARNING, "'visit'", "month, day or day, month",
          table=with_cells("visit", VISIT.dt.month_start().dt.strftime("%d/%m/%Y"))),
    fault("a date in the far future", WARNING, "'visit'", "2034-02-01 in line 6",
          table=with_cells("visit", "2034-02-01", ONE)),
    fault("a year with a missing digit", WARNING, "'visit'", "0202-06-21 in line 6",
          table=with_cells("visit", "0202-06-21", ONE)),
    fault("1970-01-01 for missing", WARNING, "'visit'", "1970-01-01", "missing", "line 6",
          table=with_cells("visit", "1970-01-01", SOME)),
    fault("1900-01-01 for missing", WARNING, "'visit'", "1900-01-01", "missing", "line 6",
          table=with_cells("visit", "1900-01-01", SOME)),
    fault("9999-12-31 for missing", WARNING, "'visit'", "9999-12-31", "missing", "line 6",
          table=with_cells("visit", "9999-12-31", SOME)),
    fault("Excel's numbers of days", WARNING, "'visit_date'", "Excel", "2021-03-03",
          table=with_column("visit_date", VISIT.to_physical() + 25569)),
    fault("######## where a column was too narrow", ERROR, "line 6", "visit is '########'",
          table=with_cells("visit", "########", ONE)),
    # -- words
    fault("an error of a spreadsheet among numbers", ERROR, "line 6", "weight is '#DIV/0!'",
          "spreadsheet", table=with_cells("weight", "#DIV/0!", SOME)),
    fault("an error of a spreadsheet among words", ERROR, "line 6", "city is '#VALUE!'",
          table=with_cells("city", "#VALUE!", ONE)),
    fault("yes and Y", WARNING, "'smoker'", "'Y' and 'yes' mean the same",
          table=with_cells("smoker", [word[0].upper() for word in SMOKER], SOME)),
    fault("yes and 1", WARNING, "'smoker'", "'1' and 'yes' mean the same",
          table=with_cells("smoker", [str(int(word == "yes")) for word in SMOKER], SOME)),
    fault("capitals in some rows", WARNING, "'city'", "'LYON' and 'Lyon'", "line 6",
          table=with_cells("city", "LYON", IN_LYON)),
    fault("an invisible character", WARNING, "'city'", r"'L\u200byon' and 'Lyon'", "line 6",
          table=with_cells("city", "L\u200byon", IN_LYON)),
    fault("two spaces instead of one", WARNING, "'town'", "'New Town' and 'New  Town'", "line 6",
          table=with_column("town", np.where(SOME, "New  Town", np.where(
              AT % 2, "New Town", "Old Town")))),
    fault("codes that lost their zeros in some rows", WARNING, "'zip'", "'00001' and '1'",
          table=with_column("zip", [f"{at % 50:05d}" if at % 3 else str(at % 50) for at in AT])),
    fault("letters of a wrong encoding", WARNING, "'city'", "'MÃ¼nchen'", "line 6", "UTF-8",
          table=with_cells("city", "MÃ¼nchen", SOME)),
    # -- nothing in them
    fault("a constant column", WARNING, "'country'", "is 'FR' in all rows",
          table=CLASSES.with_columns(country=pl.lit("FR"))),
    fault("an empty column", WARNING, "'notes'", "no row has a value",
          table=CLASSES.with_columns(notes=pl.lit(None, pl.String))),
    fault("a nearly empty column", WARNING, "'dose'", "in only 2 of 400 rows",
          table=with_column("dose", [5, 7, *[None] * 398])),
]  # fmt: skip

# Cells of a column with one unit are numbers.
UNITS = ("{} kg", "{}kg", "{}%", "${}", "€ {}", "{} €", "CHF {}", "{} km²", "{} m/s", "-{} °C")

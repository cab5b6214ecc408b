"""Faults of targets, and differences between training and test rows."""

from typing import Any

import numpy as np
import polars as pl

from tests.data.faults.planting import (
    AT,
    CLASSES,
    ERROR,
    NUMBERS,
    ONE,
    SOME,
    WARNING,
    Fault,
    fault,
    numbers_with,
    with_cells,
    with_column,
)

TRAIN, TEST = CLASSES[:320], CLASSES[320:]
RISK, COST = CLASSES["risk"].to_numpy(), NUMBERS["cost"].to_numpy()
SPLIT = np.where(AT % 5, "train", "test")
HIGH = pl.col("risk") == "high"


def between(name: str, level: str, *words: str, test: pl.DataFrame, **options: Any) -> Fault:
    """Return a fault between the training file and the test file."""
    return fault(name, level, *words, **{"table": TRAIN} | options, test=test)


FAULTS: list[Fault] = [
    # -- targets
    fault("a target that is not there", ERROR, "unknown column 'risks'", "Did you mean 'risk'?",
          table=CLASSES, target="risks"),
    fault("missing targets", WARNING, "line 6", "risk is missing in 44 rows of 400",
          table=with_column("risk", [None if some else risk for some, risk in zip(
              SOME, RISK, strict=True)])),
    fault("a class with one row", WARNING, "(medium) has 1 of",
          table=with_cells("risk", "medium", AT == 50)),
    fault("a rare class", WARNING, "(medium) 5", "Weight the classes",
          table=with_cells("risk", "medium", AT % 50 == 4)),
    fault("a typo in some classes", WARNING, "(hihg) 5",
          table=with_cells("risk", "hihg", (AT % 50 == 4))),
    fault("a class in two spellings", WARNING, "'High' and 'high' differ only by case",
          table=with_cells("risk", "High", SOME & (RISK == "high"))),
    fault("None as a class", WARNING, "line 6", "risk is missing in 44 rows of 400",
          table=with_cells("risk", "None", SOME)),
    fault("only one class", ERROR, "risk is 'high' in all",
          table=CLASSES.with_columns(risk=pl.lit("high"))),
    fault("a constant number", ERROR, "cost is '5.0' in all", target="cost",
          table=NUMBERS.with_columns(cost=pl.lit(5.0))),
    fault("the names of the rows as the target", ERROR, "'name'", "400 different labels",
          table=with_column("name", [f"N{at}" for at in AT]), target="name"),
    fault("a word among the numbers to predict", ERROR, "line 6", "cost is 'refused'",
          table=numbers_with("cost", [
              "refused" if one else str(cost) for one, cost in zip(ONE, COST, strict=True)]),
          target="cost"),
    fault("a unit in some of the numbers to predict", ERROR, "line 6", "'585.04 EUR'",
          table=numbers_with("cost", [
              f"{cost} EUR" if some else f"{cost}" for some, cost in zip(SOME, COST, strict=True)]),
          target="cost", task="numbers"),
    fault("-999 among the numbers to predict", WARNING, "'cost'", "is -999 in 44",
          table=numbers_with("cost", np.where(SOME, -999, COST)), target="cost"),
    fault("a number to predict far from all others", WARNING, "'cost'", "10,000,000 in line 6",
          table=numbers_with("cost", np.where(ONE, 1e7, COST)), target="cost"),
    # -- the column with the split
    fault("a typo in the split", ERROR, "line 6", "'tset'",
          table=with_column("split", np.where(ONE, "tset", SPLIT))),
    fault("a class that only test rows of the split have", ERROR, "line 2", "risk is 'medium'",
          table=with_cells("risk", "medium", AT % 20 == 0).with_columns(split=pl.Series(SPLIT))),
    fault("no test rows in the split", ERROR, "'split'", "test",
          table=CLASSES.with_columns(split=pl.lit("train"))),
    # -- the test file
    between("a class that only the test file has", ERROR, "test.csv: line 5", "risk is 'medium'",
            test=TEST.with_columns(risk=pl.Series(np.where(
                np.arange(80) == 3, "medium", RISK[320:])))),
    between("a class that the test file lacks", WARNING, "test.csv", "no test row is 'medium'",
            test=TEST, table=with_cells("risk", "medium", SOME)[:320]),
    between("classes in other shares", WARNING, "test.csv", "'high' in",
            table=CLASSES.filter(HIGH.not_())[:150].vstack(CLASSES.filter(HIGH)[:30]),
            test=CLASSES.filter(HIGH)[40:].vstack(CLASSES.filter(HIGH.not_())[150:160])),
    between("a column that the test file lacks", ERROR, "test.csv", "unknown column 'weight'",
            test=TEST.drop("weight")),
    between("a column that only the test file has", WARNING, "test.csv", "'ward'",
            test=TEST.with_columns(ward=pl.lit("A"))),
    between("words instead of numbers", ERROR, "test.csv: line 2", "weight is 'heavy'",
            test=TEST.with_columns(weight=pl.lit("heavy"))),
    between("dates in another format", ERROR, "test.csv: line 2", "visit is '05.12.2021'",
            test=TEST.with_columns(pl.col("visit").dt.strftime("%d.%m.%Y"))),
    between("columns in another order under the old names", ERROR, "test.csv: line 2", "age is",
            test=TEST.select(reversed(TEST.columns)).rename(
                dict(zip(reversed(TEST.columns), TEST.columns, strict=True)))),
    between("two columns with each other's names", WARNING, "test.csv", "'weight'",
            "most test rows", test=TEST.rename({"weight": "height", "height": "weight"})),
    between("meters instead of centimeters", WARNING, "test.csv", "'height'", "1.554 to 1.841",
            test=TEST.with_columns(pl.col("height") / 100)),
    between("no values in a column", WARNING, "test.csv", "'weight'", "100% of the test rows",
            test=TEST.with_columns(weight=pl.lit(None, pl.Float64))),
    between("categories in capitals", WARNING, "test.csv", "'city'", "80 of 80", "Did you mean",
            test=TEST.with_columns(pl.col("city").str.to_uppercase())),
    between("categories of other places", WARNING, "test.csv", "'city'", "'Oslo'",
            test=TEST.with_columns(city=pl.lit("Oslo"))),
    between("the target in another unit", WARNING, "test.csv", "'cost'", table=NUMBERS[:320],
            test=NUMBERS[320:].with_columns(pl.col("cost") * 1000), target="cost"),
]  # fmt: skip

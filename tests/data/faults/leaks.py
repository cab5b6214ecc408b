"""Faults by which inputs tell what is to be predicted, or what they will not tell of new rows."""

import numpy as np
import polars as pl

from tests.data.faults.planting import (
    AT,
    CLASSES,
    NUMBERS,
    RNG,
    ROWS,
    SHOWN,
    WARNING,
    Fault,
    fault,
    numbers_with,
    with_column,
)

HIGH = (CLASSES["risk"] == "high").to_numpy().astype(int)
AGE, COST = CLASSES["age"].to_numpy(), NUMBERS["cost"].to_numpy()
PEOPLE = RNG.integers(0, 60, ROWS)
FEE = RNG.uniform(0, 100, ROWS).round(2)
OTHER = {"high": "low", "low": "high"}
WARDS = np.where(RNG.random(ROWS) < 0.99, HIGH * 3 + PEOPLE % 3, 7 - HIGH)
BY_RISK = CLASSES.sort("risk")


def missing_in_thirds(values: np.ndarray) -> list[float | None]:
    return [None if at % 3 == 0 else float(value) for at, value in enumerate(values)]


def twice(rows: pl.DataFrame, count: int) -> pl.DataFrame:
    return pl.concat([rows, rows[:count]])


FAULTS: list[Fault] = [
    # -- ids and numbers of rows
    fault("an id", SHOWN, "patient_id: id", "400 different values", "its name",
          table=with_column("patient_id", RNG.permutation(ROWS) + 1000)),
    fault("a name that differs in nearly all rows", SHOWN, "name: id", "400 different values",
          table=with_column("name", [f"N{at:x}" for at in AT])),
    fault("the row number in a file that is sorted by class", SHOWN, "index: id",
          "numbers the rows", table=BY_RISK.with_row_index("index")),
    fault("a number of the case in a file that is sorted by class", WARNING, "'case'", "sorted",
          "changes only 1 time", table=BY_RISK.with_columns(case=pl.Series(5000 + 2 * AT))),
    # -- copies of a class
    fault("the class under another name", WARNING, "'outcome'", "100.0%", "copy", "--drop outcome",
          table=with_column("outcome", CLASSES["risk"])),
    fault("the class as 0 and 1", WARNING, "'outcome'", "100.0%",
          table=with_column("outcome", HIGH)),
    fault("the class in other words", WARNING, "'outcome'", "100.0%",
          table=with_column("outcome", np.where(HIGH, "treat", "wait"))),
    fault("the class, missing in some rows", WARNING, "'outcome'", "where it has a value",
          table=with_column("outcome", missing_in_thirds(HIGH))),
    fault("the class with noise", WARNING, "'marker'", "tells 'risk'",
          table=with_column("marker", HIGH + RNG.normal(0, 0.01, ROWS))),
    fault("categories that belong to one class each", WARNING, "'ward'", "tells 'risk'",
          table=with_column("ward", [f"W{ward}" for ward in WARDS])),
    fault("codes that belong to one class each", WARNING, "'ward'", "tells 'risk'",
          table=with_column("ward", (5 * WARDS) % 11)),
    fault("a value that only one class has", WARNING, "'dose'", "missing or not", "tells 'risk'",
          table=with_column("dose", [age * 0.3 if high else None for age, high in zip(
              AGE.tolist(), HIGH, strict=True)])),
    fault("the class, in the training rows only", WARNING, "'score'", "tells 'risk'",
          table=with_column("score", np.where(AT < 320, HIGH, PEOPLE % 2)).with_columns(
              split=pl.Series(np.where(AT < 320, "train", "test")))),
    fault("the class in a text beside other columns", WARNING, "'note'", "'high'", "text",
          table=with_column("note", [
              f"seen at noon on day {at} with a {risk} risk of falls, sent home to rest"
              for at, risk in enumerate(CLASSES["risk"])])),
    # -- copies of a number
    fault("the number under another name", WARNING, "'price'", "correlation of 1.00000 with 'cost'",
          table=numbers_with("price", COST), target="cost"),
    fault("the number in another currency", WARNING, "'dollars'", "'cost'",
          table=numbers_with("dollars", (COST * 1.09 + 2).round(2)), target="cost"),
    fault("the number as a text with its unit", WARNING, "'paid'", "'cost'",
          table=numbers_with("paid", [f"{cost} EUR" for cost in COST]), target="cost"),
    fault("the number, rounded", WARNING, "'paid'", "'cost'",
          table=numbers_with("paid", COST.round()), target="cost"),
    fault("the number with noise", WARNING, "'estimate'", "'cost'",
          table=numbers_with("estimate", COST + RNG.normal(0, 0.5, ROWS)), target="cost"),
    fault("the logarithm of the number", WARNING, "'log'", "rises or falls with 'cost'",
          table=numbers_with("log", np.log(COST) ** 9), target="cost"),
    fault("the number, missing in some rows", WARNING, "'price'", "where it has a value",
          table=numbers_with("price", missing_in_thirds(COST)), target="cost"),
    fault("the parts of the number", WARNING, "'rest'", "'fee' add up to 'cost'", target="cost",
          table=numbers_with("fee", FEE).with_columns(rest=pl.Series((COST - FEE).round(2)))),
    # -- rows that belong together
    fault("rows twice", WARNING, "training rows", "duplicates", "a duplicate of line",
          table=twice(CLASSES, 120)),
    fault("rows twice, of numbers", WARNING, "training rows", "a duplicate of line",
          table=twice(NUMBERS, 120), target="cost"),
    fault("copies of training rows among the test rows", WARNING, "test rows", "training line",
          table=twice(CLASSES, 60)),
    fault("training rows in the test file", WARNING, "test.csv", "line 102", "training line 2",
          table=CLASSES[:300], test=pl.concat([CLASSES[300:], CLASSES[:20]])),
    fault("a test file that is the training file", WARNING, "test.csv", "also in the training set",
          table=CLASSES, test=CLASSES),
    fault("the same rows with two classes", WARNING, "line 2 and line 402 are equal",
          "labels 0 (high) and 1 (low)", table=pl.concat([
              CLASSES, CLASSES[:30].with_columns(pl.col("risk").replace(OTHER))])),
    fault("people in both parts, by name", WARNING, "'person'", "60 different", "--group person",
          table=with_column("person", [f"P{person:03d}" for person in PEOPLE])),
    fault("people in both parts, by number", WARNING, "'patient_id'", "--group patient_id",
          table=with_column("patient_id", PEOPLE)),
    fault("people in both parts, in a column that is dropped", WARNING, "--group patient_id",
          table=with_column("patient_id", PEOPLE), drop=["patient_id"]),
    fault("numbers that drift in time, and a random split", WARNING, "'visit'", "--time visit",
          table=NUMBERS.sort("visit").with_columns(pl.col("cost") + 3 * pl.int_range(ROWS)),
          target="cost"),
    fault("classes that come one after the other in time", WARNING, "'visit'", "--time visit",
          table=CLASSES.with_columns(risk=pl.Series(np.where(
              CLASSES["visit"].rank("ordinal").to_numpy() // 50 % 2, "high", "low")))),
]  # fmt: skip

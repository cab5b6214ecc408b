"""The parts of a report on predicted numbers, counts and labels."""

from xml.etree import ElementTree

import numpy as np

from glassnet.evaluate.counts import counts
from glassnet.evaluate.multi_label import multi_label
from glassnet.evaluate.regression import Regression, regression
from glassnet.report.tasks import (
    intended_use,
    task_numbers,
    task_sentences,
    task_table,
    worst_table,
)

Y = np.array([[1000.0, 1.0], [2000.0, 2.0], [3000.0, 3.0], [4000.0, 5.0]])


def result() -> Regression:
    predictions = Y + np.array([[100, 0], [-100, 0], [100, 0], [-100, 2]])
    return regression(Y, predictions, 0.1, ("price <€>", "rooms"), Y)


def cells(html: str) -> list[list[str]]:
    table = ElementTree.fromstring(html)
    return [["".join(cell.itertext()) for cell in row] for row in table.iter("tr")]


def test_errors_stand_beside_those_of_the_best_constants() -> None:
    heading, price, rooms = cells(task_table(result()))
    assert heading == ["target", "MAE (95%)", "baseline", "RMSE (95%)", "baseline", "R² (95%)"]
    assert price[:3] == ["price <€>", "100.0 (100.0 to 100.0)", "1,000"]
    assert price[4] == "1,118"
    assert rooms[1].startswith("0.5000 (")


def test_the_worst_rows_by_their_places() -> None:
    placed = result().placed(lambda row: f"line {12 + row}")
    rows = cells(worst_table(placed.worst))
    assert rows[0] == ["row", "target", "true", "predicted", "error"]
    assert rows[1] == ["line 15", "rooms", "5.00000", "7.00000", "+2.000"]
    assert rows[2] == ["line 12", "price <€>", "1,000.00", "1,100.00", "+100.0"]
    assert cells(worst_table(result().worst))[1][0] == "test row 3"


def test_the_summary() -> None:
    sentences = list(task_sentences(result()))
    assert sentences[0] == "The network predicts price <€> and rooms."
    assert sentences[1] == (
        "price <€>: on average over 4 test examples, the prediction is off by 100.0 (95% interval "
        "100.0 to 100.0); always predicting the training median would be off by 1,000."
    )
    assert len(sentences) == 3
    useless = regression(Y, Y[::-1], 0.1, ("price", "rooms"), Y)
    assert "rooms: MAE and RMSE not below the baseline." in list(task_sentences(useless))


def test_counts_and_labels() -> None:
    of_counts = counts(Y[:, 1], Y[:, 1] + 0.5, 0.1, ["visits"], Y[:, 1])
    assert cells(task_table(of_counts))[1][0] == "visits"
    assert next(task_sentences(of_counts)) == "The network predicts visits."
    labels = np.array([[1, 0], [0, 1], [1, 1]])
    of_labels = multi_label(labels, labels * 0.8, 0.1, ["red", "new"], labels)
    assert [row[0] for row in cells(task_table(of_labels))] == ["label", "red", "new"]
    assert list(task_sentences(of_labels))[1].startswith(
        "On 3 test examples: all labels correct 1.0"
    )
    names = [name for name, _, _ in task_numbers(of_labels)]
    assert names == ["test loss", "F1, all labels"]
    assert intended_use(of_labels) == "predicting red and new for rows like those of its data set"

"""The results of a network that predicts numbers, counts or labels, as parts of a report."""

from collections.abc import Iterator

from glassnet.evaluate.counts import Counts
from glassnet.evaluate.regression import Regression, shown
from glassnet.evaluate.tasks import TaskResult
from glassnet.report.html import Html, section, tag
from glassnet.report.regression import errors_table, regression_sentences, worst_table


def task_sentences(result: TaskResult) -> Iterator[str]:
    """The summary at the top of the page."""
    if isinstance(result, Regression):
        yield from regression_sentences(result)
        return
    yield f"On {result.count:,} test examples: {result.headline()}."
    yield from result.notes()


def task_numbers(result: TaskResult) -> list[tuple[str, str, str]]:
    """The most important numbers: (name, value, note)."""
    numbers = [("test loss", f"{result.loss:.4f}", f"{result.count:,} examples")]
    estimates: list[tuple[str, str]] = []
    if isinstance(result, Regression):
        for t in result.targets:
            estimates += [(f"MAE, {t.name}", shown(t.mae)), (f"R², {t.name}", shown(t.r2, 3))]
    elif isinstance(result, Counts):
        for c in result.targets:
            estimates += [(f"MAE, {c.name}", shown(c.mae)), (f"D², {c.name}", shown(c.d2, 3))]
    else:
        estimates.append(("F1, all labels", shown(result.micro_f1, 3)))
    for name, text in estimates:
        value, _, interval = text.partition(" ")
        numbers.append((name, value, interval.strip("()")))
    return numbers


def task_sections(result: TaskResult) -> Iterator[Html]:
    """The sections on the test set."""
    if isinstance(result, Regression):
        yield section("Errors", errors_table(result), worst_table(result))
    else:
        yield section("Results", tag("pre", "\n".join(result.lines())))


def intended_use(result: TaskResult) -> str:
    """The line of the model card."""
    names = [t.name for t in (result.targets if hasattr(result, "targets") else result.labels)]
    return f"predicting {', '.join(names)} for rows like those of its data set"

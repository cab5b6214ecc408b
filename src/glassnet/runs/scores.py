"""The one number of a run's test results by which runs of the same kind are compared."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from glassnet.core.tables import significant


class Score(NamedTuple):
    """A number with its name."""

    name: str
    value: float
    is_share: bool  # to be shown as a percentage

    def shown(self, value: float) -> str:
        """Return a score of this kind as text."""
        return f"{100 * value:.2f}%" if self.is_share else significant(value)


def score_of(test: Any) -> Score | None:
    """Return the first of the scores in the results `test` of a metrics.json; None without any."""
    return next(iter(scores_of(test)), None)


def scores_of(test: Any) -> tuple[Score, ...]:
    """Return the scores in the results `test` of a metrics.json; () if there are none.

    The accuracy; of labels, the share of the rows with all labels correct; of numbers and counts,
    the mean absolute error of each target; of recommended items, the NDCG.
    """
    if not isinstance(test, Mapping):
        return ()
    if isinstance(accuracy := test.get("accuracy"), float):
        return (Score("accuracy", accuracy, True),)
    if isinstance(exact := test.get("exact"), float):
        return (Score("share of rows with all labels correct", exact, True),)
    scores = test.get("scores")
    if isinstance(scores, list) and scores and isinstance(scores[0], Mapping):
        ndcg = scores[0].get("ndcg")
        share = ndcg.get("value") if isinstance(ndcg, Mapping) else None
        return (Score(f"NDCG@{test.get('k')}", share, True),) if isinstance(share, float) else ()
    targets = test.get("targets")
    errors = [*map(_error_of, targets)] if isinstance(targets, list) else []
    return tuple(error for error in errors if error) if all(errors) else ()


def _error_of(target: Any) -> Score | None:
    """Return the error of a target; None if there is none."""
    mae = target.get("mae") if isinstance(target, Mapping) else None
    value = mae.get("value") if isinstance(mae, Mapping) else None
    return Score(f"MAE of {target['name']}", value, False) if isinstance(value, float) else None

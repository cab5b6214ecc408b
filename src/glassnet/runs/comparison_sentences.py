"""What a comparison of runs says, in sentences."""

from collections.abc import Iterator

from glassnet.core.tables import significant
from glassnet.runs.compare import Comparison, PairwiseResult
from glassnet.runs.scores import Score

_SEEDS = 6  # with fewer, odds below 1 in 1,000 would rest on the assumed distribution alone


def sentences(comparison: Comparison) -> Iterator[str]:
    """Yield what the comparison says."""
    for duplicate, run in comparison.repeated.items():
        yield f"{duplicate} has the same settings and seed as {run}: over seeds, they count once."
    for verdict in comparison.verdicts:
        yield _sentence(verdict, len(comparison.verdicts), len(comparison.runs[0].scores) > 1)
    if any(verdict.significant and not verdict.over_seeds for verdict in comparison.verdicts):
        yield (
            "This compares two trained networks. To compare their settings, train several seeds "
            "of each."
        )


def amount(score: Score, value: float) -> str:
    """Return a difference of scores as text: in points, if they are shares."""
    return f"{100 * value:.2f}" if score.is_share else significant(value, 3)


def _sentence(verdict: PairwiseResult, tests: int, several: bool) -> str:
    first, second, difference = verdict.first, verdict.second, verdict.difference
    score = verdict.score
    over = "seeds" if verdict.over_seeds else "examples"
    test = f"{difference.test}, p = {verdict.corrected:.2g}"
    if tests > 1:
        test += f" after Holm's correction for {tests} comparisons"
    if difference.sign_flip_p is not None:
        test += f"; without assuming normal differences, p = {difference.sign_flip_p:.2g}"
        test += " before it" * (tests > 1)
    if not verdict.significant:
        count = f"{difference.count:,} {over}" + f" in {score.name}" * several
        return f"{first} and {second}: no significant difference on {count} ({test})."
    sign = 1 if difference.mean > 0 else -1
    better, worse = (second, first) if (sign > 0) == score.is_share else (first, second)
    low, high = (amount(score, sign * end) for end in difference.interval[::sign])
    tail = verdict.over_seeds and difference.count < _SEEDS
    odds = f"{_odds(verdict.corrected, 1e-3 if tail else 1e-6)} such comparisons"
    if tests > 1:
        odds += f", corrected for all {tests}"
    interval = f"95% interval {low} to {high}, {difference.count:,} {over}"
    unit = "points" if score.is_share else f"in {score.name}"
    by = f"{amount(score, sign * difference.mean)} {unit}"
    return (
        f"{better} is better than {worse} by {by} ({interval}); "
        f"chance alone makes a difference this large in {odds} ({test})."
    )


def _odds(p: float, least: float = 1e-6) -> str:
    """Return a probability as "1 in N", with two significant digits; `least` is the smallest."""
    if p < least:
        return f"fewer than 1 in {round(1 / least):,}"
    return f"1 in {int(float(f'{1 / p:.2g}')):,}"

"""Functions shared by the reports of the benchmarks."""

import statistics
from collections.abc import Iterator, Sequence

from workers import Result


def unequal(rows: Sequence[Result]) -> Iterator[str]:
    """Yield a warning for each system that learned less: it did not do the same work."""
    measured = [row for row in rows if not row.missing]
    median = statistics.median(row.accuracy for row in measured)
    for row in measured:
        if row.accuracy < median - 0.02:
            yield f"warning: {row.system} reached {row.accuracy:.2%}, the others about {median:.2%}"

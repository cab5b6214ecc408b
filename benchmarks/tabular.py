"""What the reports of several benchmarks share."""

import statistics
from collections.abc import Iterator, Sequence

from workers import Result


def unequal(rows: Sequence[Result]) -> Iterator[str]:
    """A warning where a system learned less than the others: it did not do the same work."""
    found = [row for row in rows if not row.missing]
    middle = statistics.median(row.accuracy for row in found)
    for row in found:
        if row.accuracy < middle - 0.02:
            yield f"beware: {row.system} reached {row.accuracy:.2%}, the others about {middle:.2%}"

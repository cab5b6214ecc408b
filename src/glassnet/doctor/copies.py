"""Examples that come twice: in one part, in two parts, or with two different labels."""

from collections.abc import Iterator

from glassnet.doctor.findings import Finding, warning
from glassnet.doctor.subject import Part, Subject

_SHARE = 0.01  # of a part's rows that are found elsewhere
_MANY = 0.1  # of the training rows that are copies of others
_WIDE, _NARROW_LEAST = 16, 3  # numbers in a row that are hardly equal by chance; else copies needed


def first_rows(part: Part) -> dict[bytes, int]:
    """Where each example is first found."""
    first: dict[bytes, int] = {}
    for i, digest in enumerate(part.digests):
        first.setdefault(digest, i)
    return first


def _by_chance(subject: Subject, first: dict[bytes, int]) -> bool:
    """Whether equal rows mean nothing: few numbers in a row, few different rows, or a long text."""
    return 2 * len(first) < len(subject.train) or (subject.train.y.ndim > 1 and subject.loss.labels)


def _least(subject: Subject) -> int:
    x = subject.train.x
    wide = isinstance(x, tuple) or x[0].size >= _WIDE
    return 1 if wide else _NARROW_LEAST


def leaks(subject: Subject) -> Iterator[Finding]:
    """Held-out or test examples that are also trained on."""
    first = first_rows(subject.train)
    if _by_chance(subject, first):
        return
    for part, mend in (
        (subject.held_out, "Group or drop the copies before splitting."),
        (subject.test, "Take them out of one of the two: the result will look better than it is."),
    ):
        if part is None:
            continue
        both = [i for i, digest in enumerate(part.digests) if digest in first]
        if len(both) >= max(_least(subject), _SHARE * len(part)):
            copy = subject.train.row(first[part.digests[both[0]]])
            yield warning(
                f"{len(both)} of {len(part):,} rows are also trained on, the first is row "
                f"{part.row(both[0])}, which is training row {copy}.",
                part.name,
                mend,
            )


def duplicates(subject: Subject) -> Iterator[Finding]:
    """Training examples that are copies of others."""
    first, part = first_rows(subject.train), subject.train
    again = [i for i, digest in enumerate(part.digests) if first[digest] != i]
    if not _by_chance(subject, first) and len(again) > _MANY * len(part):
        yield warning(
            f"{len(again)} of {len(part):,} rows are copies of others, the first is row "
            f"{part.row(again[0])}, a copy of row {part.row(first[part.digests[again[0]]])}.",
            part.name,
            "Drop the copies: rows = numpy.unique(x, axis=0, return_index=True)[1].",
        )


def conflicts(subject: Subject) -> Iterator[Finding]:
    """Equal inputs with different labels."""
    labels, part = subject.labels(subject.train), subject.train
    if labels is None:
        return
    first = first_rows(part)
    again = [i for i, digest in enumerate(part.digests) if labels[first[digest]] != labels[i]]
    if not _by_chance(subject, first) and len(again) >= max(_least(subject), _SHARE * len(part)):
        one, other = first[part.digests[again[0]]], again[0]
        yield warning(
            f"rows {part.row(one)} and {part.row(other)} are equal, but have the labels "
            f"{subject.class_name(labels[one])} and {subject.class_name(labels[other])}; "
            f"{len(again)} rows are so.",
            part.labels_name,
            "Mend the labels, or drop those rows.",
        )

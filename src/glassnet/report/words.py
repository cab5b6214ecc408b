"""What the numbers say, in plain sentences."""

from collections.abc import Iterator, Sequence

from glassnet.evaluate.classifier import Evaluation
from glassnet.evaluate.language_model import NextByte

OTHER_DATA = (
    "The data changed since the run: the numbers on this page are of other examples than those "
    "that the network was trained for and tested on."
)
_NAMED = 12  # classes; more are not listed
_WELL = 0.02  # mean distance of confidence and accuracy that few would notice


def percent(share: float) -> str:
    """A share as people read it."""
    return f"{100 * share:.1f}%"


def between(interval: tuple[float, float]) -> str:
    """An interval as people read it."""
    return f"{percent(interval[0])} to {percent(interval[1])}"


def listed(names: Sequence[str]) -> str:
    """Names in a sentence."""
    if len(names) > _NAMED:
        return f"{', '.join(names[: _NAMED - 2])} and {len(names) - _NAMED + 2} more"
    return ", ".join(names[:-1]) + (" and " if len(names) > 1 else "") + names[-1]


def of_classes(found: Evaluation, kind: str, chance: float) -> Iterator[str]:
    """A classifier's test: `kind` is what it judges, `chance` the most frequent class's share."""
    test = found.test
    names = listed([one.name for one in test.classes])
    yield f"The network tells {len(test.classes)} kinds of {kind} apart: {names}."
    yield (
        f"Of {test.count:,} test examples, which it never learned from, it judges "
        f"{percent(test.accuracy)} rightly. On other examples of the same kind that would be "
        f"{between(test.accuracy_interval)} (95% interval). Who always names the most frequent "
        f"class is right in {percent(chance)}."
    )
    if test.accuracy_interval[0] <= chance:
        yield "So it can't be told from who always names that class."
    if test.untested:
        yield f"Of {listed(test.untested)} the test set has no examples: nothing is known of them."
    best, worst = (pick(test.tested, key=lambda one: one.f1) for pick in (max, min))
    if best.f1 > worst.f1:
        sentence = f"It knows {best.name} best and {worst.name} least"
        if found.confused:
            one = found.confused[0]
            sentence += (
                f"; most often it takes {one.true} for {one.predicted}, {percent(one.share)} of "
                f"{'them' if one.true == worst.name else f'all {one.true}'}"
            )
        yield f"{sentence}."
    yield from _calibration(found)


def _calibration(found: Evaluation) -> Iterator[str]:
    bare, mended = found.bare, found.calibrated
    if bare is None:
        return
    if bare.ece < max(_WELL, 1.5 * bare.chance):
        yield f"Its probabilities can be believed: they are {percent(bare.ece)} off on average."
        return
    mean = sum(one.count * (one.confidence - one.accuracy) for one in bare.bins)
    sentence = (
        f"It is {'surer' if mean > 0 else 'less sure'} than it should be: its probabilities are "
        f"{percent(bare.ece)} off on average"
    )
    if mended is not None and mended.ece < bare.ece:
        sentence += f", {percent(mended.ece)} at the temperature {found.temperature:.2f}, " + (
            "at which glassnet predict gives them"
            if found.stored
            else "which glassnet evaluate --calibrate would store for glassnet predict"
        )
    yield f"{sentence}."


def of_bytes(found: NextByte) -> Iterator[str]:
    """A network that continues texts."""
    yield (
        f"The network foretells each byte of a text from those before it. It needs "
        f"{found.bits_per_byte:.2f} bits for a byte of the test text, as if it were in doubt among "
        f"{found.perplexity:.1f} equally likely ones; who only knows how frequent each byte is "
        f"needs {found.by_frequency:.2f} bits."
    )
    yield f"The likeliest byte is the right one in {percent(found.accuracy)} of {found.count:,}."

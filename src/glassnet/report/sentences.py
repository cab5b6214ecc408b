"""The sentences of a report: numbers in plain English."""

from collections.abc import Iterator, Sequence

from glassnet.evaluate.classifier import Evaluation
from glassnet.evaluate.language_model import NextByte

OTHER_DATA = (
    "The data has changed since this run: the numbers on this page were measured on different "
    "examples from those the network was trained and tested on."
)
_MAX_NAMES = 12  # of more classes, the first are listed and the others counted
_WELL_CALIBRATED = 0.02  # a calibration error that few users would notice


def percent(share: float) -> str:
    """A share as a percentage."""
    return f"{100 * share:.1f}%"


def interval_text(interval: tuple[float, float]) -> str:
    """An interval of shares as percentages."""
    return f"{percent(interval[0])} to {percent(interval[1])}"


def name_list(names: Sequence[str]) -> str:
    """Names as part of a sentence."""
    if len(names) > _MAX_NAMES:
        return f"{', '.join(names[: _MAX_NAMES - 2])} and {len(names) - _MAX_NAMES + 2} more"
    return ", ".join(names[:-1]) + (" and " if len(names) > 1 else "") + names[-1]


def classifier_sentences(result: Evaluation, kind: str, chance: float) -> Iterator[str]:
    """The summary of a classifier of `kind`; `chance` is the share of the most frequent class."""
    test = result.test
    names = name_list([score.name for score in test.classes])
    yield f"The network sorts {kind} into {len(test.classes)} classes: {names}."
    yield (
        f"It classifies {percent(test.accuracy)} of {test.count:,} test examples correctly, none "
        "of which was used in training. The 95% interval of its accuracy on examples of the same "
        f"kind is {interval_text(test.accuracy_interval)}. Always predicting the most frequent "
        f"class would give an accuracy of {percent(chance)}."
    )
    if test.accuracy_interval[0] <= chance:
        yield "So there is no evidence that it is better than always predicting that class."
    if test.untested:
        names = name_list(test.untested)
        yield f"The test set has no examples of {names}, so its performance on them is unknown."
    best, worst = (pick(test.tested, key=lambda score: score.f1) for pick in (max, min))
    if best.f1 > worst.f1:
        sentence = f"It recognizes {best.name} best and {worst.name} worst"
        if result.confused:
            pair = result.confused[0]
            sentence += (
                f"; its most frequent mistake is to predict {pair.predicted} instead of "
                f"{pair.true} ({percent(pair.share)} of the test examples of {pair.true})"
            )
        yield f"{sentence}."
    yield from _calibration(result)


def _calibration(result: Evaluation) -> Iterator[str]:
    bare, calibrated = result.bare, result.calibrated
    if bare is None:
        return
    at = "without a temperature, " if result.stored else ""
    off = f"{at}its confidence differs from its accuracy by {percent(bare.ece)} on average"
    if bare.ece < max(_WELL_CALIBRATED, 1.5 * bare.chance):
        yield f"Its probabilities are well calibrated: {off}."
        return
    excess = sum(bin.count * (bin.confidence - bin.accuracy) for bin in bare.bins)
    sentence = f"It is {'overconfident' if excess > 0 else 'underconfident'}: {off}"
    if calibrated is not None and calibrated.ece < bare.ece:
        sentence += f", and by {percent(calibrated.ece)} at temperature {result.temperature:.2f}, "
        sentence += (
            "which glassnet predict applies"
            if result.stored
            else "which glassnet evaluate --calibrate would store for glassnet predict"
        )
    yield f"{sentence}."


def language_model_sentences(result: NextByte) -> Iterator[str]:
    """The summary of a network that continues texts."""
    yield (
        f"The network predicts each byte of a text from the bytes before it. It needs "
        f"{result.bits_per_byte:.2f} bits per byte of the test text, as if it were choosing among "
        f"{result.perplexity:.1f} equally likely bytes; a model that only knows how frequent each "
        f"byte is needs {result.by_frequency:.2f} bits."
    )
    yield (
        f"The byte it considers most likely is correct for {percent(result.accuracy)} of "
        f"{result.count:,} bytes."
    )

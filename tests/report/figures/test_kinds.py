"""Every kind of picture: drawn of what it can be drawn of, refused with one reason otherwise."""

import pytest
from matplotlib.figure import Figure

from glassnet.core.errors import GlassnetError
from glassnet.report.figures.kinds import KINDS
from glassnet.runs.outputs import RunOutputs

Said = dict[str, RunOutputs]
SEVERAL = {"seeds", "learning-rates"}
OF_IMAGES = {"samples", "predictions", "weights", "filters", "feature-maps"}
SLOW = {"t-sne", "learning-rate"}  # a second or more: drawn once


def drawable(outputs: RunOutputs) -> set[str]:
    return {name for name, kind in KINDS.items() if kind.applies(outputs)}


def test_what_can_be_drawn_of_which_run(said: Said) -> None:
    every = set(KINDS) - SEVERAL
    assert drawable(said["mlp"]) == every - {"filters", "feature-maps"}
    assert drawable(said["cnn"]) == every - {"weights"}
    assert drawable(said["texts"]) == every - OF_IMAGES
    without = {"predictions", "probabilities", "calibration", "filters", "feature-maps"}
    assert drawable(said["no-probabilities"]) == every - without


@pytest.mark.parametrize("name", sorted(set(KINDS) - SEVERAL))
def test_every_kind_is_drawn_or_says_why_not(said: Said, name: str) -> None:
    kind = KINDS[name]
    for run, one in said.items():
        if why := kind.missing(one):
            with pytest.raises(GlassnetError) as caught:
                kind.of(one)
            assert str(caught.value) == f"--kind {name}: {why}"
        elif run == "mlp" or (name not in SLOW and run in ("cnn", "texts", "no-probabilities")):
            picture = kind.of(one)
            if isinstance(picture, Figure):
                assert picture.axes
            else:
                assert picture.svg.startswith("<svg")


@pytest.mark.parametrize("name", sorted(KINDS))
def test_every_kind_is_told_in_one_sentence(name: str) -> None:
    kind = KINDS[name]
    assert kind.name == name
    assert kind.title
    assert kind.caption.endswith(".")
    assert kind.caption.count(". ") == 0


def test_kinds_of_several_runs(said: Said) -> None:
    seeds = KINDS["seeds"].of(said["mlp"], said["seed"], said["rate"])
    assert isinstance(seeds, Figure)
    labels = {text.get_text() for text in seeds.axes[0].texts}
    assert labels == {"learning_rate 0.002 (2)", "learning_rate 0.01 (1)"}
    assert KINDS["learning-rates"].of(said["mlp"], said["rate"])
    with pytest.raises(GlassnetError, match="same learning rate"):
        KINDS["learning-rates"].of(said["mlp"], said["seed"])
    with pytest.raises(GlassnetError, match="name two or more"):
        KINDS["seeds"].of(said["mlp"])
    with pytest.raises(GlassnetError, match="of one run, not of 2"):
        KINDS["curves"].of(said["mlp"], said["seed"])

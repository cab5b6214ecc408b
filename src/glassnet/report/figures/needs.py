"""What kinds of pictures need of a run: each says why a run has not got it, or ""."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from glassnet.runs.outputs import RunOutputs


def history(outputs: "RunOutputs") -> str:
    """Epochs that are known."""
    if outputs.run.has_history:
        return ""
    return outputs.run.unfinished_note or "its epochs are not known: it was imported, or lost them."


def classes(outputs: "RunOutputs") -> str:
    """One number for each class."""
    one = len(outputs.model.output_shape) == 1
    return "" if one else "the network continues texts, and has no classes."


def probabilities(outputs: "RunOutputs") -> str:
    """Probabilities of classes."""
    if why := classes(outputs):
        return why
    return "" if outputs.has_probabilities else "the network puts out no probabilities."


def images(outputs: "RunOutputs") -> str:
    """Examples that are pictures."""
    from glassnet.plots.images import is_image

    if why := classes(outputs):
        return why
    pictures = outputs.data.kind == "numbers" and is_image(outputs.test.x.shape[1:])
    return "" if pictures else f"needs images, and {outputs.data.name} has none."


def weights_of_pixels(outputs: "RunOutputs") -> str:
    """A first layer with a weight for each pixel."""
    from glassnet.report.figures.arrays import first_kernel

    kernel = first_kernel(outputs.model)
    if kernel is None or kernel.ndim != 2:
        return "the first layer has no weight for each pixel; try --kind filters."
    return images(outputs)


def filters(outputs: "RunOutputs") -> str:
    """A first layer with weights that is a convolution of images."""
    from glassnet.report.figures.arrays import first_kernel

    kernel = first_kernel(outputs.model)
    if kernel is None or kernel.ndim != 4:
        return "the network does not begin with a convolution of images; try --kind weights."
    return ""


def convolutions(outputs: "RunOutputs") -> str:
    """Convolutions of images, anywhere."""
    from glassnet.report.figures.arrays import maps

    if why := images(outputs):
        return why
    return (
        ""
        if maps(outputs.model, outputs.test.x[:1])
        else "the network has no convolutions of images."
    )


def steps(outputs: "RunOutputs") -> str:
    """A training whose steps can be taken again."""
    from glassnet.engines import KERAS_ENGINES
    from glassnet.runs.run import settings_of

    if history(outputs):
        return "the run was imported: how it was trained is not known here."
    keras = settings_of(outputs.run).engine in KERAS_ENGINES
    return "it was trained by Keras, whose steps are not taken here." if keras else ""

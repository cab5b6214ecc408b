"""Initializers: how weights are drawn before training. Keras's names, arguments and defaults.

Each is called as `initializer(rng, shape)` with a NumPy Generator and returns float64.
"""

import math
from dataclasses import KW_ONLY, dataclass
from functools import partial
from typing import Annotated, ClassVar

import numpy as np
import numpy.typing as npt

from glassnet.core.configured import Configured
from glassnet.core.errors import GlassnetError, unknown
from glassnet.core.functions import Function, name_of, parameters_of, wrapper
from glassnet.core.keras_names import KerasNames
from glassnet.core.keras_namespaces import hint_at_missing, part_named
from glassnet.core.registry import added, alias, named, register, resolve

Floats = npt.NDArray[np.float64]
Shape = tuple[int, ...]


@dataclass(frozen=True)
class Initializer(KerasNames, Configured):
    """Draws an array of the given shape."""

    kind: ClassVar[str] = "initializer"

    def __call__(self, rng: np.random.Generator, shape: Shape) -> Floats:
        """Return an array of `shape`."""
        raise NotImplementedError


@wrapper("initializer")
@dataclass(frozen=True)
class InitializerFunction(Initializer):
    """A function of (shape, dtype), as in Keras, or of (rng, shape).

    Only the latter can draw from the model's seed.
    """

    function: Annotated[Function, "initializer"]

    def __post_init__(self) -> None:
        parameters = parameters_of(self.function)
        if parameters[:1] != ("shape",) and parameters[:2] != ("rng", "shape"):
            name = name_of(self.function)
            raise GlassnetError(
                f"has the parameters ({', '.join(parameters)}).",
                where=f"initializer {name}",
                fix=f"Write def {name if name.isidentifier() else 'my_initializer'}(rng, shape), "
                "with rng a NumPy Generator of the model's seed; or (shape, dtype=None), as in "
                "Keras.",
            )

    def __call__(self, rng: np.random.Generator, shape: Shape) -> Floats:
        parameters = parameters_of(self.function)
        if parameters[0] == "rng":
            return np.asarray(self.function(rng, shape))
        dtype = ("float64",) if len(parameters) > 1 and parameters[1] == "dtype" else ()
        return np.asarray(self.function(shape, *dtype))


InitializerLike = str | Initializer | Annotated[Function, "initializer"]


@dataclass(frozen=True)
class _Random(Initializer):
    """Draws random numbers: the model's, or with a `seed` always the same ones.

    They are not Keras's numbers of this seed.
    """

    _: KW_ONLY
    seed: int | None = added(None)

    def _rng(self, rng: np.random.Generator) -> np.random.Generator:
        return rng if self.seed is None else np.random.default_rng(self.seed)


@register("initializer", "constant")
@dataclass(frozen=True)
class Constant(Initializer):
    """Every entry is `value`."""

    value: float = 0.0

    def __call__(self, rng: np.random.Generator, shape: Shape) -> Floats:
        return np.full(shape, self.value)


@register("initializer", "zeros")
@dataclass(frozen=True)
class Zeros(Initializer):
    """Every entry is 0: the usual bias."""

    def __call__(self, rng: np.random.Generator, shape: Shape) -> Floats:
        return np.zeros(shape)


@register("initializer", "ones")
@dataclass(frozen=True)
class Ones(Initializer):
    """Every entry is 1: the usual scale."""

    def __call__(self, rng: np.random.Generator, shape: Shape) -> Floats:
        return np.ones(shape)


@register("initializer", "random_uniform", "uniform")
@dataclass(frozen=True)
class RandomUniform(_Random):
    """Uniform on [minval, maxval)."""

    minval: float = -0.05
    maxval: float = 0.05

    def __post_init__(self) -> None:
        if not self.minval <= self.maxval:
            raise GlassnetError(
                f"minval {self.minval} is above maxval {self.maxval}.", where="RandomUniform"
            )

    def __call__(self, rng: np.random.Generator, shape: Shape) -> Floats:
        return self._rng(rng).uniform(self.minval, self.maxval, shape)


def _check_deviation(stddev: float, where: str) -> None:
    if not stddev >= 0:
        raise GlassnetError(f"stddev must be ≥ 0, got {stddev}.", where=where)


@register("initializer", "random_normal")
@dataclass(frozen=True)
class RandomNormal(_Random):
    """Normal with the given mean and standard deviation."""

    mean: float = 0.0
    stddev: float = 0.05

    def __post_init__(self) -> None:
        _check_deviation(self.stddev, type(self).__name__)

    def __call__(self, rng: np.random.Generator, shape: Shape) -> Floats:
        return self._rng(rng).normal(self.mean, self.stddev, shape)


@register("initializer", "truncated_normal")
@dataclass(frozen=True)
class TruncatedNormal(_Random):
    """Normal, with draws beyond two standard deviations drawn again."""

    mean: float = 0.0
    stddev: float = 0.05

    def __post_init__(self) -> None:
        _check_deviation(self.stddev, type(self).__name__)

    def __call__(self, rng: np.random.Generator, shape: Shape) -> Floats:
        return self.mean + self.stddev * _within_two_sigma(self._rng(rng), shape)


@register("initializer", "variance_scaling")
@dataclass(frozen=True)
class VarianceScaling(_Random):
    """Variance scale/n, where n is the fan in, the fan out or their mean.

    Keeps the variance of activations (fan in) or of gradients (fan out) from layer to layer.
    Sources: Glorot & Bengio 2010; He et al. 2015; LeCun et al. 1998.
    """

    scale: float = 1.0
    mode: str = "fan_in"
    distribution: str = "truncated_normal"

    def __post_init__(self) -> None:
        if self.scale <= 0:
            raise GlassnetError(
                f"scale must be positive, got {self.scale}.", where="VarianceScaling"
            )
        if self.mode not in (modes := ("fan_in", "fan_out", "fan_avg")):
            raise unknown("mode", self.mode, modes, where="VarianceScaling")
        if self.distribution not in (
            kinds := ("truncated_normal", "untruncated_normal", "uniform")
        ):
            raise unknown("distribution", self.distribution, kinds, where="VarianceScaling")

    def __call__(self, rng: np.random.Generator, shape: Shape) -> Floats:
        rng, (fan_in, fan_out) = self._rng(rng), fans(shape)
        n = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}[self.mode]
        variance = self.scale / max(1.0, n)
        if self.distribution == "uniform":
            limit = math.sqrt(3 * variance)
            return rng.uniform(-limit, limit, shape)
        if self.distribution == "untruncated_normal":
            return rng.normal(0, math.sqrt(variance), shape)
        # Cutting the tails off shrinks the deviation to 0.87962566 of σ; Keras corrects for it.
        return math.sqrt(variance) / 0.87962566103423978 * _within_two_sigma(rng, shape)


@register("initializer", "orthogonal")
@dataclass(frozen=True)
class Orthogonal(_Random):
    """A random matrix with orthonormal rows or columns, times `gain`. Source: Saxe et al. 2014."""

    gain: float = 1.0

    def __call__(self, rng: np.random.Generator, shape: Shape) -> Floats:
        if len(shape) < 2:
            raise GlassnetError(f"needs at least two axes, got {shape}.", where="Orthogonal")
        rows, columns = math.prod(shape[:-1]), shape[-1]
        q, r = np.linalg.qr(
            self._rng(rng).standard_normal((max(rows, columns), min(rows, columns)))
        )
        q *= np.sign(np.diag(r))  # makes the draw uniform over the orthogonal matrices
        return self.gain * (q if rows >= columns else q.T).reshape(shape)


@register("initializer", "identity")
@dataclass(frozen=True)
class Identity(Initializer):
    """The identity matrix, times `gain`."""

    gain: float = 1.0

    def __call__(self, rng: np.random.Generator, shape: Shape) -> Floats:
        if len(shape) != 2:
            raise GlassnetError(f"needs two axes, got {shape}.", where="Identity")
        return self.gain * np.eye(*shape)


# Named choices of scale, fan and distribution.
for _name, _scale, _mode in (
    ("glorot", 1.0, "fan_avg"),
    ("he", 2.0, "fan_in"),
    ("lecun", 1.0, "fan_in"),
):
    alias("initializer", f"{_name}_uniform", VarianceScaling(_scale, _mode, "uniform"))
    alias("initializer", f"{_name}_normal", VarianceScaling(_scale, _mode, "truncated_normal"))

GlorotNormal = partial(VarianceScaling, 1.0, "fan_avg", "truncated_normal")
GlorotUniform = partial(VarianceScaling, 1.0, "fan_avg", "uniform")
HeNormal = partial(VarianceScaling, 2.0, "fan_in", "truncated_normal")
HeUniform = partial(VarianceScaling, 2.0, "fan_in", "uniform")
LecunNormal = partial(VarianceScaling, 1.0, "fan_in", "truncated_normal")
LecunUniform = partial(VarianceScaling, 1.0, "fan_in", "uniform")


@dataclass(frozen=True)
class Separate(Initializer):
    """Draws a kernel in equal parts along an axis, so that the fans are those of one part.

    For kernels whose parts have inputs and outputs of their own: a depthwise convolution's.
    """

    part: Initializer
    count: int
    axis: int

    def __call__(self, rng: np.random.Generator, shape: Shape) -> Floats:
        axes = list(shape)
        axes[self.axis] //= self.count
        return np.concatenate([self.part(rng, tuple(axes)) for _ in range(self.count)], self.axis)


@dataclass(frozen=True)
class Transposed(Initializer):
    """Draws a kernel whose last two axes are out and in, instead of in and out."""

    kernel: Initializer

    def __call__(self, rng: np.random.Generator, shape: Shape) -> Floats:
        return self.kernel(rng, (*shape[:-2], shape[-1], shape[-2])).swapaxes(-1, -2)


@dataclass(frozen=True)
class AsMatrix(Initializer):
    """Draws a kernel as a matrix from its axes `inputs` to the others, for Keras's fans."""

    kernel: Initializer
    inputs: tuple[int, ...]

    def __call__(self, rng: np.random.Generator, shape: Shape) -> Floats:
        others = (axis for axis in range(len(shape)) if axis not in self.inputs)
        order = (*self.inputs, *others)
        arranged = tuple(shape[axis] for axis in order)
        rows = math.prod(shape[axis] for axis in self.inputs)
        matrix = self.kernel(rng, (rows, math.prod(shape) // rows))
        return matrix.reshape(arranged).transpose(np.argsort(order))


def get(value: InitializerLike, *, where: str = "") -> Initializer:
    """Return an initializer, by name, of a function or as it is."""
    return resolve("initializer", value, where=where)


def fans(shape: Shape) -> tuple[float, float]:
    """(fan in, fan out): inputs that feed one output, and outputs that one input feeds.

    A kernel's last two axes are in and out; the axes before them are its receptive field. Keras
    counts depthwise and transposed kernels in the same way, whose axes mean something else; here
    these layers draw theirs by `Separate` and `Transposed`, with the true fans. For grouped kernels
    the fan out is Keras's: that of all groups.
    """
    if not shape:
        return 1.0, 1.0
    if len(shape) == 1:
        return float(shape[0]), float(shape[0])
    field = math.prod(shape[:-2])
    return float(shape[-2] * field), float(shape[-1] * field)


def _within_two_sigma(rng: np.random.Generator, shape: Shape) -> Floats:
    draws = rng.standard_normal(shape)
    while (outside := np.abs(draws) > 2).any():
        draws[outside] = rng.standard_normal(int(outside.sum()))
    return draws


hint_at_missing(__name__, lambda name: part_named(name, named("initializer")))

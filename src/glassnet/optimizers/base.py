"""The base of all optimizers: a learning rate, a pure update rule, clipping, decay and averages.

A step accumulates and clips the gradients, decays the weights, applies the rule, and updates their
average: Keras's order. The parts are pure functions here; the engines call them in order.
"""

import math
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, replace
from typing import Any, ClassVar

from glassnet.core.configured import Configured
from glassnet.core.functions import is_function
from glassnet.core.keras_names import KerasNames
from glassnet.core.protocols import Array, Operand, namespace
from glassnet.core.registry import added, resolve
from glassnet.core.trees import Tree, from_items
from glassnet.optimizers.checks import Checks
from glassnet.optimizers.clipping import clip_by_global_norm, clip_by_norm, clip_by_value
from glassnet.optimizers.learning_rate import LearningRate
from glassnet.optimizers.schedules import RateLike, Schedule, ScheduleFunction

Slots = tuple[Array, ...]
Updated = tuple[Array, Slots]  # a weight and its slots after a step

FLUSH_EVERY = 16  # steps; in that many, a moment above 1e-30 can't shrink to a denormal number


@dataclass(frozen=True)
class Optimizer(KerasNames, Checks, Configured):
    """A pure rule from (gradient, slots, parameter, rate, step) to (parameter, slots).

    Slots are the rule's state: arrays like the parameter. With k = `gradient_accumulation_steps`,
    the rule is applied in every k-th step, to the mean gradient of k steps. Weight decay is
    decoupled from the gradient: w ← w − η λ w before the rule (Loshchilov & Hutter 2019), except
    for weights whose name contains one of the texts in `exclude_from_weight_decay`.

    With `layer_decay`, each layer trains as if the learning rate were η · `layer_decay`ᵈ, with d
    the number of layers after it (`engines/layer_decay.py`): for fine-tuning, whose first layers
    should change least.

    Only the learning rate can be set later, `model.optimizer.learning_rate = 0.01`: the next step
    uses it, and model files hold it.
    """

    kind: ClassVar[str] = "optimizer"
    settable: ClassVar[tuple[str, ...]] = ("learning_rate",)

    learning_rate: RateLike
    _: KW_ONLY
    weight_decay: float | None = None
    clipnorm: float | None = None
    clipvalue: float | None = None
    global_clipnorm: float | None = None
    use_ema: bool = False
    ema_momentum: float = 0.99
    ema_overwrite_frequency: int | None = None
    gradient_accumulation_steps: int | None = None
    exclude_from_weight_decay: tuple[str, ...] = ()
    name: str | None = added(None)
    layer_decay: float | None = added(None)

    elementwise: ClassVar[bool] = True  # the update of an entry depends on that entry alone

    def __post_init__(self) -> None:
        rate: Any = self.learning_rate
        if is_function(rate) and not isinstance(rate, Schedule | LearningRate):
            rate = ScheduleFunction(rate)
            object.__setattr__(self, "learning_rate", rate)
        if not isinstance(rate, Schedule):
            self._check_positive("learning_rate")
            if not (isinstance(rate, LearningRate) and rate.optimizer is self):
                object.__setattr__(self, "learning_rate", LearningRate.of(self, rate))
        clipping = ("clipnorm", "clipvalue", "global_clipnorm")
        bounds = [name for name in clipping if getattr(self, name) is not None]
        if len(bounds) > 1:
            names = ", ".join(clipping)
            raise self._error(f"takes only one of {names}; got {' and '.join(bounds)}.")
        self._check_positive(*bounds)
        self._check_nonnegative("epsilon", "weight_decay")
        self._check_texts("exclude_from_weight_decay")
        if self.layer_decay is not None and not 0 < self.layer_decay <= 1:
            raise self._error(
                f"layer_decay must be in (0, 1], got {self.layer_decay}.",
                "It is the rate of each layer divided by that of the layer after it.",
            )
        self._check_unit_interval("ema_momentum")
        if self.ema_overwrite_frequency is not None and not self.use_ema:
            raise self._error("ema_overwrite_frequency needs the average.", "Set use_ema=True.")
        self._set_whole("ema_overwrite_frequency")
        self._set_whole("gradient_accumulation_steps", 2)

    @property
    def slots(self) -> tuple[str, ...]:
        """The names of the rule's state arrays for each weight."""
        return ()

    @property
    def accumulates(self) -> int:
        """The number of steps whose gradients are averaged for one update."""
        return self.gradient_accumulation_steps or 1

    def rate(self, step: int) -> float:
        """Return the learning rate of a step, counted from 0."""
        rate: Any = self.learning_rate
        return float(rate(step) if isinstance(rate, Schedule) else rate)

    def set_learning_rate(self, rate: RateLike) -> None:
        """Set the learning rate: the assignment, which type checkers refuse in a frozen class."""
        setattr(self, "learning_rate", rate)  # noqa: B010

    def rule_for(self, path: str, shape: tuple[int, ...]) -> "Optimizer":
        """Return the rule for the weight at this path: maybe another one, or this without decay."""
        name = path.rpartition("/")[2]
        if any(text in name for text in self.exclude_from_weight_decay):
            return replace(self, weight_decay=0.0, exclude_from_weight_decay=())
        return self

    def init_state(self, weights: Mapping[str, Array]) -> dict[str, Tree]:
        """Return the optimizer state before the first step: trees of arrays, by name."""
        slots: dict[str, dict[str, Array]] = {}
        for path, weight in weights.items():
            rule = self.rule_for(path, weight.shape)
            for name in rule.slots:
                slots.setdefault(name, {})[path] = rule.init_slot(weight, name)
        if self.use_ema:
            slots["average"] = dict(weights)
        if self.accumulates > 1:
            slots["gradient_accumulator"] = {
                path: namespace(weight).zeros_like(weight) for path, weight in weights.items()
            }
        return {name: from_items(leaves) for name, leaves in slots.items()}

    def init_slot(self, weight: Array, slot: str) -> Array:
        """Return the slot of this name of this weight before the first step."""
        return namespace(weight).zeros_like(weight)

    # -- the parts of a step ---------------------------------------------------------------------

    def updates_at(self, step: Any) -> Any:
        """True if the rule updates the weights in this step (from 0), not only sums gradients."""
        return self.accumulates == 1 or (step + 1) % self.accumulates == 0

    def update_number(self, step: Any) -> Any:
        """Return the rule's step, counted from 1, that this step, counted from 0, belongs to."""
        return step // self.accumulates + 1

    def process_gradients(self, gradients: Mapping[str, Array]) -> dict[str, Array]:
        """Return the gradients for the rule, averaged and clipped, from their sums over steps."""
        if self.accumulates > 1:
            gradients = {path: g / self.accumulates for path, g in gradients.items()}
        if self.clipnorm is not None:
            return {path: clip_by_norm(g, self.clipnorm) for path, g in gradients.items()}
        if self.clipvalue is not None:
            return {path: clip_by_value(g, self.clipvalue) for path, g in gradients.items()}
        if self.global_clipnorm is not None:
            return clip_by_global_norm(gradients, self.global_clipnorm)
        return dict(gradients)

    def step(self, g: Array, slots: Slots, w: Array, rate: Operand, step: Operand) -> Updated:
        """Apply weight decay, then the rule; `step` counts the rule's steps from 1."""
        if self.weight_decay:
            w = w - w * (self.weight_decay * rate)
        return self.update(g, slots, w, rate, step)

    def update(self, g: Array, slots: Slots, w: Array, rate: Operand, step: Operand) -> Updated:
        """Apply the rule to gradient g and weight w; `step` counts from 1."""
        raise NotImplementedError

    def average(self, average: Array, parameter: Array, step: int) -> tuple[Array, Array]:
        """Return the weight and its average: a ← μ a + (1 − μ) w, or a ← w in the first step.

        Every `ema_overwrite_frequency` steps of the rule, w ← a. Source: Polyak & Juditsky 1992.
        As in Keras, the average is updated in every step, even if it only accumulates gradients.
        """
        momentum = self.ema_momentum * (step > 1)
        average = momentum * average + (1 - momentum) * parameter
        if self.ema_overwrite_frequency is not None:
            xp = namespace(average)
            overwrite = step % self.ema_overwrite_frequency == 0
            parameter = xp.where(overwrite, average, parameter)
        return parameter, average

    # -- checks ----------------------------------------------------------------------------------

    def _check_unit_interval(self, *names: str) -> None:
        for name in names:
            if not 0 <= getattr(self, name) < 1:
                raise self._error(f"{name} must be in [0, 1), got {getattr(self, name)}.")

    def _check_texts(self, field: str) -> None:
        texts: Any = getattr(self, field)
        if not isinstance(texts, list | tuple) or not all(isinstance(t, str) and t for t in texts):
            example = 'For example ("bias", "gamma").'
            raise self._error(f"{field} must be a list of parts of names, got {texts!r}.", example)
        object.__setattr__(self, field, tuple(texts))


def one_minus_power(beta: float, step: Operand) -> Operand:
    """Return 1 − βᵗ. In compiled steps, t is a float32, in which βᵗ near 1 would round to 1."""
    if isinstance(step, int | float) or beta == 0:
        return 1 - beta**step
    return -namespace(step).expm1(step * math.log(beta))


def flush(slot: Array) -> Array:
    """Return the slot with entries below 1e-30 set to 0.

    The moments of a weight whose gradient stays 0 (a pixel that is always black) shrink until they
    are denormal, and arithmetic on those is tens of times slower. 1e-30 affects no weight, except
    in Lion, which moves by a moment's sign: there, a weight without gradients stops moving.
    """
    xp = namespace(slot)
    return slot * (xp.abs(slot) >= 1e-30)


def get(value: "str | type[Optimizer] | Optimizer") -> Optimizer:
    """Return a new optimizer for a name or class; an optimizer is returned unchanged."""
    optimizer = resolve("optimizer", value)
    return replace(optimizer) if isinstance(value, str) else optimizer

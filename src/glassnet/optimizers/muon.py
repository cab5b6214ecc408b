"""Muon: orthogonalized momentum for weight matrices."""

from dataclasses import KW_ONLY, dataclass
from functools import cached_property
from typing import ClassVar

from glassnet.core.norms import norm
from glassnet.core.protocols import Array, Operand
from glassnet.core.registry import register
from glassnet.optimizers.adam import Adam
from glassnet.optimizers.base import Optimizer, Slots, Updated
from glassnet.optimizers.schedules import RateLike


@dataclass(frozen=True)
class _AdamBesideMuon(Adam):
    """Adam with its learning rate multiplied by `ratio`."""

    ratio: float = 1.0

    def update(self, g: Array, slots: Slots, w: Array, rate: Operand, step: Operand) -> Updated:
        return super().update(g, slots, w, rate * self.ratio, step)


@register("optimizer", "muon")
@dataclass(frozen=True)
class Muon(Optimizer):
    """Orthogonalized momentum for matrices; Adam for all other weights.

    m ← μ m + g;   d = g + μ m (Nesterov), or m;   w ← w − η ρ √max(rows, columns) orthogonal(d),
    with ρ = `rms_rate`, so that a step is about as large as one of Adam's. Adam is used for biases,
    kernels that are not matrices, embeddings, and weights with a text of `exclude_layers` in their
    path, which should include the last layer. Adam's learning rate is η times `adam_lr_ratio`.
    Sources: Jordan et al. 2024; Liu et al. 2025 (ρ and the decay).
    """

    learning_rate: RateLike = 0.001
    adam_beta_1: float = 0.9
    adam_beta_2: float = 0.999
    adam_weight_decay: float | None = 0.004
    epsilon: float = 1e-7
    _: KW_ONLY
    weight_decay: float | None = 0.004
    exclude_layers: tuple[str, ...] | None = ()
    exclude_embeddings: bool = True
    muon_a: float = 3.4445
    muon_b: float = -4.7750
    muon_c: float = 2.0315
    adam_lr_ratio: float = 1.0
    momentum: float = 0.95
    ns_steps: int = 5
    nesterov: bool = True
    rms_rate: float | None = 0.2

    elementwise: ClassVar[bool] = False

    def __post_init__(self) -> None:
        super().__post_init__()
        self._check_unit_interval("momentum")
        self._set_whole("ns_steps")
        object.__setattr__(self, "exclude_layers", self.exclude_layers or ())
        self._check_texts("exclude_layers")
        self._check_positive("adam_lr_ratio", "rms_rate")
        _ = self._adam  # checks its own options

    slots = ("momentum",)

    def rule_for(self, path: str, shape: tuple[int, ...]) -> Optimizer:
        embeds = self.exclude_embeddings and "embedding" in path.lower()
        if len(shape) != 2 or embeds or any(text in path for text in self.exclude_layers or ()):
            return self._adam.rule_for(path, shape)
        return super().rule_for(path, shape)

    @cached_property
    def _adam(self) -> _AdamBesideMuon:
        return _AdamBesideMuon(
            self.learning_rate, self.adam_beta_1, self.adam_beta_2, self.epsilon,
            ratio=self.adam_lr_ratio, weight_decay=self.adam_weight_decay,
            exclude_from_weight_decay=self.exclude_from_weight_decay,
        )  # fmt: skip

    def update(self, g: Array, slots: Slots, w: Array, rate: Operand, step: Operand) -> Updated:
        m = self.momentum * slots[0] + g
        direction = self._orthogonal(g + self.momentum * m if self.nesterov else m)
        scale = 1.0 if self.rms_rate is None else self.rms_rate * max(w.shape) ** 0.5
        return w - (rate * scale) * direction, (m,)

    def _orthogonal(self, matrix: Array) -> Array:
        """Return about U Vᵀ, where matrix = U S Vᵀ, by a Newton-Schulz iteration.

        X ← a X + (b A + c A²) X, with A = X Xᵀ, from X = matrix / ‖matrix‖: this keeps U and V, and
        maps every singular value that is not tiny to a value between about 0.7 and 1.2.
        """
        wide = matrix.shape[0] <= matrix.shape[1]
        x = matrix if wide else matrix.T
        x = x / (norm(x) + 1e-7)
        for _ in range(self.ns_steps):
            gram = x @ x.T
            x = self.muon_a * x + (self.muon_b * gram + self.muon_c * (gram @ gram)) @ x
        return x if wide else x.T

"""`LowRankMethods`: low-rank adapters (LoRA) for the layers of a model."""

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from glassnet.core.errors import GlassnetError
from glassnet.core.trees import join_path
from glassnet.core.unknown_arguments import checked_arguments
from glassnet.layers.freezing import matches_path
from glassnet.layers.initializers import InitializerLike
from glassnet.layers.low_rank import LowRankLayer, adapters_of, add_adapters
from glassnet.model.on_batch import BatchMethods
from glassnet.training.session import require_idle

_LISTED = 8  # how many paths an error lists


class LowRankMethods(BatchMethods):
    """A model whose layers can get adapters, and be merged with them."""

    @checked_arguments("enable_lora")
    def enable_lora(
        self,
        rank: int,
        lora_alpha: float | None = None,
        a_initializer: InitializerLike = "he_uniform",
        b_initializer: InitializerLike = "zeros",
        layers: str | Sequence[str] = "*",
    ) -> None:
        """Add adapters of this rank, in place, to all Dense, EinsumDense, Embedding and
        MultiHeadAttention layers, or to those that `layers` names.

        `layers` is one or more patterns, as in "decoder_*", of names in paths such as
        "encoder/attention/query": of layers, of layers around them, of attention's projections
        (query, key, value, attention_output). Kernels with adapters are not trained from now on;
        biases and other layers still are, as in Keras. A model that was trained before needs a new
        `compile`. By default the outputs stay the same: the adapters start as products of 0.
        Raises, and changes nothing, if one of the layers has adapters already, or is frozen.
        """
        require_idle(self)
        self._require_built()
        patterns = [layers] if isinstance(layers, str) else list(layers)
        places = [*self._lora_places()]
        chosen: dict[int, tuple[LowRankLayer, dict[str, None]]] = {}
        for pattern in patterns:
            matching = [at for at in places if matches_path(pattern, at[0])]
            if not matching:
                raise _no_match(pattern, [path for path, _, _ in places])
            for _, layer, place in matching:
                chosen.setdefault(id(layer), (layer, {}))[1][place] = None
        pairs = []
        for layer, among in chosen.values():
            options: dict[str, Any] = {"lora_rank": rank, "lora_alpha": lora_alpha}
            if [*among] != [""]:
                options["lora_projections"] = tuple(among)
            pairs.append((layer, replace(layer, **options)))
        rng = np.random.default_rng((self.seed, 1))
        add_adapters(pairs, rng, a_initializer, b_initializer)

    @checked_arguments("merge_lora")
    def merge_lora(self) -> None:
        """Add all adapters to their kernels, in place, and remove them: outputs stay the same.

        All kernels are trained again. A model that was trained before needs a new `compile`.
        """
        require_idle(self)
        self._require_built()
        paths = adapters_of(self.network)
        if not paths:
            raise GlassnetError("has no adapters to merge.", where="Model: merge_lora")
        for path in paths:
            layer: Any = self.network.at(path)  # a `LowRankLayer`
            layer.merge_lora()

    def read_trainable(self) -> None:
        """Read `trainable` as other models do; warns if adapters are frozen with their layer."""
        super().read_trainable()
        if frozen := sorted(self.frozen_layers & {*adapters_of(self.network)}):
            warnings.warn(
                f"layer {frozen[0]!r} is frozen, and so are its low-rank adapters.", stacklevel=4
            )

    def _lora_places(self) -> Iterator[tuple[str, LowRankLayer, str]]:
        """Yield (path, layer, place in the layer) of all kernels that can have adapters."""
        for path, layer in self.network.walk():
            if isinstance(layer, LowRankLayer):
                for place in layer.lora_places:
                    yield join_path(path or str(layer.name), place), layer, place


def _no_match(pattern: str, paths: list[str]) -> GlassnetError:
    more = f", and {len(paths) - _LISTED} more" if len(paths) > _LISTED else ""
    return GlassnetError(
        f"no layer that can have adapters matches {pattern!r}.",
        where="Model: enable_lora",
        fix=f"These can: {', '.join(paths[:_LISTED])}{more}."
        if paths
        else "Dense, EinsumDense, Embedding and MultiHeadAttention layers can.",
    )

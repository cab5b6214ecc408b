"""`Sequential`, Keras's model of layers in a row, which can be added one by one."""

from collections.abc import Sequence as Entries

from glassnet import layers
from glassnet.core.errors import GlassnetError
from glassnet.core.unknown_arguments import checked_arguments
from glassnet.layers import Layer
from glassnet.layers.functional import Node
from glassnet.layers.layer_name import own_name
from glassnet.model.build import origin
from glassnet.model.model import Model
from glassnet.training.session import require_idle

Entry = Layer | Model | Node


class Sequential(Model):
    """A model that applies its layers one after the other.

        Sequential([Input((28, 28)), Flatten(), Dense(10, "softmax")])

    Layers may also be added one by one; the first may be an `Input`, and any a model. Weights are
    created as soon as the input's shape is known: from the `Input`, by `build` or by `fit`.
    """

    @checked_arguments("Sequential")
    def __init__(
        self,
        layers: Entries[Entry] | Layer | None = None,
        *,
        name: str | None = None,
        trainable: bool = True,
        seed: int = 0,
        dtype: str = "float32",
        class_names: Entries[str] = (),
    ) -> None:
        if isinstance(layers, Layer):
            name, layers = name or own_name(layers), _layers_of(layers)
        if not isinstance(layers, list | tuple | None):
            what = f"expects a list of layers, got {type(layers).__name__}."
            raise GlassnetError(what, where="Sequential", fix="Write Sequential([Dense(10)]).")
        super(Model, self).__init__(_empty(), seed=seed, dtype=dtype, class_names=class_names)
        self._own_name, self._entries = name, list[Entry]()
        self._set_entries([*layers] if layers else [])
        if trainable is not True:
            self.trainable = trainable

    @property
    def name(self) -> str:
        """The model's name as a layer of another model."""
        return self._own_name or "sequential"

    @checked_arguments("add")
    def add(self, layer: Entry) -> None:
        """Append a layer or a model; the others keep their weights. Compile the model again."""
        self._set_entries([*self._entries, layer])

    def pop(self) -> Entry:
        """Remove the last layer and return it; the others keep their weights."""
        if not self._entries:
            raise GlassnetError("has no layers.", where="Sequential: pop")
        last = self._entries[-1]
        self._set_entries(self._entries[:-1])
        return last

    def _set_entries(self, entries: list[Entry]) -> None:
        require_idle(self)
        state, trainable = dict(vars(self)), self.trainable
        try:
            self._replace(entries)
            object.__setattr__(self.network, "trainable", trainable)
        except BaseException:
            vars(self).clear()
            vars(self).update(state)
            raise

    def _replace(self, entries: list[Entry]) -> None:
        """Set the network of these entries, and build it if the shape of the inputs is known."""
        first, was_built = entries[0] if entries else None, self.built
        shape = self.accepted_shape if was_built else getattr(first, "accepted_shape", ()) or None
        network = _empty()
        names = self.input_names if entries else ()
        if isinstance(first, Node) and first.layer is None:
            shape, names = first.example_shape, (first.name,)
        if rest := entries[1:] if isinstance(first, Node) else entries:
            network = origin(rest, None, None, None, self._own_name, {}).network
        super(Model, self).__init__(
            network, seed=self.seed, dtype=self.dtype, class_names=self.class_names
        )
        self._entries, self.input_names = entries, names
        if rest and shape is not None:
            self._build(shape, draws=not was_built)


def _layers_of(network: Layer) -> list[Entry]:
    if not isinstance(network, layers.Sequential):
        raise GlassnetError(
            f"is a {type(network).__name__}, not layers in a row.",
            where="Sequential",
            fix="Use Model, as in Model.load(path).",
        )
    return list(network.layers)


def _empty() -> Layer:
    return layers.Sequential(())

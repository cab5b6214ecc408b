"""glassnet as users call it: `Model.fit` on images as bytes, scaled inside the network.

Freed memory stays in the process, as on glassnet's command line.
"""

from typing import Any

from setup import Data, Setup

from glassnet import Adam, Model, Rescaling
from glassnet.core.memory import keep_freed_memory


def build(setup: Setup, data: Data, metrics: tuple[str, ...] = (), engine: str = "numpy") -> Any:
    keep_freed_memory()
    if engine == "jax":
        import jax  # noqa: F401 (a missing JAX is reported as missing, not as an error)

    model = Model(
        "mlp", classes=10, hidden=(setup.hidden,), rescaling=Rescaling(1 / 255), seed=setup.seed
    )
    model.compile(Adam(setup.learning_rate), "sparse_categorical_crossentropy", metrics)

    def train() -> None:
        size, epochs = setup.batch_size, setup.epochs
        model.fit(data.x, data.y, size, epochs, verbose=0, engine=engine)

    def predict(x: Any) -> Any:
        return model.predict(x.reshape(-1, 28, 28) * 255)

    return train, predict

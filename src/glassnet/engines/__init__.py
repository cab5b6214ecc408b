"""Engines: run the training steps, on NumPy or JAX. The mathematics is in ops, not here."""

from importlib.util import find_spec

from glassnet.core.errors import GlassnetError, unknown
from glassnet.engines.state import Engine, EngineObjective, State
from glassnet.optimizers.base import Optimizer

NAMES = ("jax", "numpy")


def engine(
    name: str, objective: EngineObjective, optimizer: Optimizer, state: State, seed: int
) -> Engine:
    """Return the engine with this name, ready to continue training from `state`."""
    require(name)
    if name == "numpy":
        from glassnet.engines.numpy import NumpyEngine

        return NumpyEngine(objective, optimizer, state, seed)
    from glassnet.engines.jax import JaxEngine

    return JaxEngine(objective, optimizer, state, seed)


def require(name: str) -> None:
    """Raise if there is no such engine, or if a package it needs is not installed."""
    if name.startswith("keras:"):
        raise GlassnetError(
            "trains with Keras's own fit.",
            where=f"engine {name}",
            fix="Call glassnet.interop.keras.running.fit.fit(model, x, y, backend=...), "
            "or glassnet train --engine.",
        )
    if name not in NAMES:
        raise unknown("engine", name, NAMES)
    if name == "jax" and find_spec("jax") is None:
        raise GlassnetError(
            "jax is not installed.", where="engine jax", fix="Run: pip install 'glassnet[jax]'"
        )


KERAS_ENGINES = ("keras:jax", "keras:tensorflow", "keras:torch")

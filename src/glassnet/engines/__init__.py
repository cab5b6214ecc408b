"""Engines: what runs the steps. All run the same mathematics, which none of them holds."""

from importlib.util import find_spec

from glassnet.engines.state import Engine, State, Task
from glassnet.errors import GlassnetError, unknown
from glassnet.optimizers.base import Optimizer

NAMES = ("jax", "numpy")


def engine(name: str, task: Task, optimizer: Optimizer, state: State, seed: int) -> Engine:
    """The engine of a name, taking training up at `state`."""
    if name == "numpy":
        from glassnet.engines.numpy import NumpyEngine

        return NumpyEngine(task, optimizer, state, seed)
    if name == "jax":
        if find_spec("jax") is None:
            raise GlassnetError(
                "is not installed.", where="JAX", fix="Install it: pip install 'glassnet[jax]'"
            )
        from glassnet.engines.jax import JaxEngine

        return JaxEngine(task, optimizer, state, seed)
    raise unknown("engine", name, NAMES)

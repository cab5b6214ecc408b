"""Choosing Keras's backend for this process, and its precision.

Keras reads its backend when it is first imported, and keeps it. So no file imports Keras before
`use_backend` has been called, and importing glassnet never imports Keras.
"""

import os
import re
import sys
import warnings
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from importlib.util import find_spec
from tempfile import TemporaryFile
from typing import Any

from glassnet.core.errors import GlassnetError, unknown

_MESSAGE = re.compile(rb"WARNING: All log messages before absl|[IW]\d{4} [\d:.]+ ")

INSTALL = {  # the command that installs each backend
    "tensorflow": "pip install 'glassnet[keras]'",
    "jax": "pip install 'glassnet[jax]'",
    "torch": "pip install torch",
}


def use_backend(name: str) -> None:
    """Run Keras on TensorFlow, JAX or PyTorch; this can't change for the rest of the process."""
    if name not in INSTALL:
        raise unknown("backend", name, INSTALL, where="keras")
    for module, command in (("keras", INSTALL["tensorflow"]), (name, INSTALL[name])):
        if find_spec(module) is None:
            raise GlassnetError(
                f"{module} is not installed.", where=f"keras:{name}", fix=f"Run: {command}"
            )
    if "keras" not in sys.modules:
        os.environ["KERAS_BACKEND"] = name
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
        with _quiet():
            import keras  # noqa: F401
    if (running := backend()) != name:
        raise GlassnetError(
            f"this process already runs Keras on {running}, and Keras can't change that.",
            where=f"keras:{name}",
            fix="Start a new process for the other backend.",
        )


def use_any_backend() -> None:
    """Keep the backend that Keras already runs on, or use the first that is installed."""
    if "keras" not in sys.modules:
        installed = (name for name in INSTALL if find_spec(name) is not None)
        use_backend(next(installed, "tensorflow"))


def load_tensorflow() -> None:
    """Import TensorFlow, if it is installed, without its messages.

    Keras's fit and save import it on every backend, to check whether their arguments are its types.
    """
    if find_spec("tensorflow") is not None:
        with _quiet():
            import tensorflow
        tensorflow.get_logger().setLevel("ERROR")  # else it warns at every sixth model in a process


def backend() -> str:
    """Return the name of the backend that Keras runs on."""
    import keras

    return str(keras.backend.backend())


@contextmanager
def precision(dtype: str) -> Iterator[None]:
    """Within this context, Keras creates and computes everything in this dtype.

    Layers are not the only parts with a dtype: data, losses, learning rates and whole models use
    Keras's default. JAX has float64 only when it is enabled, and on JAX and PyTorch Keras casts the
    float64 results of many functions (tanh, matmul) to float32, whatever dtype the layers have.
    """
    import keras
    from keras.src.backend.common import dtypes

    config, narrowed = keras.config, getattr(dtypes, "BIT64_TO_BIT32_DTYPE", {})
    before = config.floatx(), config.dtype_policy(), dict(narrowed)
    config.set_floatx(dtype)
    config.set_dtype_policy(dtype)
    x64: AbstractContextManager[Any] = nullcontext()
    if backend() == "jax":
        import jax

        x64 = jax.enable_x64(dtype == "float64")
    if dtype == "float64":
        narrowed["float64"] = "float64"
    try:
        with x64, warnings.catch_warnings():
            # Keras warns that a nested model loses its mask. It doesn't: its layers pass it on.
            warnings.filterwarnings("ignore", "Layer .* was passed an input with a mask")
            yield
    finally:
        config.set_floatx(before[0])
        config.set_dtype_policy(before[1])
        narrowed.update(before[2])


@contextmanager
def _quiet() -> Iterator[None]:
    """Drop TensorFlow's messages from stderr while it is imported; all other output is kept.

    It writes the first ones from C++ before it reads any setting, so stderr itself is captured.
    """
    stderr = os.dup(2)
    with TemporaryFile() as captured:
        os.dup2(captured.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)
            captured.seek(0)
            os.write(2, b"".join(line for line in captured if not _MESSAGE.match(line)))

"""Keras in this process: which backend it runs on, and in which precision.

Keras reads its backend when it is first imported, and keeps it. So no file imports Keras before
somebody has called `use_backend`, and importing glassnet never does.
"""

import os
import re
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from importlib.util import find_spec
from tempfile import TemporaryFile
from typing import Any

from glassnet.core.errors import GlassnetError, unknown

_NOTE = re.compile(rb"WARNING: All log messages before absl|[IW]\d{4} [\d:.]+ ")

INSTALL = {  # what installs each backend
    "tensorflow": "pip install 'glassnet[keras]'",
    "jax": "pip install 'glassnet[jax]'",
    "torch": "pip install torch",
}


def use_backend(name: str) -> None:
    """Let Keras in this process run on TensorFlow, JAX or PyTorch: once, and then for good."""
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
    """Keep the backend that Keras runs on, or take the first that is installed."""
    if "keras" not in sys.modules:
        installed = (name for name in INSTALL if find_spec(name) is not None)
        use_backend(next(installed, "tensorflow"))


def load_tensorflow() -> None:
    """Load TensorFlow, if it is there, without a sound.

    Keras's fit and save load it on every backend, to see whether they were given one of its parts.
    """
    if find_spec("tensorflow") is not None:
        with _quiet():
            import tensorflow
        tensorflow.get_logger().setLevel("ERROR")  # else it warns of every sixth model in a process


def backend() -> str:
    """The name of the backend that Keras runs on."""
    import keras

    return str(keras.backend.backend())


@contextmanager
def precision(dtype: str) -> Iterator[None]:
    """Let all that Keras makes and computes inside be of this dtype, whatever is set outside.

    Not only layers have a dtype: data, losses, learning rates and whole models take Keras's
    default. JAX has no float64 unless it is told, and on JAX and PyTorch Keras makes float32 of
    the float64 results of many functions (tanh, matmul), whatever the layers say.
    """
    import keras
    from keras.src.backend.common import dtypes

    config, narrowed = keras.config, getattr(dtypes, "BIT64_TO_BIT32_DTYPE", {})
    before = config.floatx(), config.dtype_policy(), dict(narrowed)
    config.set_floatx(dtype)
    config.set_dtype_policy(dtype)
    if dtype == "float64":
        narrowed["float64"] = "float64"
    try:
        with _x64(dtype) if backend() == "jax" else nullcontext(), warnings.catch_warnings():
            # It says that a model inside a model loses its mask. It doesn't: its layers hand it on.
            warnings.filterwarnings("ignore", "Layer .* was passed an input with a mask")
            yield
    finally:
        config.set_floatx(before[0])
        config.set_dtype_policy(before[1])
        narrowed.update(before[2])


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep TensorFlow's notes off stderr while it is loaded; all else written there stays.

    It writes the first ones from C++ before it reads any setting, so the stream itself is caught.
    """
    stderr = os.dup(2)
    with TemporaryFile() as caught:
        os.dup2(caught.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)
            caught.seek(0)
            os.write(2, b"".join(line for line in caught if not _NOTE.match(line)))


def _x64(dtype: str) -> Any:
    import jax

    return jax.enable_x64(dtype == "float64")

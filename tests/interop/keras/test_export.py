"""The bridge to Keras: what `on_backend` checks, on each backend in a process of its own."""

import dataclasses
import inspect
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from glassnet import GlassnetError, layers
from glassnet.core import registry
from glassnet.interop.keras import export as bridge
from glassnet.interop.keras.reading.layer import READABLE
from glassnet.layers.network import Network

needs_keras = pytest.mark.skipif(
    find_spec("keras") is None, reason="Keras is not installed: pip install 'glassnet[keras]'"
)
slow = pytest.mark.slow
CHECKS = "tests/interop/keras/on_backend"
LONG = ("check_applications.py", "check_options.py", "check_shared_weights.py")


def python(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, check=False,
        cwd=Path(__file__).parents[3], env=os.environ | environment,
    )  # fmt: skip


@needs_keras
def test_most_holds_on_tensorflow() -> None:
    others = [f"--ignore={CHECKS}/{name}" for name in LONG]
    require_checks(CHECKS, *others, backend="tensorflow")


@needs_keras
@slow
@pytest.mark.parametrize("backend", ["tensorflow", "jax", "torch"])
def test_everything_holds_on(backend: str) -> None:
    require_checks(CHECKS, backend=backend)


@needs_keras
@slow
def test_full_networks_of_keras_applications_are_read() -> None:
    require_checks(f"{CHECKS}/check_applications.py", "-m", "slow", backend="tensorflow")


def require_checks(*arguments: str, backend: str) -> None:
    if find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed")
    done = python(
        "-m", "pytest", "-q", "-p", "no:cacheprovider", "-o", "python_files=check_*.py", *arguments,
        "-W", "ignore:__array__ implementation",  # Keras's own
        GLASSNET_TEST_BACKEND=backend,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]


@needs_keras
def test_every_layer_has_its_counterpart() -> None:
    import keras.layers as theirs  # never called: no backend is at work

    classes = registry.classes("layer")
    networks = {name for name, cls in classes.items() if issubclass(cls, Network)}
    assert networks == {"Graph", "Residual", "Sequential"}
    made_of_parts = {
        "CategoryEmbedding", "PiecewiseLinearEncoding", "PositionEmbedding", "SinusoidalPositions",
        *networks,
    }  # fmt: skip
    operations = {"AttachMask", "GetItem", "Power"}  # on tensors in Keras
    ours = set(classes) - made_of_parts - operations
    assert ours <= set(dir(theirs))
    assert ours - {"Lambda"} == set(READABLE) & set(classes)  # code is never read


@needs_keras
def test_every_constraint_of_theirs_is_ours() -> None:
    import keras.layers as theirs

    for name, cls in registry.classes("layer").items():
        if hasattr(theirs, name) and name not in ("Bidirectional", "Sequential"):
            wanted = inspect.signature(getattr(theirs, name)).parameters
            ours = {field.name for field in dataclasses.fields(cls)}
            assert {key for key in wanted if key.endswith("_constraint")} <= ours, name


def test_importing_the_bridge_does_not_import_keras() -> None:
    code = (
        "import sys, glassnet.interop.keras.export; "
        "print({'keras', 'h5py', 'jax'} & set(sys.modules))"
    )
    assert python("-c", code).stdout == "set()\n"


@needs_keras
def test_a_backend_is_quiet_and_for_good() -> None:
    backend = next(name for name in ("tensorflow", "jax", "torch") if find_spec(name))
    other = "jax" if backend != "jax" else "torch"
    if find_spec(other) is None:
        pytest.skip("only one backend is installed")
    code = f"""
from glassnet import GlassnetError
from glassnet.interop.keras.backend import use_backend
use_backend({backend!r})
use_backend({backend!r})
try:
    use_backend({other!r})
except GlassnetError as error:
    print(error)
"""
    done = python("-c", code)
    assert done.stderr == ""
    assert f"this process already runs Keras on {backend}" in done.stdout


def test_an_unknown_backend_gets_a_suggestion() -> None:
    with pytest.raises(GlassnetError, match="Did you mean 'tensorflow'"):
        bridge.use_backend("tensorflw")


@pytest.mark.parametrize(
    ("missing", "command"),
    [("keras", r"pip install 'glassnet\[keras\]'"), ("torch", "pip install torch")],
)
def test_what_is_missing_is_named_with_its_command(
    missing: str, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def found(name: str) -> object:
        return None if name == missing else object()

    monkeypatch.setattr("glassnet.interop.keras.backend.find_spec", found)
    with pytest.raises(GlassnetError, match=f"{missing} is not installed. Run: {command}"):
        bridge.use_backend("torch")


_SHAPED = (
    "Conv", "Pool", "Padding", "Cropping", "UpSampling", "SpatialDropout", "Einsum", "Flatten",
    "Reshape", "Permute", "RepeatVector",
)  # fmt: skip
_LATER = {"activity_regularizer", "seed"}


@needs_keras
def test_all_arguments_of_keras_layers_over_positions_are_there_or_refused_by_name() -> None:
    import keras.layers as theirs

    names = {name for name in dir(theirs) if any(part in name for part in _SHAPED)} | {"Dense"}
    names -= {"ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D"}
    assert len(names) >= 60
    for name in names:
        cls = getattr(layers, getattr(theirs, name).__name__)
        assert getattr(layers, name, cls) is cls  # an alias, too
        ours = inspect.signature(cls).parameters
        for option, parameter in inspect.signature(getattr(theirs, name)).parameters.items():
            if parameter.kind is parameter.VAR_KEYWORD or option in _LATER:
                continue
            option = cls.keras_arguments.get(option, option)
            if option in ours:
                if parameter.default not in (None, parameter.empty):
                    default = ours[option].default
                    assert default == parameter.default or _same_for_all(default, parameter.default)
            elif option != "dtype":
                with pytest.raises(GlassnetError, match=f"takes no {option}. .*leave it out"):
                    cls(**{option: 2})


def _same_for_all(ours: object, theirs: object) -> bool:
    """Whether a number of ours, which stands for all axes, is what a tuple of Keras's holds."""
    while isinstance(theirs, tuple):
        assert len(set(theirs)) == 1
        theirs = theirs[0]
    return ours == theirs

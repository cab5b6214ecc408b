"""`glassnet`'s own names: the same for Python and for type checkers, and light to import."""

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

import glassnet
from glassnet.verify.inventory import everything

STUB = ast.parse((Path(__file__).parents[1] / "src/glassnet/__init__.pyi").read_text())


def stub_names() -> dict[str, tuple[str, str]]:
    """(module, name there) of every name that `__init__.pyi` exports."""
    names = {}
    for statement in STUB.body:
        if not isinstance(statement, ast.ImportFrom):
            continue
        module = importlib.import_module(
            "." * statement.level + (statement.module or ""), "glassnet"
        )
        for alias in statement.names:
            exported = module.__all__ if alias.name == "*" else [alias.name]
            names |= {name: (module.__name__, name) for name in exported}
    return names


def test_type_checkers_and_python_see_the_same_names() -> None:
    assert sorted(stub_names()) == dir(glassnet) == glassnet.__all__


@pytest.mark.parametrize("name", dir(glassnet))
def test_a_name_is_the_same_object_in_the_stub_and_at_run_time(name: str) -> None:
    module, attribute = stub_names()[name]
    assert getattr(glassnet, name) is getattr(importlib.import_module(module), attribute)


@pytest.mark.parametrize("kind", ["layer", "loss"])
def test_every_layer_and_loss_is_public(kind: str) -> None:
    assert set(everything(kind)) <= set(dir(glassnet))


def test_a_wrong_name_is_one_sentence() -> None:
    with pytest.raises(ImportError, match=r"glassnet has no 'Dens'. Did you mean 'Dense'"):
        exec("from glassnet import Dens")
    with pytest.raises(AttributeError, match="glassnet has no 'get'"):
        glassnet.get  # type: ignore[attr-defined]  # noqa: B018
    with pytest.raises(AttributeError, match=r"'RemoteMonitor'. Write a Callback whose"):
        glassnet.RemoteMonitor  # type: ignore[attr-defined]  # noqa: B018


def test_importing_glassnet_imports_nothing_large() -> None:
    code = "import sys, glassnet; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"numpy", "jax", "keras", "rich", "typer"} & set(done.stdout.split())

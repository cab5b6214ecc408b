"""The command line answers at once, and says what is wrong in one message."""

import subprocess
import sys

import pytest

HEAVY = ("numpy", "scipy", "jax", "keras", "sklearn", "matplotlib", "PIL", "safetensors", "pooch")


@pytest.mark.parametrize("arguments", [["--help"], ["train", "--help"], ["--version"]])
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    program = (
        "import sys; from glassnet.cli import main; sys.argv = ['glassnet', *sys.argv[1:]]\n"
        "try: main()\n"
        "except SystemExit as exit: code = exit.code\n"
        f"loaded = [name for name in {HEAVY} if name in sys.modules]\n"
        "assert not loaded and not code, (loaded, code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert "glassnet" in done.stdout


def test_every_command_has_json() -> None:
    from typer.main import get_command

    from glassnet.cli import app

    commands = get_command(app).commands  # type: ignore[attr-defined]
    without = [
        name
        for name, command in commands.items()
        if not any("--json" in parameter.opts for parameter in command.params)
    ]
    assert len(commands) >= 18
    assert not without


def test_importing_glassnet_imports_nothing_heavy() -> None:
    program = f"import sys, glassnet; print([m for m in {HEAVY} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.strip() == "[]"


def test_every_public_name_can_be_imported() -> None:
    import glassnet

    for name in glassnet.__all__:
        assert getattr(glassnet, name) is not None
    with pytest.raises(AttributeError, match="Modle"):
        _ = glassnet.Modle  # type: ignore[attr-defined]

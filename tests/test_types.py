"""A user's strictly typed program passes mypy and pyright; mypy finds mistakes put into it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import glassnet

PROGRAM = Path(__file__).with_name("typed_program.py")
PACKAGE = Path(glassnet.__file__).parent

# (correct code, a mistake to put in its place)
MISTAKES = [
    ("s = 1 / (1 + namespace(x)", "x[0] = 0; s = 1 / (1 + namespace(x)"),
    ("namespace(x).exp(", "namespace(x).expo("),
    ("return x * s, pullback", "return x.fill(0), pullback"),
    ("return x * s, pullback", "return (x, s), pullback"),
    ('record.logs["loss"])', "record.logs)"),
    ("Shift(0.5)", "Shift(shift='a')"),
    ("Absolute(factor=2.0)", "Absolute(fact=2.0)"),
    ("Halving(every=5)", "Halving(every=None)"),
    ("activation=bent", "activation=3"),
    ("plain.fit(x, labels, epochs=1", "plain.fit(x, labels, epoch=1"),
    ("plain.variables", "plain.variable"),
    ("plain = Sequential([Flatten(),", 'plain = Sequential(["flatten",'),
]


def run(command: list[str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command, capture_output=True, text=True, check=False)


def mypy(tmp_path: Path, program: Path) -> list[str]:
    """The errors that `mypy --strict` finds."""
    settings = tmp_path / "mypy.ini"
    settings.write_text(
        f"[mypy]\nstrict = True\nmypy_path = {PACKAGE.parent}\ncache_dir = {tmp_path / 'cache'}\n"
        "[mypy-glassnet.*]\nfollow_imports = silent\n"
        "[mypy-jax.*,keras.*,tensorflow.*]\nfollow_imports = skip\n"
    )
    command = [sys.executable, "-m", "mypy", "--config-file", str(settings), str(program)]
    return [line for line in run(command).stdout.splitlines() if " error: " in line]


def pyright(tmp_path: Path, program: Path) -> list[str]:
    """The errors that pyright finds in its strict mode."""
    settings = tmp_path / "pyrightconfig.json"
    settings.write_text(
        json.dumps(
            {
                "include": [str(program)],
                "typeCheckingMode": "strict",
                "extraPaths": [str(PACKAGE.parent)],
            }
        )
    )
    command = [sys.executable, "-m", "basedpyright", "--outputjson", "--project", str(settings),
               "--pythonpath", sys.executable]  # fmt: skip
    result = run(command)
    return [
        f"{item['range']['start']['line'] + 1}: {item['message']} ({item.get('rule')})"
        for item in json.loads(result.stdout)["generalDiagnostics"]
        if item["severity"] == "error"
    ]


def test_a_users_strict_program_passes_mypy(tmp_path: Path) -> None:
    assert mypy(tmp_path, PROGRAM) == []


def test_a_users_strict_program_passes_pyright(tmp_path: Path) -> None:
    pytest.importorskip("basedpyright", reason="pyright is not installed")
    assert pyright(tmp_path, PROGRAM) == []


def test_mypy_finds_mistakes_with_arrays(tmp_path: Path) -> None:
    """Each mistake in a copy of its own; one call of mypy for all."""
    text = PROGRAM.read_text()
    for number, (right, wrong) in enumerate(MISTAKES):
        assert text.count(right) == 1
        (tmp_path / f"mistake_{number}.py").write_text(text.replace(right, wrong))
    errors = mypy(tmp_path, tmp_path)
    assert {line.split("mistake_")[1].split(".")[0] for line in errors} == {
        str(number) for number in range(len(MISTAKES))
    }


def test_the_program_runs() -> None:
    result = run([sys.executable, str(PROGRAM)])
    assert result.returncode == 0, result.stderr

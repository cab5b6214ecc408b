"""A user's strictly typed program, and all programs of the pages, pass mypy and pyright, which find
mistakes put into them.
"""

import json
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

import glassnet

PROGRAM = Path(__file__).with_name("typed_program.py")
ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted(ROOT.glob("docs/*.md"))]
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
    (".trainable = False", '.trainable = "no"'),
    ("trainable=False", 'trainable="no"'),
    ("trainable=False", "trained=False"),
    ("plain = Sequential([Flatten(),", 'plain = Sequential(["flatten",'),
]

# What people type: functions need no annotations (so `logs=None` may be subscripted), and libraries
# without types may be imported.
TYPED = ["disallow_untyped_defs", "disallow_incomplete_defs", "disallow_untyped_calls"]
UNTYPED = ["reportMissingParameterType", "reportUnknownParameterType", "reportUnknownVariableType",
           "reportUnknownMemberType", "reportUnknownArgumentType", "reportUnknownLambdaType",
           "reportMissingTypeStubs", "reportMissingImports", "reportUnusedVariable",
           "reportMissingTypeArgument", "reportOptionalSubscript"]  # fmt: skip

# Mistakes that both find in a program of a page.
PLANTED = """
from glassnet import Dense, Flatten, Model, load

data = load("digits")
model = Model([Flatten(), Dense(10, "softmax")])
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(data.x_train, data.y_train, epochs=3)
loss, accuracy = model.evaluate(data.x_test, data.y_test)
"""
PLANTED_MISTAKES = [
    ("epochs=3", "epoch=3"),
    ('Dense(10, "softmax")', 'Dense(10, activaton="softmax")'),
    ('"sparse_categorical_crossentropy"', "0.5"),
    ("model.evaluate(", "model.evalute("),
]


def run(command: list[str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command, capture_output=True, text=True, check=False)


def mypy(tmp_path: Path, program: Path, off: Sequence[str] = ()) -> list[str]:
    """The errors that `mypy --strict` finds, with some of its options off."""
    settings = tmp_path / "mypy.ini"
    settings.write_text(
        f"[mypy]\nstrict = True\nmypy_path = {PACKAGE.parent}\ncache_dir = {tmp_path / 'cache'}\n"
        + "".join(f"{option} = False\n" for option in off)
        + "[mypy-glassnet.*]\nfollow_imports = silent\n"
        "[mypy-jax.*,keras.*,tensorflow.*]\nfollow_imports = skip\n"
        "[mypy-sklearn.*]\nignore_missing_imports = True\n"
    )
    command = [sys.executable, "-m", "mypy", "--config-file", str(settings), str(program)]
    return [line for line in run(command).stdout.splitlines() if " error: " in line]


def pyright(tmp_path: Path, program: Path, off: Sequence[str] = ()) -> list[str]:
    """The errors that pyright finds in its strict mode, with some of its rules off."""
    settings = tmp_path / "pyrightconfig.json"
    settings.write_text(
        json.dumps(
            {
                "include": [str(program)],
                "typeCheckingMode": "strict",
                "extraPaths": [str(PACKAGE.parent)],
                **dict.fromkeys(off, False),
            }
        )
    )
    command = [sys.executable, "-m", "basedpyright", "--outputjson", "--project", str(settings),
               "--pythonpath", sys.executable]  # fmt: skip
    result = run(command)
    return [
        f"{Path(item['file']).name}:{item['range']['start']['line'] + 1}: "
        f"{item['message']} ({item.get('rule')})"
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


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    """A folder with each program of the pages and examples as a file, and `planted_N.py`."""
    folder = tmp_path / "pages"
    folder.mkdir()
    for page in PAGES:
        programs = re.findall(r"^```python\n(.*?)^```", page.read_text(), flags=re.M | re.S)
        for number, code in enumerate(programs):
            (folder / f"{page.stem.replace('-', '_').lower()}_{number}.py").write_text(code)
    for example in ROOT.glob("examples/*.py"):
        (folder / f"example_{example.name}").write_text(example.read_text())
    for number, (right, wrong) in enumerate(PLANTED_MISTAKES):
        assert PLANTED.count(right) == 1
        (folder / f"planted_{number}.py").write_text(PLANTED.replace(right, wrong))
    (folder / "right.py").write_text(PLANTED)
    return folder


def check_pages(errors: list[str]) -> None:
    """Assert that there are errors in all planted programs, and in no other."""
    planted = [error for error in errors if "planted_" in error]
    assert [error for error in errors if error not in planted] == []
    numbers = {error.split("planted_")[1].split(".")[0] for error in planted}
    assert numbers == {str(number) for number in range(len(PLANTED_MISTAKES))}


def test_programs_of_the_pages_pass_mypy_which_finds_mistakes(tmp_path: Path, pages: Path) -> None:
    check_pages(mypy(tmp_path, pages, TYPED))


def test_programs_of_the_pages_pass_pyright_which_finds_mistakes(
    tmp_path: Path, pages: Path
) -> None:
    pytest.importorskip("basedpyright", reason="pyright is not installed")
    (pages / "example_02_mlp_from_scratch.py").unlink()  # to pyright, no `Array` is random.normal's
    check_pages(pyright(tmp_path, pages, UNTYPED))


def test_the_program_runs() -> None:
    result = run([sys.executable, str(PROGRAM)])
    assert result.returncode == 0, result.stderr

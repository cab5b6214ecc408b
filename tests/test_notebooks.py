"""The notebooks: texts and outputs belong together, and the exercises check what they should."""

import ast
import json
import re
import runpy
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "notebooks"
TEXTS = sorted(FOLDER.glob("0*.py"))
each = pytest.mark.parametrize("text", TEXTS, ids=lambda path: path.stem)


def stored(text: Path) -> Any:
    return json.loads(text.with_suffix(".ipynb").read_text())


def source(cell: Any) -> str:
    return "".join(cell["source"])


def printed(notebook: Any) -> list[str]:
    """What the cells printed, without figures: these may differ in the last digits elsewhere."""
    outputs = [output for cell in notebook["cells"] for output in cell.get("outputs", ())]
    text = "".join("".join(output.get("text", "")) for output in outputs)
    return re.sub(r"[-+]?\d[\d.,e+-]*", "#", text).split()


def checks(text: Path) -> dict[str, ast.FunctionDef]:
    functions = [n for n in ast.parse(text.read_text()).body if isinstance(n, ast.FunctionDef)]
    return {
        f.name: f for f in functions if any("exercise(" in ast.unparse(d) for d in f.decorator_list)
    }


def calls(tree: ast.AST) -> list[ast.Call]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call)]


def test_they_are_numbered_without_gaps_and_listed_in_their_readme_and_the_readme() -> None:
    assert [path.name[:2] for path in TEXTS] == [f"{n:02}" for n in range(1, 10)]
    for page, pattern in (
        ("notebooks/README.md", r"\((0.*?\.ipynb)\)"),
        ("README.md", r"\(notebooks/(0.*?)\)"),
    ):
        listed = re.findall(pattern, (ROOT / page).read_text())
        assert listed == [path.with_suffix(".ipynb").name for path in TEXTS], page


@each
def test_a_notebook_is_made_from_its_text(text: Path) -> None:
    jupytext = pytest.importorskip("jupytext")
    cells = jupytext.read(text)["cells"]
    pairs = [(cell["cell_type"], cell["source"]) for cell in cells]
    assert pairs == [(cell["cell_type"], source(cell)) for cell in stored(text)["cells"]], (
        f"run: make notebooks NAMES={text.name[:2]}"
    )


@each
def test_its_outputs_are_clean_and_small(text: Path) -> None:
    notebook = stored(text)
    assert text.with_suffix(".ipynb").stat().st_size < 400_000
    for cell in notebook["cells"]:
        if cell["cell_type"] != "code":
            continue
        assert cell["execution_count"], source(cell)
        for output in cell["outputs"]:
            assert output["output_type"] != "error"
            assert output.get("name") != "stderr", output
            data = output.get("data", {})
            text_output = "".join(output.get("text", data.get("text/plain", "")))
            assert not re.search(r"/(home|tmp|Users|root|usr|var)/|0x[0-9a-f]{6}", text_output)
    pictures = [
        o
        for c in notebook["cells"]
        for o in c.get("outputs", ())
        if "image/png" in o.get("data", {})
    ]
    assert pictures


@each
def test_each_exercise_is_asked_answered_and_rejects_a_wrong_answer(text: Path) -> None:
    names = checks(text)
    assert 3 <= len(names) <= 5
    arguments: dict[str, list[str]] = {name: [] for name in names}
    for call in calls(ast.parse(text.read_text())):
        words = [ast.unparse(part) for part in (call.func, *call.args)]
        if words[0] in names:
            arguments[words[0]].append(words[1])
        elif words[0] == "rejected":
            arguments[words[1]].append("rejected")
    for name, answers in arguments.items():
        assert answers[0] == "...", name
        assert "rejected" in answers, name
        assert len([a for a in answers if a not in ("...", "rejected")]) >= 1, name
    output = " ".join(printed(stored(text)))
    for number in range(1, len(names) + 1):
        assert f"Exercise {number}: right." in " ".join(
            "".join(o.get("text", "")) for c in stored(text)["cells"] for o in c.get("outputs", ())
        )
    assert output.count("open. Write your answer") == len(names)
    assert output.count("rejected:") >= len(names)


def test_in_a_dozen_exercises_a_derivative_is_checked_numerically() -> None:
    derivatives = [
        name
        for text in TEXTS
        for name, function in checks(text).items()
        if {ast.unparse(call.func) for call in calls(function)} & {"check_op", "gradcheck"}
    ]
    assert len(derivatives) >= 12, derivatives


@pytest.mark.slow
@each
def test_executed_again_it_prints_the_same(text: Path) -> None:
    pytest.importorskip("nbclient")
    if text.name.startswith("02"):
        pytest.importorskip("keras")
    execute = runpy.run_path(str(FOLDER / "execute.py"))
    assert printed(execute["executed"](text)) == printed(stored(text))

"""The rules of the house that the other tools don't hold."""

import ast
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]


def tracked(pattern: str) -> list[Path]:
    """The files that git knows or would take; without git, all that lie in the usual folders."""
    if not (ROOT / ".git").exists() or not shutil.which("git"):
        tops = ("src", "tests", "benchmarks", "docs")
        files = (p for top in tops for p in (ROOT / top).rglob("*") if p.is_file())
        return [
            p for p in files
            if p.relative_to(ROOT).match(pattern) and "__pycache__" not in p.parts
        ]  # fmt: skip
    done = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", pattern],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return [ROOT / line for line in done.stdout.splitlines() if (ROOT / line).exists()]


def test_files_stay_small_enough_to_be_one_idea() -> None:
    long = {p.name: n for p in tracked("src/*.py") if (n := len(p.read_text().splitlines())) > 330}
    assert not long


def test_no_file_holds_a_registry_or_a_path_of_somebody_s_machine() -> None:
    for path in tracked("*"):
        if path.suffix in (".png", ".npz"):
            continue
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"(^|[^\w.])/(work|farm|root)/", text), path
        assert "extra-index-url" not in text or path.name == Path(__file__).name


# What users do with a model, whatever files it takes.
USES = {"model/test_multiple_inputs", "model/test_multiple_outputs", "model/test_sample_weights"}


def test_tests_mirror_the_source() -> None:
    """tests/ROOM/test_X.py tests src/glassnet/ROOM/X.py; test_ROOM.py tests the room as a whole."""
    package = ROOT / "src/glassnet"
    for test in tracked("tests/*/test_*.py"):
        place = test.relative_to(ROOT / "tests")
        name = place.stem.removeprefix("test_")
        if place.parts[0] in ("cli", "benchmarks") or str(place.with_suffix("")) in USES:
            continue
        tested = package / place.with_name(f"{name}.py")
        assert tested.exists() or name == place.parent.name, place


def floors() -> list[set[str]]:
    """The rooms on each floor of the import contract, the top floor first."""
    (contract,) = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"][
        "contracts"
    ]
    assert contract["exhaustive"]
    return [set(re.split(r" \| ", line)) for line in contract["layers"]]


def test_the_contract_names_every_room_and_no_module_lies_loose() -> None:
    """`lint-imports` holds the arrows; this holds that there are 12 floors of known rooms, and
    beside them only modules with the names of Keras's, which import what they list.
    """
    assert len(floors()) <= 12
    package = ROOT / "src/glassnet"
    rooms = {p.name for p in package.iterdir() if (p / "__init__.py").exists()}
    loose = {p.stem for p in package.glob("*.py")}
    names = loose - {"__init__", "__main__"}
    assert set().union(*floors()) == rooms | names
    for name in names - {"activations"}:
        module = ast.parse((package / f"{name}.py").read_text())
        kinds = {type(statement) for statement in module.body}
        assert kinds == {ast.Expr, ast.ImportFrom}, f"{name}.py does more than import"


def is_own(node: ast.expr) -> bool:
    """Whether this is self, cls or super()."""
    if isinstance(node, ast.Call):
        node = node.func
    return isinstance(node, ast.Name) and node.id in ("self", "cls", "super")


def private_names(tree: ast.AST) -> set[str]:
    """The names with one underscore that classes give to methods, fields and attributes."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            names |= {node.attr} if is_own(node.value) else set()
        for part in node.body if isinstance(node, ast.ClassDef) else ():
            if isinstance(part, ast.FunctionDef):
                names.add(part.name)
            elif isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name):
                names.add(part.target.id)
    return {name for name in names if name.startswith("_") and not name.startswith("__")}


def test_nobody_touches_the_private_names_of_another_object() -> None:
    """As `model._params` would, which is what `model.params` is for. Keras's own are not ours."""
    trees = {path: ast.parse(path.read_text("utf-8")) for path in tracked("src/*.py")}
    ours = set().union(*map(private_names, trees.values()))
    assert {"_params", "_slots", "_reset_optimizer"} <= ours  # of Model
    touched = [
        f"{path.relative_to(ROOT)}:{node.lineno}: {ast.unparse(node)}"
        for path, tree in trees.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in ours and not is_own(node.value)
    ]
    assert not touched


WORDS = r"\| don't write \| write \|\n\|[-|]+\|\n(.*?)\n\n"  # the table in CONTRIBUTING.md


def banned() -> list[str]:
    """The words of CONTRIBUTING.md that stay out of all texts, with their inflections."""
    (table,) = re.findall(WORDS, (ROOT / "CONTRIBUTING.md").read_text(), flags=re.S)
    cells = [line.split("|")[1] for line in table.splitlines() if "`" not in line]
    words = [word.strip(' "') for cell in cells for word in cell.split(",")]
    irregular = {"foretell": "foret(ell|old)", "mend": "mend", "judge": "judg(e|ing)"}
    return [rf"\b{irregular.get(word, word)}(e?s|e?d|ing)?\b" for word in words]


def test_some_words_stay_out_of_the_house() -> None:
    pattern = re.compile("|".join(banned()), flags=re.I)
    assert pattern.search("The doctor foretold it.")
    assert pattern.search("judging of several inputs")
    for path in (p for end in ("py", "pyi", "md", "js") for p in tracked(f"*.{end}")):
        if path.name in ("CONTRIBUTING.md", Path(__file__).name):
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            assert not pattern.search(line), f"{path.relative_to(ROOT)}:{number}: {line.strip()}"


def test_locals_are_named_for_what_they_hold() -> None:
    happened = {"found", "given", "said", "made", "kept", "told"}
    for path in tracked("src/*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            name = node.id if isinstance(node, ast.Name) else getattr(node, "arg", None)
            place = f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"
            assert name not in happened, f"{place}: {name}"

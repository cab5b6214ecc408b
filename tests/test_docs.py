"""The documents cannot go stale: examples run, and figures are what programs printed."""

import importlib
import os
import re
import runpy
import shutil
import subprocess
import sys
from functools import reduce
from pathlib import Path
from textwrap import dedent

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src/glassnet"
PAGES = [
    *sorted(ROOT.glob("*.md")), ROOT / "examples/README.md", *sorted((ROOT / "docs").glob("*.md")),
    *sorted(ROOT.glob("docs/concepts/*.md")), *sorted(ROOT.glob("docs/decisions/*.md")),
]  # fmt: skip
HOUSE = runpy.run_path(str(ROOT / "docs/house.py"))
FLOORS: list[list[str]] = HOUSE["floors"](ROOT)


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text(), flags=re.M | re.S)


EXAMPLES = [
    (page, code) for page in PAGES if page.name != "tutorial.md"  # one session: test_tutorial.py
    for code in blocks(page, "python")
]  # fmt: skip


@pytest.mark.parametrize(("page", "code"), EXAMPLES, ids=lambda v: getattr(v, "name", ""))
def test_python_examples_run_and_print_what_they_say(page: Path, code: str, tmp_path: Path) -> None:
    """Each `# prints TEXT` in an example is what that line printed."""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    for text in re.findall(r"# prints (.*)$", code, flags=re.M):
        assert text in done.stdout, (text, done.stdout)


def test_the_readme_has_an_example_of_at_most_ten_lines() -> None:
    example, *_ = blocks(ROOT / "README.md", "python")
    assert len(example.strip().splitlines()) <= 10


def test_the_readme_begins_with_two_commands() -> None:
    first, *_ = blocks(ROOT / "README.md", "sh")
    assert re.findall(r"^(\w.*?) *#", first, flags=re.M) == ["make train", "make test"]


def test_links_and_pictures_exist() -> None:
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#:]+?)(?:#[^)]*)?\)", page.read_text()):
            assert (page.parent / target).exists(), (page.name, target)


def test_every_figure_of_the_readme_s_tables_was_printed_by_a_program() -> None:
    """Percentages, milliseconds and ratios in the README stand in the pages that programs wrote."""
    written = "".join(
        (ROOT / "docs" / name).read_text() for name in ("results.md", "benchmarks.md")
    )
    rows = [line for line in (ROOT / "README.md").read_text().splitlines() if line.startswith("|")]
    figures = {f for row in rows for f in re.findall(r"\d+\.\d+ ?(?:%|×|µs|MB|s\b)", row)}
    assert figures
    for figure in figures:
        assert figure in written, figure


def test_make_targets_named_in_the_documents_exist() -> None:
    makefile = (ROOT / "Makefile").read_text()
    for page in PAGES:
        for target in re.findall(r"^make ([\w-]+)", page.read_text(), flags=re.M):
            assert re.search(rf"^{target}:", makefile, flags=re.M), target


def test_every_kind_of_picture_is_in_its_table() -> None:
    from glassnet.report.figures.kinds import KINDS

    rows = [line for line in (ROOT / "docs/plots.md").read_text().splitlines() if line[:3] == "| `"]
    assert rows[1:] == [f"| `{kind.name}` | {kind.caption} |" for kind in KINDS.values()]


def table(page: str, head: str) -> list[list[str]]:
    """The cells of the table that begins with this row of names."""
    _, rows = (ROOT / page).read_text().split(head + "\n", 1)
    lines = rows.split("\n\n")[0].splitlines()[1:]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def test_the_picture_of_the_house_is_the_import_contract() -> None:
    assert (ROOT / "docs/house.svg").read_text() == HOUSE["house"](FLOORS), (
        "run: python docs/house.py > docs/house.svg"
    )


def test_the_floors_are_those_of_the_import_contract() -> None:
    rows = table("docs/architecture.md", "| floor | rooms | what it adds |")
    assert [int(number) for number, *_ in rows] == list(range(len(FLOORS), 0, -1))
    assert [re.findall(r"`(\w+)`", rooms) for _, rooms, _ in rows] == FLOORS


WHATS_WHERE = table("README.md", "| room | holds | look here for |")


def test_every_room_is_in_the_readme_in_the_order_of_the_floors() -> None:
    rooms = [re.findall(r"`(\w+)`", room)[0] for room, *_ in WHATS_WHERE]
    assert sorted(rooms) == sorted(room for floor in FLOORS for room in floor)
    numbers = [next(i for i, floor in enumerate(FLOORS) if room in floor) for room in rooms]
    assert numbers == sorted(numbers)


def test_every_file_in_the_readme_s_table_exists_and_is_in_its_room() -> None:
    for room, _, files in WHATS_WHERE:
        (name,) = re.findall(r"`(\w+)`", room)
        for path in re.findall(r"(?:^|<br>)`([^`]+)`", files):
            assert (PACKAGE / path).exists(), path
            assert re.split(r"[/.]", path)[0] == name


@pytest.mark.parametrize(
    ("question", "file"),
    [
        ("the confusion matrix", "evaluate/classification.py"),
        ("all losses", "losses/__init__.py"),
        ("what happens at Ctrl-C", "training/signals.py"),
        ("reads a photo", "data/images/photo.py"),
        ("Adam", "optimizers/adam.py"),
        ("early stopping", "training/callbacks/early_stopping.py"),
        ("saves and loads weights", "model/file.py"),
        ("prints `glassnet evaluate`", "cli/evaluate.py"),
        ("dropout and its derivative", "ops/dropout.py"),
        ("reads a `.keras` file", "interop/keras/reading/file.py"),
        ("reads CSV", "data/sources/tables.py"),
    ],
)
def test_the_readme_s_table_answers(question: str, file: str) -> None:
    entries = [entry for *_, files in WHATS_WHERE for entry in files.split("<br>")]
    assert [entry.split("`")[1] for entry in entries if f": {question}" in entry] == [file]


WAYS = table("docs/architecture.md", "| file | name | what happens |")
WAYS += table("docs/architecture.md", "`glassnet evaluate RUN`:\n\n| file | name | what happens |")


@pytest.mark.parametrize(("file", "name"), [(row[0], row[1]) for row in WAYS])
def test_files_and_names_on_the_ways_of_a_batch_and_a_command_exist(file: str, name: str) -> None:
    path = file.strip("`").removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    module = importlib.import_module(f"glassnet.{path}")
    assert reduce(getattr, name.strip("`").split("."), module).__module__ == module.__name__


CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text()


def test_paths_in_contributing_exist() -> None:
    paths = set(re.findall(r"`((?:src|tests|docs)/[\w/.]+)`", CONTRIBUTING))
    new = {
        "tests/ROOM/test_X.py", "src/glassnet/cli/X.py", "src/glassnet/runs/X.py",
        "tests/layers/test_self_gate.py",
    }  # fmt: skip
    assert new <= paths
    for path in paths - new:
        assert (ROOT / path).exists(), path


def test_the_checklist_for_a_layer_is_true(tmp_path: Path) -> None:
    """Follow it in a copy, block by block: the contract then holds for the new layer."""
    for name in ("src", "tests"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    section = CONTRIBUTING.split("## Add a layer")[1].split("\n## ")[0]
    steps = re.findall(r"^   ```python\n   # (\S+)\n(.*?)^   ```", section, flags=re.M | re.S)
    assert len(steps) == 3
    for file, code in steps:
        path = tmp_path / file
        if path.exists():
            for line in code.splitlines():
                mark = "LAYERS = [\n" if "layer_case" in line else "__all__ = [\n"
                text, added = path.read_text(), dedent(line) + "\n"
                assert text.count(mark) == 1
                after = mark + added if line.startswith("       ") else added + mark
                path.write_text(text.replace(mark, after))
        else:
            path.write_text(dedent(code))
    contract = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/test_contract.py", "-k"]
    for command in (
        [*contract, "SelfGate or (table and class)"],
        ["-c", "from glassnet import SelfGate, gradcheck; gradcheck(SelfGate(), [[1.0, -2.0]])"],
    ):
        done = subprocess.run(
            [sys.executable, *command], cwd=tmp_path, capture_output=True, text=True,
            env=os.environ | {"PYTHONPATH": "src"},
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        assert "-c" in command or re.search(r"1\d passed", done.stdout), done.stdout

"""The rules of the house that the other tools don't hold."""

import re
import shutil
import subprocess
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


def test_tests_mirror_the_source() -> None:
    """Each test file of a floor has the file that it tests."""
    floors = {p.name for p in (ROOT / "src/glassnet").iterdir() if p.is_dir()} - {"cli"}
    for test in tracked("tests/*/test_*.py"):
        floor = test.parent.name
        if floor in floors:
            name = test.name.removeprefix("test_")
            assert (ROOT / "src/glassnet" / floor / name).exists(), test

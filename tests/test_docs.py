"""The documents cannot go stale: examples run, and figures are what programs printed."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text(), flags=re.M | re.S)


EXAMPLES = [(page, code) for page in PAGES for code in blocks(page, "python")]


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

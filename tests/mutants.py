"""Mutation score: how many small faults planted in the code do the tests of its file notice?

    python tests/mutants.py [--sample N] [FILE or FOLDER ...]

Cosmic Ray plants one fault at a time (+ for −, < for ≤, 1 for 0, `not` put in, a decorator left
out) in a copy of the repository; each must make a test of its file fail. Of all mutants a random
sample is tested, always the same one. `make mutants` runs this; scores stand in docs/log.md.
"""

import argparse
import ast
import os
import random
import shlex
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from cosmic_ray.commands.init import init
from cosmic_ray.mutating import mutate_and_test
from cosmic_ray.testing import run_tests
from cosmic_ray.work_db import WorkDB, use_db
from cosmic_ray.work_item import MutationSpec, TestOutcome

ROOT = Path(__file__).parents[1]
PACKAGE = Path("src/glassnet")
PARTS = ("ops", "layers", "losses", "optimizers", "training")
TABLES = {  # tests that run over a table of everything in a room
    "ops": "tests/test_contract.py",
    "layers": "tests/test_contract.py",
    "losses": "tests/test_contract.py",
    "optimizers": "tests/engines/test_numpy.py",
}


def tests_of(file: Path) -> str:
    """The command that runs the tests of a file: its own, or its room's, and the cases of its
    functions and classes in the tests that run over all of them.
    """
    place = file.relative_to(PACKAGE)
    own = Path("tests") / place.with_name(f"test_{place.stem}.py")
    tests = [own if own.exists() else own.parent]
    options = ["-x", "-q", "-p", "no:cacheprovider"]
    if table := TABLES.get(place.parts[0]):
        defined = ast.parse(file.read_text(encoding="utf-8")).body
        names = [n.name for n in defined if isinstance(n, ast.FunctionDef | ast.ClassDef)]
        tests.append(Path(table))
        options += ["-k", " or ".join([tests[0].name, *names])]
    return shlex.join([sys.executable, "-m", "pytest", *options, *map(str, tests)])


def annotations(file: Path) -> set[int]:
    """The lines that type annotations take: a fault in one is no fault of the program."""
    lines: set[int] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        for name in ("annotation", "returns"):
            if (note := getattr(node, name, None)) is not None:
                lines |= set(range(note.lineno, note.end_lineno + 1))
    return lines


def mutants(files: list[Path]) -> Iterator[MutationSpec]:
    """Every mutant of the files, but those of annotations (`int | None` made `int + None`)."""
    with use_db(":memory:", WorkDB.Mode.create) as database:
        init(files, database, {})
        typed = {file: annotations(file) for file in files}
        for item in database.work_items:
            (mutant,) = item.mutations
            binary = "BinaryOperator" in mutant.operator_name
            if not (binary and mutant.start_pos[0] in typed[mutant.module_path]):
                yield mutant


def chosen(paths: list[str]) -> list[Path]:
    """The Python files that the paths name."""
    files = [f for p in map(Path, paths) for f in ([p] if p.is_file() else sorted(p.rglob("*.py")))]
    return [f for f in files if f.name != "__init__.py"]


def main() -> None:
    """Test a sample of mutants; print the survivors and the score of each file."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("paths", nargs="*", default=[str(PACKAGE / part) for part in PARTS])
    parser.add_argument("--sample", type=int, default=200, help="mutants to test (0: all)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for name in ("src", "tests", "pyproject.toml"):
            copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
            copy(ROOT / name, Path(folder) / name)
        os.chdir(folder)
        os.environ["PYTHONPATH"] = "src"
        score(chosen(options.paths), options.sample)


def score(files: list[Path], sample: int) -> None:
    """The score of the files, in the current folder."""
    population = sorted(mutants(files), key=lambda m: (m.module_path, m.start_pos, m.operator_name))
    if 0 < sample < len(population):
        population = sorted(
            random.Random(0).sample(population, sample), key=lambda m: m.module_path
        )
    limits: dict[Path, float] = {}
    total, killed = Counter[Path](), Counter[Path]()
    for mutant in population:
        file = mutant.module_path
        if file not in limits:
            began = time.monotonic()
            outcome, output = run_tests(tests_of(file), 600)
            if outcome != TestOutcome.SURVIVED:
                sys.exit(f"{file}: its tests fail without a mutant:\n{output[-2000:]}")
            limits[file] = 10 + 5 * (time.monotonic() - began)
        result = mutate_and_test([mutant], tests_of(file), limits[file])
        total[file] += 1
        killed[file] += result.is_killed
        if not result.is_killed:
            lines = (result.diff or "").splitlines()
            changed = [
                line for line in lines if line[:1] in "+-" and line[:3] not in ("---", "+++")
            ]
            sys.stdout.write("\n".join([f"survived: {file}:{mutant.start_pos[0]}", *changed, ""]))
            sys.stdout.flush()
    for file in total:
        sys.stdout.write(f"{killed[file]:5} of {total[file]:5} killed  {file}\n")
    of = total.total()
    sys.stdout.write(f"{killed.total()} of {of} mutants killed: {killed.total() / of:.0%}\n")


if __name__ == "__main__":
    main()

"""`glassnet trace` on a real, tiny run."""

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from tests.cli.conftest import failed_clearly, in_this_process

Run = Callable[..., CompletedProcess[str]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two runs: on the digits, and on a table of numbers."""
    folder = tmp_path_factory.mktemp("trace")
    rows = [f"{i % 7},{'ab'[i % 2]},{3 * (i % 7) + 5 * (i % 2)}.5" for i in range(80)]
    (folder / "rows.csv").write_text("\n".join(["size,kind,price", *rows]) + "\n")
    for arguments in (
        ("train", "digits", "--hidden", "16", "--epochs", "2", "--name", "d"),
        ("train", "rows.csv", "--target", "price", "--epochs", "1", "--name", "t"),
    ):
        done = in_this_process(folder, *arguments, "-q")
        assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def trace(folder: Path) -> Run:
    return lambda *arguments: in_this_process(folder, "trace", *arguments)


def test_the_overview_has_a_line_for_each_layer(trace: Run) -> None:
    done = trace("runs/d", "--row", "3", "--check")
    assert done.returncode == 0, done.stderr
    head, *lines = done.stdout.splitlines()
    assert head.startswith("test row 3: target ")
    assert "loss = " in head
    assert any("that of a first step: the optimizer's state" in line for line in lines)
    layers = [line.split()[0] for line in lines if " Dense " in line]
    assert layers == ["dense", "dense_1"]
    assert "derivatives beside finite differences" in done.stdout


def test_numbers_are_opened_and_named_by_the_next_line(trace: Run) -> None:
    overview = trace("runs/d")
    name = overview.stdout.rpartition('--number "')[2].partition('"')[0]
    done = trace("runs/d", "--number", name, "--number", "new dense/kernel[20, 3]")
    assert f"{name} = " in done.stdout
    assert "= the sum of 17 terms" in done.stdout
    assert "Adam.update" in done.stdout


def test_a_layer_shows_its_arrays(trace: Run) -> None:
    done = trace("runs/d", "--layer", "dense_1")
    assert "kernel 16×10    dense_1/kernel, first 4 rows" in done.stdout
    assert "momentum of kernel 16×10    momentum of dense_1/kernel: all 0" in done.stdout
    assert "note: momentum, velocity: as before a first step" in done.stdout


def test_json_has_the_terms(trace: Run) -> None:
    done = trace("runs/d", "--number", "output of dense_1[2]", "--layer", "dense_1", "--json")
    result = json.loads(done.stdout)
    (number,) = result["numbers"]
    assert len(number["terms"]) == 17
    assert sum(term["value"] for term in number["terms"]) == pytest.approx(number["value"])
    assert number["derivative"] == pytest.approx(number["finite_difference"], rel=1e-6)
    by_path = {layer["path"]: layer for layer in result["layers"]}
    assert len(by_path["dense_1"]["arrays"]["output"]["numbers"]) == 10
    assert "numbers" not in by_path["dense"]["arrays"]["output"]


def test_raw_rows_have_their_target_or_one_that_is_given(trace: Run, folder: Path) -> None:
    done = trace("runs/t", "rows.csv", "--row", "2")
    assert done.stdout.startswith("rows.csv, line 4: target price 6.5")
    (folder / "new.csv").write_text("size,kind\n3,b\n")
    failed_clearly(trace("runs/t", "new.csv"), "new.csv, line 2", "no target", "--target")
    done = trace("runs/t", "new.csv", "--target", "14.5")
    assert done.stdout.startswith("new.csv, line 2: target price 14.5")


def test_wrong_input_is_one_clear_message(trace: Run) -> None:
    failed_clearly(trace("runs/d", "--row", "99999"), "--row", "rows 0 to")
    failed_clearly(trace("runs/d", "--layer", "dens"), "Did you mean 'dense'")
    failed_clearly(trace("runs/d", "--number", "dense/kernel[2]"), "no entry [2]", "(64, 16)")
    failed_clearly(trace("runs/d", "--target", "3"), "--target", "a test row has one")


def test_out_writes_a_page(trace: Run, folder: Path) -> None:
    done = trace("runs/d", "--row", "3", "--out", "trace.html")
    assert done.returncode == 0, done.stderr
    page = (folder / "trace.html").read_text()
    assert "<h1>Trace of test row 3</h1>" in page
    assert done.stdout.splitlines()[-1] == f"trace.html: {len(page.encode()) / 1e3:.0f} kB"
    assert (
        json.loads(trace("runs/d", "--out", "trace.html", "--json").stdout)["page"] == "trace.html"
    )
    failed_clearly(trace("runs/d", "--out", "none/trace.html"), "none/trace.html: can't be written")

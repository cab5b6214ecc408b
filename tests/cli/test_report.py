"""`glassnet report`, and the report that `train` makes."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from glassnet.audit import Audit
from glassnet.audit.cache import save_audit
from glassnet.cli import app
from glassnet.data import load
from tests.cli.conftest import Run, failed_clearly

DIGITS = ("train", "digits", "--epochs", "1", "--hidden", "8", "--name", "a")


def test_train_makes_a_report_unless_told_not_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GLASSNET_REPORT")
    done = CliRunner().invoke(app, [*DIGITS, "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["report"] == "runs/a/report.html"
    assert "<h2" in (tmp_path / "runs/a/report.html").read_text(encoding="utf-8")
    done = CliRunner().invoke(app, [*DIGITS[:-1], "b", "--json", "--no-report"])
    assert json.loads(done.stdout)["report"] is None
    assert not (tmp_path / "runs/b/report.html").exists()


def test_a_training_ends_well_without_a_report_and_gets_it_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever interrupts the writing; resuming the finished run then writes the report."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GLASSNET_REPORT")
    asked = CliRunner().invoke

    def broken(*_: object, **__: object) -> None:
        raise RecursionError("too deep")

    with monkeypatch.context() as patch:
        patch.setattr("glassnet.report.report.page", broken)
        done = asked(app, [*DIGITS, "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["report"] is None
    assert "RecursionError: too deep" in done.stderr
    assert "glassnet report runs/a" in done.stderr
    assert asked(app, ["resume", "runs/a", "--no-report"]).stdout == ""
    assert not (tmp_path / "runs/a/report.html").exists()
    later = asked(app, [*DIGITS, "--resume"])
    assert later.stdout == "report runs/a/report.html\n"
    assert "it has no report yet: it is written now" in later.stderr
    again = asked(app, ["resume", "runs/a", "--json"])
    assert json.loads(again.stdout)["report"] == "runs/a/report.html"


def test_report_says_where_it_is(
    glassnet: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("glassnet.audit.cache.user_cache_path", lambda name: tmp_path / name)
    glassnet(*DIGITS)
    assert glassnet("report", "runs/a").stdout == "runs/a/report.html\n"
    page = (tmp_path / "runs/a/report.html").read_text(encoding="utf-8")
    assert "glassnet data digits --audit" in page  # which has not been run yet
    said = glassnet("report", "runs/a", "--out", "other.html", "--json").stdout
    assert json.loads(said) == {"run": "runs/a", "report": "other.html"}
    assert (tmp_path / "other.html").read_text(encoding="utf-8") == page


def test_what_is_no_run_has_no_report(glassnet: Run) -> None:
    failed_clearly(glassnet("report", "nothing"), "nothing", "there is no such run")


@pytest.mark.slow
def test_what_takes_long_is_in_the_full_report_and_the_audit_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("glassnet.audit.cache.user_cache_path", lambda name: tmp_path / name)
    asked = CliRunner().invoke
    assert asked(app, [*DIGITS]).exit_code == 0
    page = tmp_path / "runs/a/report.html"
    assert asked(app, ["report", "runs/a", "--full"]).exit_code == 0
    said = page.read_text(encoding="utf-8")
    for words in (
        "Accuracy on all test rows: ",
        "t-SNE of the last hidden layer",
        "learning rate increases",
    ):
        assert words in said
    assert asked(app, ["report", "runs/a"]).exit_code == 0
    assert "Accuracy on all test rows: " in page.read_text(encoding="utf-8")  # it was saved


@pytest.mark.slow
def test_a_fold_has_no_saved_audit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its rows differ, though its hash is that of the whole data set."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("glassnet.audit.cache.user_cache_path", lambda name: tmp_path / name)
    asked = CliRunner().invoke
    assert asked(app, [*DIGITS, "--folds", "3"]).exit_code == 0
    data = load("digits")
    sizes = {"train": 959, "test": 479}
    balance = {name: {"train": 1, "test": 1} for name in data.class_names}
    path = save_audit(Audit("digits", data.sha256, sizes, balance, (), (), (), 0))
    before, page = path.read_bytes(), tmp_path / "runs/a/fold-3/report.html"
    assert asked(app, ["report", "runs/a/fold-3"]).exit_code == 0
    assert "only by glassnet report --full" in page.read_text(encoding="utf-8")
    assert asked(app, ["report", "runs/a/fold-3", "--full"]).exit_code == 0
    assert "Accuracy on all test rows: " in page.read_text(encoding="utf-8")
    assert path.read_bytes() == before

"""Commands that take runs of every kind of data: verify, export, import; in this process."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from glassnet.cli import app

SMALL = ("--epochs", "1", "--depth", "1")
TEXTS = ("said.csv", "--text-column", "what", "--label-column", "kind")
KINDS = {
    "pictures": ("digits", "--network", "gru", "--units", "3", *SMALL),
    "texts": (*TEXTS, "--network", "gru", "--units", "3", "--embedding", "4", *SMALL),
    "corpus": ("book.txt", "--width", "4", "--heads", "1", "--max-length", "16", *SMALL),
}


@pytest.fixture(autouse=True)
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    rows = [f"{('an awful', 'a lovely')[i % 2]} film {i},{'-+'[i % 2]},x" for i in range(60)]
    (tmp_path / "said.csv").write_text("\n".join(["what,kind,body", *rows]))
    (tmp_path / "book.txt").write_text("the cat sat on the mat. " * 100)


def told(*arguments: str) -> Any:
    """What the command says as JSON."""
    done = CliRunner().invoke(app, [*arguments, "--json"])
    assert done.exit_code == 0, (done.output, done.exception)
    return json.loads(done.stdout)


@pytest.mark.parametrize("kind", KINDS)
def test_verify_reads_the_data_as_the_run_did(kind: str) -> None:
    run = told("train", *KINDS[kind])["run"]
    only = "position" if kind == "corpus" else "gru"
    found = told("verify", run, "--only", only, "--no-keras")
    assert found["proofs"]
    assert all(proof["ok"] for proof in found["proofs"])


def test_verify_says_which_checks_were_there() -> None:
    done = CliRunner().invoke(app, ["verify", "--only", "flatten", "--no-keras"])
    assert "Keras" not in done.stdout
    assert done.exit_code == 0, done.output
    assert "JAX's own" in done.stdout
    assert "all 1 verified" in done.stdout


def test_a_verdict_names_how_many_checks_were_missing() -> None:
    from glassnet.cli.verify import _verdict
    from glassnet.verify.checks import NOT_INSTALLED, Verification

    errors = {
        "differences": 1e-9,
        "compiled": NOT_INSTALLED,
        "jax": NOT_INSTALLED,
        "keras": NOT_INSTALLED,
    }
    said = _verdict([Verification("op", "x", errors)], 0)
    assert (
        said
        == "all 1 verified by 1 of 4 checks; to run the others: pip install 'glassnet[jax,keras]'"
    )


def test_nothing_is_shown_of_what_can_not_be_verified(capsys: pytest.CaptureFixture[str]) -> None:
    run = told("train", *KINDS["pictures"])["run"]
    done = CliRunner().invoke(app, ["verify", run, "--only", "nothing"])
    assert done.exit_code
    assert done.stdout == ""


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
@pytest.mark.parametrize(
    "kind", [pytest.param(k, marks=() if k == "texts" else pytest.mark.slow) for k in KINDS]
)
def test_what_is_exported_is_imported_for_the_same_data(kind: str) -> None:
    pytest.importorskip("keras", reason="Keras is not installed")
    run = told("train", *KINDS[kind])["run"]
    path = CliRunner().invoke(app, ["export", run, "--out", "there.keras"])
    assert path.stdout == "there.keras\n"
    back = told("import", "there.keras", "--like", run, "--name", "back")["run"]
    assert told("evaluate", back)["test"] == told("evaluate", run)["test"]
    if kind == "texts":  # 62 words are not 257 bytes
        done = CliRunner().invoke(app, ["import", "there.keras", "--data", *TEXTS])
        assert "name that run with --like RUN" in str(done.exception)
    else:
        other = told("import", "there.keras", "--data", KINDS[kind][0], "--name", "other")["run"]
        assert told("evaluate", other)["test"] == told("evaluate", run)["test"]
    unfit = CliRunner().invoke(app, ["import", "there.keras", "--like", run, "--data", "digits"])
    assert "the run names the data" in str(unfit.exception)

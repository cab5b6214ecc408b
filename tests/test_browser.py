"""The report in a real browser, cut off from every network."""

import json
import subprocess
from pathlib import Path

import pytest
from PIL import Image

from glassnet.report.report import write_report
from glassnet.runs.settings import choose
from glassnet.runs.train import run_training
from glassnet.tuning.page import write_study_page
from glassnet.tuning.tune import tune
from tests.browser import COMMAND, needs_chromium

pytestmark = [pytest.mark.slow, needs_chromium]


def opened(page: Path, shot: Path, width: int) -> tuple[list[str], list[str]]:
    """(what the browser's console says, the addresses that the page asks for)."""
    log = shot.with_suffix(".json")
    done = subprocess.run(
        [
            *COMMAND, f"--user-data-dir={shot.with_suffix('')}",
            f"--window-size={width},9000", f"--screenshot={shot}", f"--log-net-log={log}",
            page.absolute().as_uri(),
        ],
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = [event.get("params", {}) for event in json.loads(log.read_text())["events"]]
    # What the browser asks for by itself has no origin.
    asked = [one["url"] for one in told if one.get("initiator", "not an origin") != "not an origin"]
    return [line for line in done.stderr.splitlines() if "CONSOLE" in line], asked


def test_the_watch_sees_what_a_page_asks_for(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text('<img src="http://example.org/a.png"><script>console.log("said")</script>')
    said, asked = opened(page, tmp_path / "shot.png", 360)
    assert "said" in said[0]
    assert "http://example.org/a.png" in asked


@pytest.mark.parametrize("network", ["mlp", "cnn"])
@pytest.mark.parametrize("width", [1280, 360])
def test_it_opens_without_an_error_or_a_request(tmp_path: Path, network: str, width: int) -> None:
    chosen = {"filters": (2, 4)} if network == "cnn" else {"hidden": (16,)}
    settings = choose("digits", "numbers", network=network, epochs=2, **chosen)
    page = write_report(str(run_training(settings, out=str(tmp_path)).run.folder))
    said, asked = opened(page, tmp_path / "shot.png", width)
    assert said == []
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    with Image.open(tmp_path / "shot.png") as seen:
        assert seen.size[0] == width
        colours = seen.convert("RGB").getcolors(2**24) or []
    assert len(colours) > 100  # the pictures are there, not only letters on paper


@pytest.mark.parametrize("width", [1280, 360])
def test_the_page_of_a_study_opens_likewise(tmp_path: Path, width: int) -> None:
    study = tune(
        lambda params, seed: params["x"] ** 2, {"x": {"low": 0.0, "high": 1.0}}, trials=400,
        method="random", out=str(tmp_path),
    )  # fmt: skip
    page = write_study_page(study, tmp_path / "study.html")
    said, asked = opened(page, tmp_path / "shot.png", width)
    assert said == []  # of so many trials, some plots have points as an embedded picture
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []

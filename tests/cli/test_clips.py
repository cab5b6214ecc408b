"""A folder of clips in, a prediction out: the commands that a person types, in their order."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import glassnet as gn
from tests.cli.conftest import Run, failed_clearly
from tests.clips import tone, write

TRAIN = ("train", "tones", "--filters", "4,8", "--epochs", "2", "--quiet", "--name")
ENDS = ("wav", "flac", "ogg")


@pytest.fixture
def tones(tmp_path: Path) -> Path:
    """60 clips of half a second: low tones and high ones, in three formats."""
    rng = np.random.default_rng(0)
    for i in range(60):
        name, hz = (("low", 300), ("high", 2000))[i % 2]
        signal = tone(hz * rng.uniform(0.8, 1.2)) + rng.normal(0, 0.01, 4000).astype(np.float32)
        write(tmp_path / "tones" / name / f"{i:02}.{ENDS[i % 3]}", signal)
    return tmp_path / "tones"


def test_a_folder_of_clips_to_predictions(glassnet: Run, tones: Path) -> None:
    out = glassnet("data", "tones").stdout
    assert "paths of audio clips: .flac, .ogg, .wav; the first 0.5 s of each" in out
    done = glassnet(*TRAIN, "a")
    assert (done.returncode, done.stderr) == (0, "")
    assert "test accuracy" in done.stdout
    paths = [str(path) for path in sorted(tones.rglob("*.flac"))[:4]]
    rows = json.loads(glassnet("predict", "runs/a", *paths, "--json").stdout)["predictions"]
    assert [row["file"] for row in rows] == paths
    (alone,) = json.loads(glassnet("predict", "runs/a", paths[2], "--json").stdout)["predictions"]
    assert alone["predicted_label"] == rows[2]["predicted_label"]
    assert alone["probability"] == pytest.approx(rows[2]["probability"], abs=1e-6)
    done = glassnet("predict", "runs/a", "tones/high", "--json")
    assert len(json.loads(done.stdout)["predictions"]) == 30
    (tones / "high" / "broken.wav").write_bytes(b"no audio")
    (tones / "low" / "empty.ogg").write_bytes(b"")
    done = glassnet("predict", "runs/a", "tones", "gone.wav", "--json", "--out", "p.csv")
    assert done.returncode == 2
    for line in ("broken.wav: can't be read", "empty.ogg: is empty", "gone.wav: does not exist"):
        assert line in done.stderr
    result = json.loads(done.stdout)
    assert len(result["predictions"]) == 60
    names = ["gone.wav", "tones/high/broken.wav", "tones/low/empty.ogg"]
    assert [error["file"] for error in result["errors"]] == names
    written = pl.read_csv(tones.parent / "p.csv")
    assert written["error"].is_not_null().to_list() == [False] * 60 + [True] * 3
    assert written["file"].to_list()[60:] == names
    assert written["probability"].is_null().sum() == 3
    done = glassnet("predict", "runs/a", "gone.wav")
    failed_clearly(done, "gone.wav: does not exist")
    assert done.stderr.count("error") == 1
    broken = glassnet("predict", "runs/a", "gone.wav", "tones/low/empty.ogg")
    failed_clearly(broken, "gone.wav", "empty.ogg", "none of 2 files can be read")
    settings = json.loads((tones.parent / "runs/a/config.json").read_text())["settings"]
    assert (settings["network"], settings["filters"], settings["depth"]) == ("cnn", [4, 8], 1)
    model = gn.load_model(tones.parent / "runs/a")
    assert model.about["rows"]["columns"][0]["spectrogram"]["rate"] == 8000


def test_a_table_of_paths_keeps_groups_apart(glassnet: Run, tones: Path) -> None:
    rows = [
        f"tones/{p.parent.name}/{p.name},{p.parent.name},{p.stem[0]}" for p in tones.rglob("*.*")
    ]
    (tones.parent / "clips.csv").write_text("\n".join(["file,class,speaker", *rows]) + "\n")
    network = ("--network", "gru", "--units", "4", "--epochs", "1")
    done = glassnet(
        "train", "clips.csv", "--group", "speaker", *network, "--quiet", "--name", "table"
    )
    assert done.returncode == 0, done.stderr
    assert "20 examples" in glassnet("evaluate", "runs/table").stdout  # two of the six speakers


def test_everything_after_training(glassnet: Run, tones: Path) -> None:
    for seed in "01":
        assert glassnet(*TRAIN, f"run{seed}", "--seed", seed).returncode == 0
    clip = str(next(tones.rglob("*.wav")))
    for line in (
        ("evaluate", "runs/run0"),
        ("compare", "runs/run0", "runs/run1"),
        ("explain", "runs/run0", clip, "--method", "saliency"),
        ("plot", "runs/run0", "--kind", "overview"),
        ("plot", "runs/run0", "--kind", "feature-maps"),
        ("lr-find", "tones", "--network", "gru", "--units", "4"),
        ("train", "tones", "--filters", "4,8", "--dry-run"),
        ("train", "tones", "--filters", "4", "--folds", "2", "--epochs", "1", "--name", "folds"),
    ):
        done = glassnet(*line)
        assert done.returncode == 0, (line, done.stderr)
    done = glassnet("explain", "runs/run0", "--row", "2", "--method", "saliency", "--json")
    assert json.loads(done.stdout)["subject"].startswith(("high/", "low/"))


def test_faults_are_named_with_their_files(glassnet: Run, tones: Path) -> None:
    write(tones / "low" / "quiet.wav", tone(300, level=0.0001))
    write(tones / "low" / "fast.wav", tone(300, 16_000), 16_000)
    write(tones / "high" / "stereo.wav", np.stack([tone(2000), tone(2000)], 1))
    write(tones / "low" / "loud.wav", np.clip(tone(300, level=3), -1, 1))
    write(tones / "high" / "short.wav", tone(2000, seconds=0.02))
    half = Path(write(tones / "high" / "half.wav", tone(2000)))
    half.write_bytes(half.read_bytes()[:-2000])
    done = glassnet("data", "tones")
    for file, problem in {
        "low/quiet.wav": "is silent",
        "low/fast.wav": "has 16,000 samples per second, not 8,000",
        "high/stereo.wav": "has 2 channels, not 1",
        "low/loud.wav": "is clipped",
        "high/short.wav": "is much shorter than the others",
        "high/half.wav": "is cut off",
    }.items():
        (line,) = (line for line in done.stderr.splitlines() if problem in line)
        assert file in line
    (tones / "high" / "empty.wav").write_bytes(b"")
    (tones / "high" / "text.wav").write_text("no audio")
    failed_clearly(glassnet(*TRAIN, "b"), "empty.wav: is empty", "text.wav")

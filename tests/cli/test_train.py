"""`glassnet train`, and the commands that take its run: on scikit-learn's real digits."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from glassnet import Dense, Model
from tests.cli.conftest import Run, failed_clearly

DIGITS = ("train", "digits", "--epochs", "3", "--hidden", "32")


def test_train_prints_the_summary_the_epochs_the_classes_and_the_run(
    program: Run, tmp_path: Path
) -> None:
    done = program(*DIGITS)
    assert done.returncode == 0, done.stderr
    for words in (
        "Total params: 2,410",
        "val accuracy",
        "lowest validation loss in epoch 3 of 3",
        "precision",
        "test accuracy",
        "95% interval",
        "run runs/digits-1",
    ):
        assert words in done.stdout, done.stdout
    assert [line[:9] for line in done.stderr.splitlines()] == [f"epoch {i}/3" for i in (1, 2, 3)]
    assert "0." in done.stderr.splitlines()[2]
    assert done.stdout.count("val loss") == 1  # what stderr said of each epoch is not said again
    assert "\r" not in done.stderr  # plain lines where there is no terminal
    files = {p.name for p in (tmp_path / "runs/digits-1").iterdir()}
    assert files == {"config.json", "history.jsonl", "model.safetensors", "metrics.json"}


def test_json_has_the_promised_fields_and_evaluate_agrees(glassnet: Run) -> None:
    outcome = json.loads(glassnet(*DIGITS, "--epochs", "15", "--json").stdout)
    assert outcome["parameters"] == 64 * 32 + 32 + 32 * 10 + 10
    assert outcome["epochs"] == 15
    low, high = outcome["test"]["accuracy_interval"]
    assert 0.8 < low < outcome["test"]["accuracy"] < high <= 1
    assert set(outcome["validation"]) == {"loss", "accuracy"}
    assert outcome["seconds"] > 0
    again = json.loads(glassnet("evaluate", outcome["run"], "--json").stdout)
    assert again["test"] == outcome["test"]
    told = glassnet("evaluate", outcome["run"]).stdout
    assert f"test accuracy {100 * outcome['test']['accuracy']:.2f}%" in told


def test_same_seed_same_bytes_and_another_seed_other_bytes(program: Run, tmp_path: Path) -> None:
    for name, seed in (("a", "7"), ("b", "7"), ("c", "8")):
        assert program(*DIGITS, "--seed", seed, "--name", name, "--dropout", "0.2").returncode == 0
    a, b, c = (
        hashlib.sha256((tmp_path / "runs" / name / "model.safetensors").read_bytes()).hexdigest()
        for name in "abc"
    )
    assert a == b != c


def test_summary_marks_low_rank_adapters(glassnet: Run, tmp_path: Path) -> None:
    model = Model([Dense(3), Dense(2, "softmax")], (4,))
    model.layers[0].enable_lora(2)
    model.save(tmp_path / "adapted.safetensors")
    head, _, first, *_ = glassnet("summary", str(tmp_path / "adapted.safetensors")).stdout.split(
        "\n"
    )
    assert head.endswith("Trainable")
    assert first.startswith("dense (Dense, LoRA 2)")
    assert first.rstrip().endswith("Y")


def test_summary_of_a_run(glassnet: Run) -> None:
    run = json.loads(glassnet(*DIGITS, "--json").stdout)["run"]
    text = glassnet("summary", run).stdout
    assert "dense_1 (Dense)" in text
    assert "Total params: 2,410" in text
    assert json.loads(glassnet("summary", run, "--json").stdout)["parameters"] == 2410


def test_audit(glassnet: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from sklearn.datasets import load_digits

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    digits = load_digits()
    x, y = digits.images.astype(np.uint8)[:600], digits.target[:600]
    x[7], y[7] = x[500], y[500]  # a test row that is also in the training set
    y[20] = (y[20] + 1) % 10
    names = np.array([str(c) for c in range(10)])
    np.savez(tmp_path / "my.npz", x_train=x[:450], y_train=y[:450], x_test=x[450:],
             y_test=y[450:], class_names=names)  # fmt: skip
    done = glassnet("data", "my.npz", "--audit", "--json", "--out", "suspects.png")
    found = json.loads(done.stdout)
    assert "searching for label errors" in done.stderr
    assert found["copies"][0]["place"] == {"split": "test", "row": 50}
    assert found["copies"][0]["of"] == {"split": "train", "row": 7}
    assert {"split": "train", "row": 20} in [s["place"] for s in found["suspects"][:15]]
    with Image.open(tmp_path / "suspects.png") as picture:
        assert picture.size[0] > 500
    shown = glassnet("data", "my.npz", "--audit", "--top", "1").stdout
    assert "test 50" in shown


def test_predict_and_plot(glassnet: Run, tmp_path: Path) -> None:
    from sklearn.datasets import load_digits

    run = json.loads(glassnet(*DIGITS, "--epochs", "20", "--json").stdout)["run"]
    digits = load_digits()
    pixels = (digits.images[0] * 15.9).astype(np.uint8)  # a zero, light on dark
    Image.fromarray(pixels).save(tmp_path / "zero.png")
    Image.fromarray(255 - pixels).save(tmp_path / "ink.png")
    predictions = json.loads(glassnet("predict", run, "zero.png", "ink.png", "--json").stdout)
    first, second = predictions["predictions"]
    assert first["class"] == second["class"] == "0"
    assert first["polarity"] != second["polarity"]
    assert sum(first["probabilities"].values()) == pytest.approx(1, abs=1e-5)
    assert first["out_of_distribution"] is False
    assert first["distance"] < first["threshold"]
    assert "seen" not in first  # pixels are for --seen FILE
    (tmp_path / "torn.png").write_bytes((tmp_path / "zero.png").read_bytes()[:50])
    some = glassnet("predict", run, "zero.png", "torn.png", "zero.png", "--json")
    assert some.returncode == 2
    assert "torn.png" in some.stderr
    assert [one["class"] for one in json.loads(some.stdout)["predictions"]] == ["0", "0"]
    shown = glassnet("predict", run, "zero.png").stdout
    assert "zero.png" in shown
    assert "░" not in shown  # no terminal
    done = glassnet("predict", run, "zero.png", "--explain", "why.png")
    assert done.stderr.splitlines() == ["explanation: why.png"]
    with Image.open(tmp_path / "why.png") as picture:
        assert picture.size[0] > 500
    noise = np.random.default_rng(0).integers(0, 256, (8, 8)).astype(np.uint8)
    Image.fromarray(noise).save(tmp_path / "noise.png")
    odd = glassnet("predict", run, "noise.png", "--show", "--seen", "seen.png").stdout
    assert "doesn't look like the training data: its distance is" in odd
    assert "No class is given" in odd
    assert "%  █" not in odd
    assert "░" in odd
    with Image.open(tmp_path / "seen.png") as picture:
        assert picture.size == (80, 80)
    odd = json.loads(glassnet("predict", run, "noise.png", "--json").stdout)["predictions"][0]
    assert odd["out_of_distribution"] is True
    assert odd["class"] is None  # it abstains
    assert "but 99% of the training data are within" in odd["reasons"][0]
    assert first["reasons"] == []
    metrics = tmp_path / run / "metrics.json"
    metrics.rename(tmp_path / "hidden.json")  # as if it had been interrupted
    note = glassnet("predict", run, "zero.png").stderr
    assert "training has not ended: 20 of 20 epochs are done" in note
    (tmp_path / "hidden.json").rename(metrics)

    assert glassnet("plot", run).returncode == 0
    with Image.open(tmp_path / run / "overview.png") as picture:
        assert picture.size[0] > 500
    assert glassnet("plot", run, "--out", "a.svg").returncode == 0
    assert (tmp_path / "a.svg").read_text().startswith("<?xml")
    done = glassnet("plot", run, "--kind", "network")
    assert done.stdout.strip() == f"{run}/network.svg"
    assert "dense_1 (Dense)" in (tmp_path / run / "network.svg").read_text()
    failed_clearly(glassnet("plot", run, "--kind", "confuson"), "Did you mean 'confusion'")
    failed_clearly(glassnet("plot", run, "--kind", "filters"), "does not start with a convolution")


@pytest.mark.parametrize(
    "options",
    [
        # every kind of configuration of the systems that glassnet grew from (reference: seeds.md)
        "--hidden 24,12,6 --activation sigmoid --output-activation sigmoid --loss squared_error"
        " --optimizer sgd --learning-rate 0.1 --schedule constant --batch-size 1",
        "--hidden 128,64 --loss mean_squared_error --learning-rate 1e-4 --validation-split 0.2",
        "--hidden 32 --dropout 0.2 --schedule constant",
        "--hidden 32 --optimizer rmsprop --early-stopping 2 --schedule constant --batch-size 64",
        "--hidden 32 --optimizer sgd --momentum 0.9 --l1 1e-5 --l2 1e-4",
        "--hidden '' --output-activation sigmoid --loss binary_crossentropy",
        "--hidden 32 --loss categorical_crossentropy --activation gelu --scaling unit",
        "--hidden 32 --validation-split 0",
    ],
)
def test_configurations_that_can_be_typed(glassnet: Run, options: str) -> None:
    import shlex

    done = glassnet("train", "digits", "--epochs", "2", "--json", *shlex.split(options))
    assert done.returncode == 0, done.stderr
    outcome = json.loads(done.stdout)
    assert np.isfinite(outcome["test"]["loss"])
    assert (outcome["validation"] is None) == ("--validation-split 0" in options.replace("0.2", ""))


def test_early_stopping_stops_and_keeps_the_best_epoch(glassnet: Run, tmp_path: Path) -> None:
    done = glassnet(
        "train", "digits", "--early-stopping", "2", "--epochs", "200", "--schedule", "constant",
        "--learning-rate", "0.02", "--json",
    )  # fmt: skip
    outcome = json.loads(done.stdout)
    assert outcome["epochs"] == outcome["best_epoch"] + 2 < 200
    lines = (tmp_path / outcome["run"] / "history.jsonl").read_text().splitlines()
    best = json.loads(lines[outcome["best_epoch"] - 1])
    assert outcome["validation"]["loss"] == pytest.approx(best["val_loss"], rel=1e-6)


def test_a_dry_run_says_what_training_would_take_and_writes_nothing(
    glassnet: Run, tmp_path: Path
) -> None:
    done = glassnet(*DIGITS, "--dry-run")
    assert done.returncode == 0, done.stderr
    for words in (
        "learning_rate      0.002",
        "1,294 training, 144 validation, 359 test",
        "Total params: 2,410",
        "FLOPs: ",
        "Peak memory: about",
        "3 epochs of",
    ):
        assert words in done.stdout, done.stdout
    said = json.loads(glassnet(*DIGITS, "--dry-run", "--json").stdout)
    assert said["configuration"]["settings"]["hidden"] == [32]
    assert set(said["seconds"]) == set(said["cpu_seconds"]) == {
        "prepare", "compile", "step", "validation", "epoch", "training", "evaluation", "total",
    }  # fmt: skip
    assert set(said["memory"]) == {"data", "parameters", "optimizer", "activations", "peak"}
    assert not list(tmp_path.iterdir())
    failed_clearly(glassnet(*DIGITS, "--dry-run", "--resume"), "--dry-run", "--resume")


def test_few_rows_make_a_small_default_batch_and_say_so(glassnet: Run, tmp_path: Path) -> None:
    x, y = np.random.default_rng(0).normal(size=(140, 5)), np.arange(140) % 3
    np.savez(tmp_path / "few.npz", x_train=x, y_train=y, x_test=x[:20] + 1, y_test=y[:20])
    told = "batches of 12, not 64, because there are only 126 training rows (--batch-size)"
    options = ("train", "few.npz", "--epochs", "2", "--name", "few")
    assert told in glassnet(*options, "--dry-run").stdout
    assert told in glassnet(*options).stdout
    settings = json.loads((tmp_path / "runs/few/config.json").read_text())["settings"]
    assert settings["batch_size"] == 12
    assert glassnet("repeat", "runs/few").stdout.splitlines()[-1].startswith("identical")
    assert "finished" in glassnet(*options, "--resume").stderr
    chosen = glassnet(*options[:-1], "own", "--batch-size", "64")
    assert chosen.returncode == 0, chosen.stderr
    assert "not 64" not in chosen.stdout
    failed_clearly(glassnet(*options[:-1], "none", "--batch-size", "0"), "--batch-size", "least 1")


def test_plots_and_exports_have_json(glassnet: Run, program: Run, tmp_path: Path) -> None:
    glassnet(*DIGITS, "--name", "a")
    plot = json.loads(glassnet("plot", "runs/a", "--kind", "curves", "--json").stdout)
    assert plot == {"runs": ["runs/a"], "kind": "curves", "file": "runs/a/curves.png"}
    assert (tmp_path / plot["file"]).exists()
    pytest.importorskip("keras")
    export = json.loads(program("export", "runs/a", "--json").stdout)
    assert export == {"run": "runs/a", "to": "keras", "file": "runs/a/model.keras"}
    assert (tmp_path / export["file"]).exists()


def test_a_plateau_lowers_the_rate_and_time_ends_training(glassnet: Run, tmp_path: Path) -> None:
    done = glassnet(
        *DIGITS, "--learning-rate", "3", "--schedule", "constant", "--reduce-on-plateau", "1",
        "--epochs", "8", "--name", "a",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    lines = (tmp_path / "runs/a/history.jsonl").read_text().splitlines()
    rates = [json.loads(line)["learning_rate"] for line in lines]
    assert rates[0] == 3.0
    assert rates[-1] < 3.0
    done = glassnet(*DIGITS, "--epochs", "100000", "--max-time", "0.5s", "--json")
    assert 0 < json.loads(done.stdout)["epochs"] < 100000
    assert "time is up" in done.stderr


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ("--reduce-on-plateau 2", ("--reduce-on-plateau", "--schedule constant")),
        (
            "--reduce-on-plateau 2 --schedule constant --validation-split 0",
            ("--reduce-on-plateau", "validation split"),
        ),
        ("--max-time soon", ("soon", "90s")),
    ],
)
def test_what_does_not_go_together_is_said_before_there_is_a_run(
    glassnet: Run, tmp_path: Path, options: str, words: tuple[str, ...]
) -> None:
    failed_clearly(glassnet(*DIGITS, *options.split()), *words)
    assert not (tmp_path / "runs").exists()


def test_tensorboard_gets_a_folder_for_the_run(glassnet: Run, tmp_path: Path) -> None:
    pytest.importorskip("tensorboardX")
    done = glassnet(*DIGITS, "--tensorboard", "boards", "--name", "b")
    assert done.returncode == 0, done.stderr
    assert {p.name for p in (tmp_path / "boards/b").iterdir()} == {"train", "validation"}


FASTER = ("--epochs", "2", "--no-report")


def test_a_training_starts_from_a_run_or_a_file(glassnet: Run, tmp_path: Path) -> None:
    assert glassnet(*DIGITS, "--name", "source", "--no-report").returncode == 0
    tune = ("train", "digits", "--from", "runs/source", "--epochs", "2", "--no-report")
    done = glassnet(*tune, "--freeze", "all-but-head", "--name", "tuned")
    assert done.returncode == 0, done.stderr
    assert "from runs/source: layer 'dense_1' is kept" in done.stderr.replace(f"{tmp_path}/", "")
    assert "Trainable params: 330" in done.stdout
    assert {p.name for p in (tmp_path / "runs/tuned").iterdir()} == {
        "config.json", "history.jsonl", "model.safetensors", "metrics.json",
    }  # fmt: skip
    assert "mlp, fine-tuned" in glassnet("runs").stdout
    assert "identical" in glassnet("repeat", "runs/tuned").stdout
    assert glassnet("resume", "runs/tuned").returncode == 0
    for source in ("runs/tuned", "runs/tuned/model.safetensors"):
        options = ("--unfreeze-at", "1", "--layer-decay", "0.8", *FASTER)
        done = glassnet("train", "digits", "--from", source, *options)
        assert done.returncode == 0, done.stderr
    done = glassnet("train", "--config", "runs/tuned", "--lora", "2", "--dry-run")
    failed_clearly(done, "--lora", "the head or frozen")


def test_adapters_are_kept_apart_or_merged(glassnet: Run, tmp_path: Path) -> None:
    assert glassnet(*DIGITS, "--name", "source", "--no-report").returncode == 0
    outcomes = {}
    for name, merged in (("apart", ()), ("merged", ("--merge-lora",))):
        options = ("--from", "runs/source", "--lora", "2", "--name", name, *merged, *FASTER)
        done = glassnet("train", "digits", *options, "--json")
        assert done.returncode == 0, done.stderr
        outcomes[name] = json.loads(done.stdout)
    assert outcomes["apart"]["parameters"] == outcomes["merged"]["parameters"] + 2 * (64 + 32)
    losses = [outcome["test"]["loss"] for outcome in outcomes.values()]
    assert losses[0] == pytest.approx(losses[1], rel=1e-5)


def test_settings_of_a_file_can_name_the_model_to_start_from(glassnet: Run, tmp_path: Path) -> None:
    assert glassnet(*DIGITS, "--name", "source", "--no-report").returncode == 0
    (tmp_path / "s.toml").write_text('from = "runs/source"\nfreeze = "dense"\nepochs = 1\n')
    done = glassnet("train", "digits", "--config", "s.toml", "--no-report", "--name", "a")
    assert done.returncode == 0, done.stderr
    done = glassnet("train", "--config", "runs/source", "--from", "runs/source", *FASTER)
    assert done.returncode == 0, done.stderr
    config = json.loads((tmp_path / "runs/a/config.json").read_text())
    assert config["settings"]["from_"] == str(tmp_path / "runs/source")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--freeze", "dense"), ("--freeze", "begin at random", "--from RUN")),
        (("--unfreeze-at", "2"), ("--unfreeze-at", "--from RUN")),
        (("--lora", "2"), ("--lora", "--from RUN")),
        (("--from", "nowhere"), ("nowhere", "no such run or model file")),
        (
            ("--from", "x.safetensors", "--network", "cnn", "--scaling", "unit", "--filters", "3"),
            ("--network, --scaling, --filters", "decides"),
        ),
        (("--from", "x.safetensors", "--merge-lora"), ("--merge-lora", "--lora RANK")),
        (
            ("--from", "x.safetensors", "--unfreeze-at", "15"),
            ("--unfreeze-at", "below the number of epochs, 15"),
        ),
        (("--layer-decay", "1.5"), ("--layer-decay", "less than or equal to 1")),
    ],
)
def test_options_of_fine_tuning_that_don_t_fit_are_refused(
    glassnet: Run, tmp_path: Path, options: tuple[str, ...], words: tuple[str, ...]
) -> None:
    from glassnet.model.model import Model

    Model("mlp", (8, 8), classes=10, hidden=(4,)).save(tmp_path / "x.safetensors")
    failed_clearly(glassnet("train", "digits", *options), *words)
    assert not (tmp_path / "runs").exists()


def test_layer_decay_needs_no_model_to_start_from(glassnet: Run) -> None:
    done = glassnet(*DIGITS, "--layer-decay", "0.5", "--no-report")
    assert done.returncode == 0, done.stderr

"""Events of users and items in, recommendations out: the commands that a person types."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest

import glassnet as gn
from glassnet.core.errors import GlassnetError
from glassnet.model.model import Model
from glassnet.report.report import write_report
from glassnet.runs.recommend import recommend
from tests.cli.conftest import Run, after_an_epoch, failed_clearly

TRAIN = ("train", "events.csv", "--network", "recommender", "--quiet")


def write(path: Path, events: list[tuple[str, str, int]]) -> None:
    rows = "".join(f"{user},{item},{time}\n" for user, item, time in events)
    path.write_text(f"user_id,item_id,timestamp\n{rows}", encoding="utf-8")


@pytest.fixture
def events(tmp_path: Path) -> Path:
    """90 users like 12 items of one of 3 kinds of 20, in any order."""
    rng, rows = np.random.default_rng(0), []
    for user in range(90):
        items = rng.permutation(20)[:12]
        rows += [(f"u{user}", f"{'abc'[user % 3]}{i}", 100 * t + user) for t, i in enumerate(items)]
    write(tmp_path / "events.csv", rows)
    return tmp_path / "events.csv"


def test_from_events_to_recommendations(glassnet: Run, events: Path) -> None:
    done = glassnet("train", "events.csv", "--network", "recommender", "--epochs", "30",
                    "--name", "r")  # fmt: skip
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert (
        lines[0] == "events: 81 training, 9 validation, 90 test examples of shape (60,), 60 items"
    )
    assert lines[2] == "recommends item_id to user_id; every row is an event"
    assert "split from the test by timestamp; 90 test users" in lines[3]
    assert "The network beats popularity: NDCG@10 differs by" in done.stdout
    assert "doctor:" not in done.stdout
    assert "warning" not in done.stderr
    run = events.parent / "runs" / "r"
    report = write_report(str(run)).read_text(encoding="utf-8")
    assert "The network recommends 60 items to users" in report
    assert "popularity" in report

    shown = glassnet("predict", str(run), "--user", "u1", "--top", "4")
    assert shown.returncode == 0, shown.stderr
    table = shown.stdout.splitlines()
    assert table[0] == "user_id u1, who has 12 items"
    assert [line.split()[0] for line in table[3:]] == ["1", "2", "3", "4"]
    assert all(line.split()[1].startswith("b") for line in table[3:])  # u1 likes these

    (events.parent / "new.csv").write_text("user_id,item_id\nme,a1\nme,a2\n", encoding="utf-8")
    asked = glassnet("predict", str(run), "new.csv", "--json", "--out", "best.csv")
    (entry,) = json.loads(asked.stdout)["recommendations"]
    assert (entry["user"], entry["read"], len(entry["items"])) == ("me", 2, 10)
    best = [item["item"] for item in entry["items"]]
    assert all(item.startswith("a") for item in best)
    assert not {"a1", "a2"} & {*best}
    assert pl.read_csv(events.parent / "best.csv")["item_id"].to_list() == best

    frame = pd.DataFrame({"user_id": ["me", "me"], "item_id": ["a1", "a2"]})
    answer = gn.load_model(run).predict(frame)
    assert isinstance(answer, pd.DataFrame)
    assert answer["item_id"].tolist() == best
    assert answer.columns.tolist() == ["user_id", "rank", "item_id", "score"]

    (events.parent / "who.csv").write_text("user_id\nu1\n", encoding="utf-8")
    of_run = glassnet("predict", str(run), "who.csv", "--top", "4")
    assert of_run.stdout == shown.stdout

    model = Model.load(run)
    unknown = recommend(model, str(run), ["nobody"], None, 5)
    popular = np.argsort(-np.array(unknown.events.counts), kind="stable")[:5]
    assert unknown.items[0].tolist() == popular.tolist()
    with pytest.raises(GlassnetError, match="a model without its data"):
        recommend(model, str(run / "model.safetensors"), ["u1"], None, 5)

    top = json.loads(glassnet("evaluate", str(run), "--top", "3", "--json").stdout)["test"]
    assert top["k"] == 3
    again = glassnet("repeat", str(run), "--name", "again")
    assert "identical" in again.stdout
    compared = glassnet("compare", str(run), "runs/again")
    assert "no significant difference" in compared.stdout


def test_only_liked_items_count_and_disliked_ones_are_not_recommended(
    glassnet: Run, tmp_path: Path
) -> None:
    rng, lines = np.random.default_rng(0), ["user,item,time,rating"]
    for user in range(60):
        for t, i in enumerate(rng.permutation(8).tolist()):  # of 8 items of a kind they like
            lines += [f"u{user},{'ab'[user % 2]}{i},{200 * t + user},5"]
            lines += [f"u{user},{'ba'[user % 2]}{i},{200 * t + user + 60},1"] * (i < 4)
    lines.append("me,a1,9000,5\nme,a2,9000,1")
    (tmp_path / "events.csv").write_text("\n".join(lines), encoding="utf-8")
    done = glassnet(*TRAIN, "--min-rating", "4", "--epochs", "15", "--no-report")
    assert done.returncode == 0, done.stderr
    asked = glassnet("predict", "runs/events-1", "--user", "me", "--json", "--top", "20")
    (entry,) = json.loads(asked.stdout)["recommendations"]
    items = [item["item"] for item in entry["items"]]
    assert entry["read"] == 1
    assert all(item[0] == "a" for item in items[:6])
    assert not {"a1", "a2"} & {*items}

    similar = glassnet("predict", "runs/events-1", "--item", "a1", "--top", "5")
    lines = similar.stdout.splitlines()
    assert lines[0].startswith("similar to a1, which")
    assert [line[0] for line in lines[3:]] == ["a"] * 5
    asked = glassnet("predict", "runs/events-1", "--item", "a1", "--item", "b1", "--json")
    assert [one["item"] for one in json.loads(asked.stdout)["similar"]] == ["a1", "b1"]
    failed_clearly(glassnet("predict", "runs/events-1", "--item", "A1"), "Did you mean 'a1'")
    failed_clearly(glassnet("predict", "runs/events-1", "--item", "a1", "--user", "me"), "--item")


def test_from_ratings_to_predicted_ratings(glassnet: Run, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    users, items = rng.integers(0, 40, 3000), rng.integers(0, 50, 3000)
    stars = rng.normal(3, 1, 40)[users] + rng.normal(0, 1, 50)[items]
    frame = pl.DataFrame({"user": users, "item": items, "stars": stars.round(2)})
    frame.write_csv(tmp_path / "stars.csv")
    done = glassnet("train", "stars.csv", "--network", "recommender", "--target", "stars")
    assert done.returncode == 0, done.stderr
    assert "warning" not in done.stderr
    assert "biases: mean rating + bias of the user + bias of the item" in done.stdout
    assert "The network loses to the biases" in done.stdout  # which made the ratings
    report = write_report(str(tmp_path / "runs/stars-1")).read_text(encoding="utf-8")
    assert "plus a bias of each user and each item" in report
    test = json.loads(glassnet("evaluate", "runs/stars-1", "--json").stdout)["test"]
    assert test["biases"]["rmse"]["value"] < test["targets"][0]["rmse"]["value"]
    assert test["targets"][0]["r2"]["value"] > 0.3
    (tmp_path / "new.csv").write_text("user,item\n1,2\n3,4\n", encoding="utf-8")
    asked = glassnet("predict", "runs/stars-1", "new.csv", "--json")
    assert len(json.loads(asked.stdout)["predictions"]) == 2
    failed_clearly(glassnet("predict", "runs/stars-1", "--item", "2"), "recommends items")


@pytest.mark.slow
def test_killed_and_interrupted_trainings_end_in_the_same_bits(glassnet: Run, events: Path) -> None:
    options = (*TRAIN[:-1], "--no-report", "--epochs", "400")
    assert glassnet(*options, "--name", "whole").returncode == 0
    command = [sys.executable, "-m", "glassnet", *options, "--name", "cut", "--checkpoint-steps"]
    for number in (signal.SIGKILL, signal.SIGINT):
        process = after_an_epoch(
            subprocess.Popen(
                [*command, "5"],
                cwd=events.parent,
                stderr=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                text=True,
            )
        )
        process.send_signal(number)
        process.communicate()
        assert process.returncode in (-signal.SIGKILL, 130)
        command = [sys.executable, "-m", "glassnet", "resume", "runs/cut", "--checkpoint-steps"]
    done = glassnet("resume", "runs/cut")
    assert done.returncode == 0, done.stderr
    whole, cut = (events.parent / "runs" / name / "model.safetensors" for name in ("whole", "cut"))
    assert whole.read_bytes() == cut.read_bytes()


def test_where_only_popularity_counts_the_network_is_not_better(
    glassnet: Run, tmp_path: Path
) -> None:
    rng, rows = np.random.default_rng(1), []
    share = 1 / np.arange(1, 41)
    for user in range(150):
        items = rng.choice(40, 12, replace=False, p=share / share.sum())
        rows += [
            (f"u{user}", f"i{i}", 100 * t + user) for t, i in enumerate(rng.permutation(items))
        ]
    write(tmp_path / "events.csv", rows)
    done = glassnet(*TRAIN, "--epochs", "40", "--no-report", "--json")
    test = json.loads(done.stdout)["test"]
    (advantage,) = [one for one in test["advantages"] if one["over"] == "popularity"]
    assert advantage["ndcg"]["interval"][0] <= 0
    shown = glassnet("evaluate", "runs/events-1")
    assert "The network beats" not in shown.stdout
    assert "is not distinguishable from popularity" in shown.stdout or "loses to popularity" in (
        shown.stdout
    )


def test_users_with_two_events_each_train_without_a_false_alarm(
    glassnet: Run, tmp_path: Path
) -> None:
    """Validation users then have one later item: the row of a class, among shares of many."""
    rng = np.random.default_rng(0)
    pairs = [rng.permutation(12)[:3] for _ in range(80)]
    rows = [
        (f"u{u}", f"i{i}", 100 * t + u) for u, own in enumerate(pairs) for t, i in enumerate(own)
    ]
    write(tmp_path / "events.csv", rows)
    done = glassnet(*TRAIN, "--epochs", "2", "--no-report", "--json")
    assert done.returncode == 0, done.stderr
    findings = json.loads(done.stdout)["findings"]
    assert not findings, findings


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--folds", "3"), "they have no folds"),
        (("--target", "item_id"), "can't tell which column is the item"),
        (("--min-rating", "3"), "needs a column called rating"),
        (("--user", "usr"), "usr"),
        (("--loss", "sparse_categorical_crossentropy"), "is for classes; here items are predicted"),
        (("--network", "mlp", "--task", "items"), "mlp is for"),
    ],
)
def test_what_recommenders_do_not_have_is_one_clear_error(
    glassnet: Run, events: Path, options: tuple[str, ...], message: str
) -> None:
    failed_clearly(glassnet(*TRAIN, *options), message)


def test_a_table_of_events_without_a_target_names_the_network(glassnet: Run, events: Path) -> None:
    done = glassnet("train", "events.csv")
    failed_clearly(done, "To recommend item_id to user_id: --network recommender")

"""What a run says of new data: how it reads them, and whether it was trained on them."""

from pathlib import Path

import pytest

from glassnet.runs.new_data import encoding_of, warn_if_trained_on
from glassnet.runs.run import Run


def run_on(folder: Path, data: Path, **settings: str) -> str:
    run = Run.create(str(folder), "run", "data")
    run.write("config.json", {"settings": {"data": str(data), **settings}})
    return str(run.folder)


def test_the_encoding_is_that_of_the_run(tmp_path: Path) -> None:
    assert encoding_of(run_on(tmp_path, tmp_path / "a.csv", encoding="cp1252")) == "cp1252"
    (tmp_path / "model.safetensors").write_bytes(b"")
    assert encoding_of(str(tmp_path / "model.safetensors")) is None


def test_its_own_training_data_are_doubted(
    tmp_path: Path, messages: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("train", "test", "val"):
        (tmp_path / "data" / name).mkdir(parents=True)
    table = tmp_path / "a.csv"
    table.write_text("x,y\n1,2\n")
    (tmp_path / "b.csv").write_text("x,y\n1,2\n")
    monkeypatch.chdir(tmp_path)
    of_folder, of_table = (run_on(tmp_path / n, p) for n, p in
                           (("f", tmp_path / "data"), ("t", table)))  # fmt: skip
    for path, run, expected in (
        ("a.csv", of_table, True), (str(table), of_table, True), ("b.csv", of_table, False),
        ("-", of_table, False), ("data", of_folder, True), ("data/train", of_folder, True),
        ("data/val", of_folder, True), ("data/test", of_folder, False),
        ("a.csv", str(tmp_path / "model.safetensors"), False),
    ):  # fmt: skip
        messages.clear()
        warn_if_trained_on(path, run)
        assert bool(messages) == expected, path
        if expected:
            assert f"{path}: is what the run was trained on, so these results" in messages[0]

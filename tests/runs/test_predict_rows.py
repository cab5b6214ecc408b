"""The same pictures give the same predictions: from a folder, as files, in arrays and tables."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from PIL import Image

from glassnet.core.errors import GlassnetError
from glassnet.data import Rows, load
from glassnet.data.targets import Classes
from glassnet.model.model import Model
from glassnet.runs.data import chosen_settings
from glassnet.runs.evaluate import evaluate_run
from glassnet.runs.predict import predict
from glassnet.runs.predict_rows import predict_rows, takes_rows
from glassnet.runs.train import run_training

RNG = np.random.default_rng(0)


def picture(label: str, channels: int = 3) -> np.ndarray:
    """Bright edges or dark ones, frames and all: what photos of clothes would be freed of."""
    image = RNG.integers(0, 90, (9, 7, channels))
    image[1:-1, 1:-1] += 150 if label == "light" else 20
    image[[0, -1]] = image[:, [0, -1]] = RNG.integers(0, 256)
    return image.astype(np.uint8)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("pictures")
    for part, count in (("train", 30), ("test", 10)):
        for label in ("dark", "light"):
            (place / "data" / part / label).mkdir(parents=True)
            for i in range(count):
                path = place / "data" / part / label / f"{i:02}.png"
                Image.fromarray(picture(label)).save(path)
    settings = chosen_settings(str(place / "data"), "mlp", hidden=(8,), epochs=2)
    run_training(settings, out=str(place), name="run")
    return place


def test_the_same_pictures_give_the_same_predictions(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, model = load(str(folder / "data")), Model.load(folder / "run")
    assert isinstance(data, Rows)
    assert isinstance(data.target, Classes)
    paths = [str(folder / "data" / name) for name in data.files_test]
    table = predict_rows(model, str(folder / "run"), [str(folder / "data/test")])
    assert table.table.numbers.tolist() == paths
    names = [f"p({name})" for name in data.class_names]
    expected = table.frame.select(names).to_numpy()
    assert np.ptp(expected) > 0.01
    several = predict(str(folder / "run"), paths)
    for one, row in zip(several, expected, strict=True):
        np.testing.assert_allclose([*one.outputs.values()], row, atol=1e-6)
        assert one.note == "as it is"
    single = predict(str(folder / "run"), paths[3:4])[0]
    np.testing.assert_allclose([*single.outputs.values()], expected[3], atol=1e-6)
    monkeypatch.chdir(folder / "data")
    frame = model.predict(pl.DataFrame({"file": [*data.files_test]}))
    np.testing.assert_allclose(frame.select(names).to_numpy(), expected, atol=1e-6)
    outputs = [model.predict(data.x_test, batch_size=size) for size in (1, 7, 20)]
    outputs.append(model.predict(np.stack([np.asarray(Image.open(path)) for path in paths])))
    for other in outputs[1:]:
        np.testing.assert_allclose(other, outputs[0], atol=1e-6)
    assert (outputs[0].argmax(1) == expected.argmax(1)).all()  # not at the model's temperature


def test_mistakes_have_their_files(folder: Path) -> None:
    evaluation = evaluate_run(str(folder / "run"))
    files = load(str(folder / "data")).files_test
    for mistake in evaluation.mistakes:  # type: ignore[union-attr]
        assert mistake.file == mistake.place == files[mistake.row]


def test_what_is_read_as_a_table(folder: Path, tmp_path: Path) -> None:
    model, run = Model.load(folder / "run"), str(folder / "run")
    for subject, expected in (
        ("a.png", False), (str(folder), True), ("a.csv", True), ("-", True),
    ):  # fmt: skip
        assert takes_rows(model, [subject]) == expected
    with pytest.raises(GlassnetError, match="contains no pictures"):
        predict_rows(model, run, [str(tmp_path)])
    names = [str(folder / f"data/test/{label}/00.png") for label in ("dark", "light")]
    pl.DataFrame({"file": names}).write_csv(tmp_path / "a.csv")
    frame = predict_rows(model, run, [str(tmp_path / "a.csv")]).frame
    assert frame.equals(predict_rows(model, run, names).frame)
    pl.DataFrame({"file": [*names, "none.png"]}).write_csv(tmp_path / "a.csv")
    with pytest.raises(GlassnetError, match=r"a\.csv: line 4: file is 'none\.png', and there is"):
        predict_rows(model, run, [str(tmp_path / "a.csv")])


@pytest.mark.parametrize("shape", [(9, 7), (9, 7, 1), (9, 7, 3)])
def test_pictures_of_one_s_own_arrays_are_never_inverted(
    tmp_path: Path, shape: tuple[int, ...]
) -> None:
    """Of 40 training pictures saved as PNG, 8 were inverted once, and 9 predicted wrongly."""
    labels = np.arange(40) % 2
    x = np.stack([picture(("dark", "light")[y], (*shape, 1)[2]).reshape(shape) for y in labels])
    np.savez(tmp_path / "own.npz", x_train=x, y_train=labels, x_test=x, y_test=labels)
    settings = chosen_settings(str(tmp_path / "own.npz"), "mlp", hidden=(8,), epochs=2)
    result = run_training(settings, out=str(tmp_path), name="run")
    paths = [str(tmp_path / f"{i}.png") for i in range(40)]
    for path, array in zip(paths, x, strict=True):
        Image.fromarray(array.squeeze()).save(path)
    photos = predict(str(tmp_path / "run"), paths)
    assert {photo.note for photo in photos} == {"as it is"}
    classes = result.model.predict(x).argmax(1)
    assert [int(max(photo.outputs, key=photo.outputs.__getitem__)) for photo in photos] == [
        *classes
    ]

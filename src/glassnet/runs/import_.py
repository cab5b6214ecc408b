"""`glassnet import`: create a run from a model file of another library."""

import logging
import math
import os
from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from glassnet.core.errors import GlassnetError, unknown
from glassnet.data import Corpus, Dataset, Texts, load
from glassnet.data.text.tokenizer import ByteTokenizer
from glassnet.layers import Embedding, Layer, Normalization, Rescaling, Reshape, Sequential
from glassnet.layers.base import Shape
from glassnet.layers.open_shape import fits
from glassnet.layers.shapes import is_multi_input
from glassnet.losses import SparseCategoricalCrossentropy
from glassnet.model.model import Model
from glassnet.runs.build import describe_data
from glassnet.runs.data import TrainingData, choices_of, data_record
from glassnet.runs.manifest import manifest
from glassnet.runs.run import CONFIG_FILE, Run
from glassnet.runs.settings import Columns
from glassnet.training.output_activation import source_activation

log = logging.getLogger(__name__)

_USUAL_LENGTH = 256  # of texts in bytes, if the file leaves the length open


def import_model(
    file: str,
    data: str | None = None,
    *,
    like: str | None = None,
    scaling: str = "none",
    name: str | None = None,
    out: str = "runs",
    data_dir: str | None = None,
    **table: Any,
) -> Run:
    """Create a run with the network and weights of a Keras model, for a data set if one is given.

    `like` is a run whose data and tokenizer the model uses: a .keras file does not hold the
    vocabulary of a tokenizer. `table` holds the options of `data.load` for a table of texts. With
    the scaling "unit", a first layer scales the data to 0..1, for models whose inputs were divided
    by 255 outside the network.
    """
    from glassnet.interop.keras.reading.file import import_keras

    network, input_shape, params, dtype = import_keras(file)
    first: list[tuple[str, Layer]] = []  # layers put before those of the file
    if scaling not in (choices := ("none", "unit")):
        raise unknown("scaling", scaling, choices, where="--scaling")
    if scaling == "unit" and data is None and like is None:
        raise GlassnetError("needs --data NAME for the range of the data.", where="--scaling unit")
    config: dict[str, Any] = {"imported": str(file), "manifest": manifest()}
    dataset, entries = _data_for(network, input_shape, data, like, table, data_dir)
    if dataset is not None:
        chain = isinstance(network, Sequential)
        named = network.parts if chain else (("network", network),)
        if scaling == "unit":
            if dataset.kind != "numbers":
                raise GlassnetError(
                    f"is for tabular and image data; {dataset.name} has texts.", where="--scaling"
                )
            first.append(("unit_scaling", Rescaling(1 / float(dataset.x_train.max()))))
        elif dataset.kind == "numbers" and not any(
            isinstance(layer, Rescaling | Normalization) for _, layer in named
        ):
            log.warning(
                "note: the file has no scaling layer. If the inputs were divided by 255 outside "
                "the network, import it with --scaling unit."
            )
        example = dataset.x_train.shape[1:]
        if (wanted := _reshaped(example, input_shape)) is not None:
            if wanted != example:
                first.append(("to_input_shape", Reshape(wanted)))
            input_shape = example
        if first:
            parts = [*first, *named]
            network = Sequential(tuple(replace(layer, name=name) for name, layer in parts))
            params = params if chain else {"network": params}
    model = Model(network, dtype=dtype)
    model.take(input_shape, params)
    if dataset is not None:
        describe_data(model, dataset)
        loss = "sparse_categorical_crossentropy"
        logits = source_activation(network) not in ("softmax", "sigmoid")
        model.compile("adam", SparseCategoricalCrossentropy(from_logits=logits), ["accuracy"])
        config |= {"settings": entries | {"loss": loss}, "data": data_record(dataset, data_dir)}
    run = Run.create(out, name, Path(file).stem)
    with run.removed_on_error():
        run.write(CONFIG_FILE, config)
        model.save(run.model)
    return run


def _reshaped(example: Shape, accepted: Shape) -> Shape | None:
    """Return the shape in which a network takes these examples; None if it doesn't take them.

    The examples (28, 28) are also (28, 28, 1), (1, 28, 28) and, in one row, (784,).
    """
    if is_multi_input(accepted):
        return None
    sizes = iter(size for size in example if size != 1)
    same = tuple(1 if size == 1 else next(sizes, 0) for size in accepted)
    for shape in (example, same, (math.prod(example),)):
        if fits(shape, accepted) and math.prod(shape) == math.prod(example):
            return shape
    return None


def _data_for(
    network: Layer,
    input_shape: tuple[Any, ...],
    data: str | None,
    like: str | None,
    table: Mapping[str, Any],
    data_dir: str | None,
) -> tuple[Dataset | None, dict[str, str]]:
    """Return the data of an imported network, as it reads them, and their entries in `settings`."""
    if data is not None and like is not None:
        raise GlassnetError("the run names the data.", where="--like", fix="Leave out --data.")
    if like is not None:
        run = Run(like)
        dataset = TrainingData.of_run(run, Model.load(run.model), data_dir).dataset
        settings = run.read(CONFIG_FILE)["settings"]
        entries = {
            key: settings.get(key) for key in ("data", *(field.name for field in fields(Columns)))
        }
    elif data is not None:
        dataset, entries = load(data, data_dir, **choices_of(table)), {"data": data, **table}
        if isinstance(dataset, Texts | Corpus) and len(input_shape) == 1:
            dataset = dataset.tokenized(ByteTokenizer(input_shape[0] or _USUAL_LENGTH))
    else:
        return None, {}
    if isinstance(dataset, Texts | Corpus) and (ids := _ids(network)) != dataset.vocabulary:
        raise GlassnetError(
            f"has a vocabulary of {ids or 'no'} ids, but that of these texts has "
            f"{dataset.vocabulary}.",
            where=like or data or "",
            fix="If the network was exported from a run, name that run with --like RUN.",
        )
    files = {key: os.path.abspath(entries[key]) for key in ("data", "test_file")
             if os.path.isfile(entries.get(key) or "")}  # fmt: skip
    return dataset, {key: value for key, value in (entries | files).items() if value is not None}


def _ids(layer: Layer) -> int | None:
    """Return the vocabulary size of the first embedding in a network; None if it has none."""
    if isinstance(layer, Embedding):
        return layer.input_dim
    return next((size for _, part in layer.parts if (size := _ids(part))), None)

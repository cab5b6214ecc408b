"""How a model reads images, texts and tables, from its file, checked against its network."""

from glassnet.core.errors import GlassnetError, errors_inside
from glassnet.data.images.preprocessing import Preprocessing
from glassnet.data.preprocessing import Preprocessing as Rows
from glassnet.data.text.tokenizer import Tokenizer, from_dict
from glassnet.model.model import Model


def preprocessing_of(model: Model, where: str) -> Preprocessing:
    """Return the preprocessing in a model file; raises unless the network takes such images."""
    stored = model.about.get("preprocessing")
    if stored is None:
        raise GlassnetError(
            "was not trained on images, so it can't classify photos.",
            where=where,
            fix="In Python: Model.load(path).predict(x) takes arrays as it was trained on.",
        )
    with errors_inside(where):
        preprocessing = Preprocessing.from_dict(stored)
    shape = preprocessing.shape
    if model.input_shape != shape:
        raise GlassnetError(
            f"its photos become {shape}, but its network takes {model.input_shape}.", where=where
        )
    return preprocessing


def tokenizer_of(model: Model, where: str) -> Tokenizer:
    """Return the tokenizer in a model file; raises unless the network takes its rows of tokens."""
    stored = model.about.get("tokenizer")
    if stored is None:
        raise GlassnetError("was not trained on texts.", where=where)
    with errors_inside(where):
        tokenizer = from_dict(stored)
    if model.input_shape != (tokenizer.length,):
        raise GlassnetError(
            f"its tokenizer makes rows of {tokenizer.length} tokens, but its network takes "
            f"{model.input_shape}.",
            where=where,
        )
    return tokenizer


def rows_of(model: Model, where: str) -> Rows:
    """Return the preprocessing of a table; raises unless the network takes its features."""
    stored = model.about.get("rows")
    if stored is None:
        raise GlassnetError("was not trained on the columns of a table.", where=where)
    with errors_inside(where):
        rows = Rows.from_dict(stored)
    inputs = tuple(part.shape for part in rows.inputs)
    shapes = inputs if len(inputs) > 1 else inputs[0], (len(rows.target.names),)
    if rows.target.kind == "classes":
        shapes = shapes[0], (len(rows.target.class_names),)
    if (model.input_shape, model.output_shape) != shapes:
        raise GlassnetError(
            f"its columns become {shapes[0]} and its target {shapes[1]}, but its network maps "
            f"{model.input_shape} to {model.output_shape}.",
            where=where,
        )
    return rows

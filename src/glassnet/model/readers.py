"""How a model reads photos and texts: what its file says, checked against its network."""

from glassnet.core.errors import GlassnetError
from glassnet.data.images.preprocessing import Preprocessing
from glassnet.data.text.tokenizer import Tokenizer, from_dict
from glassnet.model.model import Model


def preprocessing_of(model: Model, where: str) -> Preprocessing:
    """The preprocessing in a model file; raises if the network does not read such pictures."""
    stored = model.about.get("preprocessing")
    if stored is None:
        raise GlassnetError(
            "was not trained on grey images, so it can't classify photos.", where=where
        )
    try:
        preprocessing = Preprocessing.from_dict(stored)
    except GlassnetError as error:
        raise error.inside(where) from error
    size = preprocessing.height, preprocessing.width
    if model.input_shape != size:
        raise GlassnetError(
            f"its photos become {size}, its network reads {model.input_shape}.", where=where
        )
    return preprocessing


def tokenizer_of(model: Model, where: str) -> Tokenizer:
    """The tokenizer in a model file; raises if the network does not read its rows."""
    stored = model.about.get("tokenizer")
    if stored is None:
        raise GlassnetError("was not trained on texts.", where=where)
    try:
        tokenizer = from_dict(stored)
    except GlassnetError as error:
        raise error.inside(where) from error
    if model.input_shape != (tokenizer.length,):
        raise GlassnetError(
            f"its tokenizer makes rows of {tokenizer.length}, its network reads "
            f"{model.input_shape}.",
            where=where,
        )
    return tokenizer

"""Models from a configuration, from JSON, from files, and as copies with new weights."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from glassnet.core.errors import GlassnetError
from glassnet.core.unknown_arguments import checked_arguments
from glassnet.model.model import Model
from glassnet.model.sequential import Sequential

M = TypeVar("M", bound=Model)


@checked_arguments("load_model")
def load_model(filepath: str | Path) -> Model:
    """Return the model in a file or a run's folder; `Model.load` does the same."""
    return Model.load(filepath)


@checked_arguments("clone_model")
def clone_model(model: M) -> M:
    """Return a model of the same layers with new weights, as in Keras; it is not compiled.

    The weights are drawn with the model's seed. `model.clone()` copies the weights, too.
    """
    if not isinstance(model, Model):
        raise GlassnetError(
            f"got {type(model).__name__}.", where="clone_model", fix="Layers have layer.clone()."
        )
    return model.rebuilt(model.network.clone(weights=False))


@checked_arguments("model_from_json")
def model_from_json(json_string: str) -> Model:
    """Return the model that `to_json` described, with new weights, not compiled."""
    try:
        content = json.loads(json_string)
    except (TypeError, ValueError) as error:
        raise GlassnetError(f"is not JSON ({error}).", where="model_from_json") from error
    if not isinstance(content, Mapping) or not isinstance(content.get("config"), Mapping):
        raise GlassnetError("is not what model.to_json() returns.", where="model_from_json")
    cls: Any = Sequential if content.get("class_name") == "Sequential" else Model
    model: Model = cls.from_config(content["config"])
    return model

"""Each name and argument of Keras's losses, metrics, ...: here, or a sentence says why not."""

import importlib
import re
from contextlib import suppress
from typing import Any

import pytest

from glassnet.core.errors import GlassnetError
from tests.reference import reference

KERAS = reference("parts")
NEEDED = {  # values of the arguments without a default
    "boundaries": (1,), "decay_rate": 0.5, "decay_steps": 5, "first_decay_steps": 5,
    "initial_learning_rate": 0.1, "learning_rate": 0.1, "num_classes": 3, "precision": 0.5,
    "recall": 0.5, "sensitivity": 0.5, "specificity": 0.5, "target_class_ids": (0, 1),
    "values": (0.1, 0.2),
}  # fmt: skip
ABSTRACT = {"Optimizer", "Loss", "Metric", "Initializer", "Constraint"}


class Helpful(Exception):  # noqa: N818 (no error: it is what the test wants)
    """An error that says what to write."""


def helpful(make: Any, *args: Any, **options: Any) -> Any:
    """What is made, unless that raises an error with a sentence that says what to write."""
    try:
        return make(*args, **options)
    except GlassnetError as error:
        if (error.fix or "must be" in error.what) and "unknown argument" not in error.what:
            raise Helpful from error
        raise
    except AttributeError as error:  # of a module, for a name that only Keras has
        if re.search(r"has no '\w+'\. \w", str(error)):
            raise Helpful from error
        raise


@pytest.mark.parametrize(
    ("path", "name"), [(path, name) for path, names in KERAS.items() for name in names]
)
def test_each_name_and_argument_of_keras(path: str, name: str) -> None:
    module = importlib.import_module(f"glassnet.{path}")
    with suppress(Helpful):
        ours, arguments = helpful(getattr, module, name), KERAS[path][name]
        if arguments is None or name in ABSTRACT:
            return
        needed = {key: NEEDED[key] for key, value in arguments.items() if value == "required"}
        ours(**needed)
        for key, value in arguments.items():
            if value != "required":
                with suppress(Helpful):
                    helpful(ours, **needed, **{key: value["default"]})

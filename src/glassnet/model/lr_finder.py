"""The learning-rate range test of a model, which is left unchanged."""

from copy import deepcopy
from typing import Any

from glassnet.core.arrays import whole_number
from glassnet.engines import engine as new_engine
from glassnet.engines.state import initial_state
from glassnet.model.model import Model
from glassnet.training.lr_range import RangeTest, range_test, rising_rates

LOW, HIGH, STEPS = 1e-6, 10.0, 200


def find_learning_rate(
    model: Model,
    x: Any,
    y: Any,
    batch_size: int = 32,
    *,
    steps: int = STEPS,
    low: float = LOW,
    high: float = HIGH,
    augment: Any = None,
    engine: str = "numpy",
) -> RangeTest:
    """The learning-rate range test of a compiled model, which stays as it was.

    Takes `steps` steps while the rate rises from `low` to `high`, each the same factor above the
    one before, until the smoothed loss is 4 times its lowest value. Suggests the rate where it
    falls fastest with log rate (Smith, 2017); for a schedule, as its peak. Raises where it never
    falls.
    """
    rates, size = rising_rates(low, high, steps), whole_number(batch_size, "batch_size", 1)
    copy = deepcopy(model)
    optimizer, examples = copy.compiled.optimizer, copy.examples(x, y)
    objective, params = copy.objective(augment), copy.adapted(examples.x)
    state = initial_state(objective, optimizer, params)
    running = new_engine(engine, objective, optimizer, state, copy.seed)
    return range_test(running, examples.x, examples.y, size, rates, copy.seed)

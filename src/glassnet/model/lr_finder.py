"""`find_learning_rate`: the learning-rate range test of a model."""

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
    """Run the learning-rate range test on a copy of a compiled model (Smith, 2017).

    Takes up to `steps` steps while the rate rises from `low` to `high` by a constant factor, and
    stops once the smoothed loss exceeds 4 times its lowest value. Suggests the rate at which the
    smoothed loss falls fastest per log rate; use it as the peak of a schedule. Raises if the loss
    never falls.
    """
    rates, size = rising_rates(low, high, steps), whole_number(batch_size, "batch_size", 1)
    copy = deepcopy(model)
    optimizer, examples = copy.compiled.optimizer, copy.examples(x, y)
    objective, params = copy.objective(augment), copy.adapted(examples.x)
    state = initial_state(objective, optimizer, params)
    running = new_engine(engine, objective, optimizer, state, copy.seed)
    return range_test(running, examples.x, examples.y, size, rates, copy.seed)

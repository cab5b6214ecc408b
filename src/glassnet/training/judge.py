"""How good is a network on data it is not learning from?"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from glassnet.arrays import each, length
from glassnet.layers import INFERENCE, Layer
from glassnet.training.means import Means
from glassnet.training.step import Task
from glassnet.trees import Tree

BLOCK = 1000  # examples at a time: enough for the products to run at full speed, small in memory


def outputs_of(
    network: Layer, params: Tree, x: Any, dtype: str, size: int = BLOCK
) -> Iterator[Any]:
    """The network's outputs for x, block by block."""
    for block in blocks_of(x, dtype, size):
        yield network.forward(params, block, INFERENCE)[0]


def blocks_of(x: Any, dtype: str, size: int = BLOCK) -> Iterator[Any]:
    """The examples, so many at a time, as numbers that a network computes with."""
    for start in range(0, length(x), size):
        yield each(lambda a, s=start: a[s : s + size].astype(dtype, copy=False), x)


def judge(
    task: Task, params: Tree, x: Any, y: Any, dtype: str, size: int = BLOCK
) -> dict[str, float]:
    """Loss (weight penalties included, as in training) and metrics over a whole data set."""
    means, kept, start = Means(), [], 0
    for outputs in outputs_of(task.network, params, x, dtype, size):
        count = len(outputs)
        pair = task.pair(each(lambda a, s=start, n=count: a[s : s + n], y))
        found = {"loss": task.loss(outputs, *pair)[0], **task.measured(outputs, *pair)}
        means.add(np.array([count]), {name: np.array([float(v)]) for name, v in found.items()})
        kept += [outputs] if task.whole else []
        start += count
    logs = means.logs()
    loss = logs.pop("loss") + float(task.penalty(params)[0])
    whole = task.whole_measured(np.concatenate(kept), *task.pair(y)) if kept else {}
    return {"loss": loss, **logs, **whole}

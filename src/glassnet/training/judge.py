"""How good is a network on data it is not learning from?"""

from collections.abc import Iterator

from glassnet.layers import INFERENCE, Layer
from glassnet.training.step import Task
from glassnet.trees import Array, Tree

BLOCK = 1000  # examples at a time: enough for the products to run at full speed, small in memory


def outputs_of(
    network: Layer, params: Tree, x: Array, dtype: str, size: int = BLOCK
) -> Iterator[Array]:
    """The network's outputs for x, block by block."""
    for start in range(0, len(x), size):
        block = x[start : start + size].astype(dtype, copy=False)
        yield network.forward(params, block, INFERENCE)[0]


def judge(
    task: Task, params: Tree, x: Array, y: Array, dtype: str, size: int = BLOCK
) -> dict[str, float]:
    """Loss (weight penalties included, as in training) and metrics over a whole data set."""
    sums = dict.fromkeys(("loss", *task.metrics), 0.0)
    start = 0
    for outputs in outputs_of(task.network, params, x, dtype, size):
        targets = y[start : start + len(outputs)]
        sums["loss"] += float(task.loss(outputs, targets)[0]) * len(outputs)
        for name, metric in task.metrics.items():
            sums[name] += float(metric(outputs, targets).mean()) * len(outputs)
        start += len(outputs)
    means = {name: total / len(x) for name, total in sums.items()}
    means["loss"] += float(task.penalty(params)[0])
    return means

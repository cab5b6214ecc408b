"""JAX as its experts write it: an epoch in one jitted scan, jax.grad, hand-written Adam."""

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from setup import Data, Setup


def build(setup: Setup, data: Data) -> Any:
    rng = np.random.default_rng(setup.seed)
    params = []
    for n, m in ((784, setup.hidden), (setup.hidden, 10)):
        limit = np.sqrt(6 / (n + m))
        kernel = rng.uniform(-limit, limit, (n, m)).astype(np.float32)
        params.append((jnp.array(kernel), jnp.zeros(m)))
    zeros = jax.tree.map(jnp.zeros_like, params)
    state = [params, zeros, jax.tree.map(jnp.zeros_like, params), jnp.int32(0)]
    x, y = jnp.asarray(data.floats()), jnp.asarray(data.y, jnp.int32)

    def logits(params: Any, images: Any) -> Any:
        (w1, b1), (w2, b2) = params
        return jax.nn.relu(images @ w1 + b1) @ w2 + b2

    def loss(params: Any, images: Any, labels: Any) -> Any:
        scores = jax.nn.log_softmax(logits(params, images))
        return -jnp.take_along_axis(scores, labels[:, None], axis=1).mean()

    @partial(jax.jit, donate_argnums=0)
    def epoch(state: Any, x: Any, y: Any, batches: Any) -> Any:
        def step(state: Any, rows: Any) -> Any:
            params, m, v, t = state
            value, grads = jax.value_and_grad(loss)(params, x[rows], y[rows])
            t = t + 1
            m = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, m, grads)
            v = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, v, grads)
            rate = setup.learning_rate * jnp.sqrt(1 - 0.999**t) / (1 - 0.9**t)
            params = jax.tree.map(lambda p, m, v: p - rate * m / (jnp.sqrt(v) + 1e-7), params, m, v)
            return [params, m, v, t], value

        return jax.lax.scan(step, state, batches)

    def train() -> None:
        nonlocal state
        for _ in range(setup.epochs):
            order = rng.permutation(len(data.y))
            rows = order[: setup.steps * setup.batch_size].reshape(setup.steps, setup.batch_size)
            state, losses = epoch(state, x, y, jnp.asarray(rows, jnp.int32))
            losses.block_until_ready()

    def predict(images: Any) -> Any:
        return np.asarray(logits(state[0], images))

    return train, predict

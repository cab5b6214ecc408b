"""Long short-term memory, by hand and with its gates held open or closed."""

import numpy as np

from glassnet.ops.lstm import lstm

OPEN, SHUT = 50.0, -50.0


def run(i: float, f: float, o: float, g: tuple[float, ...] = (0.3, 0.2, 0.1)) -> list[float]:
    z = np.array([[[i, f, one, o]] for one in g])
    return list(lstm(z, np.zeros((1, 4)))[0].ravel())


def test_open_gates_add_up() -> None:
    total = np.cumsum(np.tanh([0.3, 0.2, 0.1]))
    np.testing.assert_allclose(run(OPEN, OPEN, OPEN), np.tanh(total))


def test_a_shut_forget_gate_forgets() -> None:
    np.testing.assert_allclose(run(OPEN, SHUT, OPEN), np.tanh(np.tanh([0.3, 0.2, 0.1])))


def test_a_shut_input_or_output_gate_leaves_0() -> None:
    np.testing.assert_allclose(run(SHUT, OPEN, OPEN), 0, atol=1e-12)
    np.testing.assert_allclose(run(OPEN, OPEN, SHUT), 0, atol=1e-12)


def test_the_state_meets_the_recurrent_kernel() -> None:
    z = np.array([[[OPEN, SHUT, 0.5, OPEN]], [[OPEN, SHUT, 0, OPEN]]])
    y, _ = lstm(z, np.array([[0.0, 0, 2, 0]]))
    first = np.tanh(np.tanh(0.5))
    np.testing.assert_allclose(y.ravel(), [first, np.tanh(np.tanh(2 * first))])

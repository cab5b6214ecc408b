"""Ask Keras for the numbers that the tests compare with; writes the JSON files beside this one.

Run where Keras 3 and JAX are installed: `JAX_ENABLE_X64=1 KERAS_BACKEND=jax python make.py`. (On
TensorFlow, Keras rounds the optimizers' constants to float32.) The tests read the JSON only.
"""

import json
from pathlib import Path
from types import SimpleNamespace

import keras
import numpy as np

keras.config.set_floatx("float64")
HERE = Path(__file__).parent

LOGITS = [[0.3, -1.2, 2.5], [-0.7, 0.1, 0.2], [4.0, -3.0, 0.5], [0.0, 0.0, 0.0]]
LABELS = [2, 0, 1, 1]
TARGETS = [[0.1, 0.6, 0.3], [1.0, 0.0, 0.0], [0.0, 0.2, 0.8], [0.3, 0.3, 0.4]]

OPTIMIZERS = [
    ("SGD", {}),
    ("SGD", {"learning_rate": 0.1, "momentum": 0.9}),
    ("SGD", {"learning_rate": 0.1, "momentum": 0.9, "nesterov": True}),
    ("RMSprop", {}),
    ("RMSprop", {"learning_rate": 0.01, "rho": 0.8, "centered": True}),
    ("RMSprop", {"learning_rate": 0.01, "momentum": 0.7}),
    ("RMSprop", {"learning_rate": 0.01, "momentum": 0.7, "centered": True, "epsilon": 1e-3}),
    ("Adam", {}),
    ("Adam", {"learning_rate": 0.1, "beta_1": 0.8, "beta_2": 0.9, "epsilon": 1e-2}),
]

SCHEDULES = [
    {"initial_learning_rate": 0.1, "decay_steps": 10},
    {"initial_learning_rate": 0.1, "decay_steps": 7, "alpha": 0.2},
    {
        "initial_learning_rate": 0.0, "decay_steps": 8, "alpha": 0.1,
        "warmup_target": 0.5, "warmup_steps": 4,
    },
]  # fmt: skip

STOPPING = [
    ({"patience": 0}, [3.0, 2.0, 2.5, 1.0]),
    ({"patience": 1}, [3.0, 2.0, 2.0, 2.0, 1.0]),
    ({"patience": 2}, [3.0, 2.0, 2.1, 2.2, 1.0]),
    ({"patience": 2}, [3.0, 2.0, 2.1, 1.9, 1.8]),
    ({"patience": 2, "min_delta": 0.5}, [3.0, 2.8, 2.6, 2.4, 0.1]),
    ({"patience": 3, "baseline": 1.0}, [3.0, 2.0, 1.5, 1.2, 0.5]),
    ({"patience": 2, "baseline": 2.5}, [3.0, 2.0, 2.1, 2.2, 0.5]),
    ({"patience": 1, "start_from_epoch": 3}, [1.0, 2.0, 3.0, 4.0, 5.0, 0.0]),
    ({"patience": 2, "monitor": "val_accuracy", "mode": "max"}, [0.1, 0.5, 0.4, 0.5, 0.9]),
    ({"patience": 1, "monitor": "val_accuracy", "mode": "max", "min_delta": 0.2}, [0.1, 0.2, 0.9]),
    ({"patience": 0}, [1.0, 2.0, 3.0]),
    ({"patience": 5}, [3.0, 2.0, 1.0, 2.0]),
]


def losses():
    """Each loss of the same numbers, from logits and from probabilities."""
    softmax = np.asarray(keras.ops.softmax(np.array(LOGITS)))
    sigmoid = np.asarray(keras.ops.sigmoid(np.array(LOGITS)))
    one_hot = np.eye(3)[LABELS].tolist()
    clipped = [[1.0, 0.0, 0.0], [0.2, 0.3, 0.5], [1e-9, 0.4, 0.6], [0.0, 1.0, 0.0]]
    loss = keras.losses
    cases = []
    for cls, targets in (
        (loss.SparseCategoricalCrossentropy, LABELS),
        (loss.CategoricalCrossentropy, one_hot),
        (loss.CategoricalCrossentropy, TARGETS),
        (loss.BinaryCrossentropy, one_hot),
        (loss.BinaryCrossentropy, TARGETS),
    ):
        probabilities = (sigmoid if cls is loss.BinaryCrossentropy else softmax).tolist()
        unscaled = (np.array(probabilities) * 0.5).tolist()
        cases += [
            (cls, {"from_logits": True}, LOGITS, targets),
            (cls, {"from_logits": False}, probabilities, targets),
            (cls, {"from_logits": False}, unscaled, targets),
        ]
        if cls is not loss.SparseCategoricalCrossentropy:  # Keras's clips after the logarithm
            cases.append((cls, {"from_logits": False}, clipped, targets))
    for cls in (loss.MeanSquaredError, loss.MeanAbsoluteError):
        cases.append((cls, {}, LOGITS, TARGETS))
    return [
        {
            "class": cls.__name__,
            "options": options,
            "outputs": outputs,
            "targets": targets,
            "value": float(cls(**options)(np.array(targets), np.array(outputs))),
        }
        for cls, options, outputs, targets in cases
    ]


def optimizers(steps=10):
    """The parameter after each of ten steps with given gradients."""
    rng = np.random.default_rng(0)
    start = rng.standard_normal((2, 3))
    gradients = rng.standard_normal((steps, 2, 3)) * np.array([1.0, 1e-3, 1e2])
    gradients[:, 0, 0] = 0  # a pixel that is always black
    runs = []
    for name, options in OPTIMIZERS:
        weight = keras.Variable(start)
        optimizer = getattr(keras.optimizers, name)(**options)
        path = []
        for gradient in gradients:
            optimizer.apply([keras.ops.convert_to_tensor(gradient)], [weight])
            path.append(np.asarray(weight.numpy()).tolist())
        runs.append({"class": name, "options": options, "path": path})
    return {"start": start.tolist(), "gradients": gradients.tolist(), "runs": runs}


def schedules(steps=16):
    """Each schedule's rates of the first steps."""
    return [
        {
            "options": options,
            "rates": [
                float(keras.optimizers.schedules.CosineDecay(**options)(s)) for s in range(steps)
            ],
        }
        for options in SCHEDULES
    ]


class Scripted:
    """What EarlyStopping needs of a model: weights that say from which epoch they are."""

    def __init__(self):
        self.epoch, self.stop_training = -1, False

    def get_weights(self):
        return [self.epoch]

    def set_weights(self, weights):
        (self.epoch,) = weights


def stopping():
    """For sequences of numbers: epochs run, the stopped epoch, the epoch whose weights are kept."""
    found = []
    for options, values in STOPPING:
        model = Scripted()
        callback = keras.callbacks.EarlyStopping(**options, restore_best_weights=True)
        callback.set_model(model)
        callback.on_train_begin()
        for epoch, value in enumerate(values):
            if model.stop_training:
                break
            model.epoch = epoch
            callback.on_epoch_end(epoch, {options.get("monitor", "val_loss"): value})
        answer = SimpleNamespace(epochs=model.epoch + 1, stopped_epoch=callback.stopped_epoch)
        callback.on_train_end()
        found.append(
            {"options": options, "values": values, **vars(answer), "restored": model.epoch}
        )
    return found


def fits():
    """Small networks trained by Keras's own loop on given weights and rows, in order."""
    rng = np.random.default_rng(1)
    x, x_val = rng.standard_normal((20, 4)), rng.standard_normal((7, 4))
    labels, labels_val = rng.integers(0, 3, 20), rng.integers(0, 3, 7)
    runs = []
    for output, loss, y, y_val in (
        ("softmax", "sparse_categorical_crossentropy", labels, labels_val),
        ("softmax", "categorical_crossentropy", np.eye(3)[labels], np.eye(3)[labels_val]),
        ("sigmoid", "binary_crossentropy", np.eye(3)[labels], np.eye(3)[labels_val]),
        ("linear", "mean_squared_error", np.eye(3)[labels], np.eye(3)[labels_val]),
    ):
        l1_l2 = keras.regularizers.L1L2(0.01, 0.02)
        model = keras.Sequential([
            keras.Input((4,)),
            keras.layers.Dense(5, "tanh", kernel_regularizer=l1_l2),
            keras.layers.Dense(3, output),
        ])  # fmt: skip
        start = [rng.standard_normal(w.shape) * 0.5 for w in model.get_weights()]
        model.set_weights(start)
        model.compile(keras.optimizers.Adam(0.05), loss, metrics=["accuracy"])
        history = model.fit(
            x, y, batch_size=8, epochs=3, shuffle=False, verbose=0, validation_data=(x_val, y_val)
        )
        runs.append({
            "output": output, "loss": loss, "y": y.tolist(), "y_val": y_val.tolist(),
            "start": [w.tolist() for w in start],
            "history": history.history, "keys": list(history.history),
            "end": [w.tolist() for w in model.get_weights()],
            "predicted": model.predict(x_val, verbose=0).tolist(),
            "evaluated": model.evaluate(x_val, y_val, verbose=0),
        })  # fmt: skip
    return {"x": x.tolist(), "x_val": x_val.tolist(), "runs": runs}


if __name__ == "__main__":
    for make in (losses, optimizers, schedules, stopping, fits):
        numbers = json.dumps(make()) + "\n"
        (HERE / f"{make.__name__}.json").write_text(numbers)

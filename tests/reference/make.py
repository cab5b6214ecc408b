"""Ask Keras for the numbers that the tests compare with; writes the JSON files beside this one.

Run where Keras 3, JAX and PyTorch (which has the one-cycle schedule) are installed:
`JAX_ENABLE_X64=1 KERAS_BACKEND=jax python make.py`. (On TensorFlow, Keras rounds the optimizers'
constants to float32.) The tests read the JSON only.
"""

import importlib
import inspect
import json
from pathlib import Path
from types import SimpleNamespace

import keras
import numpy as np
from keras.src.backend.common import dtypes

keras.config.set_floatx("float64")
dtypes.BIT64_TO_BIT32_DTYPE["float64"] = "float64"  # on JAX, norms and schedules are float32 else
HERE = Path(__file__).parent

# Of four sequences: four steps of three classes.
STEPS = np.sin(np.arange(48.0) ** 1.5).reshape(4, 4, 3).round(3).tolist()
LOGITS = [[0.3, -1.2, 2.5], [-0.7, 0.1, 0.2], [4.0, -3.0, 0.5], [0.0, 0.0, 0.0]]
LABELS = [2, 0, 1, 1]
TARGETS = [[0.1, 0.6, 0.3], [1.0, 0.0, 0.0], [0.0, 0.2, 0.8], [0.3, 0.3, 0.4]]
WEIGHING = [0.5, 2.0, 0.0, 1.0]

COSINE = {
    "class": "CosineDecay", "initial_learning_rate": 0.01, "decay_steps": 20, "alpha": 0.1,
    "warmup_target": 0.1, "warmup_steps": 5,
}  # fmt: skip
STAIRS = {
    "class": "ExponentialDecay", "initial_learning_rate": 0.1, "decay_steps": 6, "decay_rate": 0.5,
    "staircase": True,
}  # fmt: skip
AVERAGED = {"use_ema": True, "ema_momentum": 0.8}

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
    ("Adam", {"learning_rate": 0.1, "beta_2": 0.5, "amsgrad": True}),
    ("AdamW", {}),
    ("AdamW", {"learning_rate": 0.1, "weight_decay": 0.2, "amsgrad": True}),
    ("Adamax", {}),
    ("Adamax", {"learning_rate": 0.1, "beta_1": 0.8, "beta_2": 0.9, "epsilon": 1e-2}),
    ("Nadam", {}),
    ("Nadam", {"learning_rate": 0.1, "beta_1": 0.8, "beta_2": 0.9, "epsilon": 1e-2}),
    ("Lamb", {}),
    ("Lamb", {"learning_rate": 0.1, "beta_1": 0.8, "beta_2": 0.9, "epsilon": 1e-2}),
    ("Adagrad", {}),
    ("Adagrad", {"learning_rate": 0.1, "initial_accumulator_value": 0.0, "epsilon": 1e-2}),
    ("Adadelta", {}),
    ("Adadelta", {"learning_rate": 1.0, "rho": 0.8, "epsilon": 1e-3}),
    ("Lion", {}),
    ("Lion", {"learning_rate": 0.01, "beta_1": 0.5, "beta_2": 0.6, "weight_decay": 0.1}),
    ("Muon", {}),
    ("Muon", {"learning_rate": 0.1, "exclude_layers": ["last"], "nesterov": False}),
    ("Muon", {
        "learning_rate": 0.1, "momentum": 0.5, "ns_steps": 2, "rms_rate": None,
        "adam_lr_ratio": 0.3, "exclude_embeddings": False, "weight_decay": 0.1,
        "adam_weight_decay": None, "muon_a": 2.0, "muon_b": -1.5, "muon_c": 0.5,
    }),
    ("Adafactor", {}),
    ("Adafactor", {
        "learning_rate": 0.5, "beta_2_decay": -0.5, "epsilon_1": 1e-3, "epsilon_2": 0.1,
        "clip_threshold": 0.5, "relative_step": False, "weight_decay": 0.1,
    }),
    ("Ftrl", {}),
    ("Ftrl", {
        "learning_rate": 0.1, "learning_rate_power": -0.7, "initial_accumulator_value": 0.3,
        "l1_regularization_strength": 0.05, "l2_regularization_strength": 0.1,
        "l2_shrinkage_regularization_strength": 0.2, "beta": 0.3, "clipnorm": 0.5,
    }),
    ("ScheduleFreeAdamW", {}),
    ("ScheduleFreeAdamW", {
        "learning_rate": 0.1, "beta_1": 0.8, "beta_2": 0.9, "epsilon": 1e-2, "warmup_steps": 4,
        "weight_decay": 0.1, "gradient_accumulation_steps": 2,
    }),
    ("SGD", {"learning_rate": COSINE, "momentum": 0.9, "clipvalue": 0.5}),
    ("SGD", {"learning_rate": 0.1, "weight_decay": 0.1, "exclude_from_weight_decay": ["bias"]}),
    ("Adam", {"learning_rate": STAIRS, "clipnorm": 0.3, **AVERAGED}),
    ("Adam", {"learning_rate": 0.1, "global_clipnorm": 0.3, "weight_decay": 0.1, **AVERAGED,
              "ema_overwrite_frequency": 5}),
    ("RMSprop", {"learning_rate": COSINE, "gradient_accumulation_steps": 3, "clipnorm": 1.0}),
    ("AdamW", {"learning_rate": COSINE, "gradient_accumulation_steps": 4, "global_clipnorm": 1.0,
               "exclude_from_weight_decay": ["bias", "embeddings"], **AVERAGED}),
    ("Nadam", {"learning_rate": 0.1, "gradient_accumulation_steps": 2, "clipvalue": 0.1,
               "weight_decay": 0.1, **AVERAGED, "ema_overwrite_frequency": 3}),
    ("Muon", {"learning_rate": STAIRS, "gradient_accumulation_steps": 2, "global_clipnorm": 0.5,
              "exclude_from_weight_decay": ["kernel"], **AVERAGED}),
    ("SGD", {"learning_rate": 0.1, "momentum": 0.5, "constraint": {"class": "MaxNorm"}, **AVERAGED,
             "ema_overwrite_frequency": 7}),
    ("SGD", {"learning_rate": 0.1, "gradient_accumulation_steps": 2,
             "constraint": {"class": "MaxNorm", "max_value": 0.7, "axis": [0, 1]}}),
    ("Adam", {"learning_rate": 0.1, "constraint": {"class": "UnitNorm", "axis": 1}}),
    ("Adam", {"learning_rate": 0.1, "constraint": {"class": "NonNeg"}}),
]  # fmt: skip
WEIGHTS = {
    "hidden/kernel": (2, 3), "hidden/bias": (3,), "embedding/embeddings": (3, 2),
    "last/kernel": (3, 2),
}  # fmt: skip

FALLING = {"initial_learning_rate": 0.1, "decay_steps": 10}
SCHEDULES = [
    ("CosineDecay", FALLING),
    ("CosineDecay", {"initial_learning_rate": 0.1, "decay_steps": 7, "alpha": 0.2}),
    ("CosineDecay", {
        "initial_learning_rate": 0.0, "decay_steps": 8, "alpha": 0.1,
        "warmup_target": 0.5, "warmup_steps": 4,
    }),
    ("ExponentialDecay", {**FALLING, "decay_rate": 0.9}),
    ("ExponentialDecay", {**FALLING, "decay_rate": 0.9, "staircase": True}),
    ("InverseTimeDecay", {**FALLING, "decay_rate": 0.5}),
    ("InverseTimeDecay", {**FALLING, "decay_rate": 0.5, "staircase": True}),
    ("PiecewiseConstantDecay", {"boundaries": [3, 10], "values": [0.1, 0.05, 0.2]}),
    ("PolynomialDecay", FALLING),
    ("PolynomialDecay", {**FALLING, "end_learning_rate": 0.01, "power": 0.5}),
    ("PolynomialDecay", {**FALLING, "power": 2.0, "cycle": True}),
    ("CosineDecayRestarts", {"initial_learning_rate": 0.1, "first_decay_steps": 5}),
    ("CosineDecayRestarts", {
        "initial_learning_rate": 0.1, "first_decay_steps": 4, "t_mul": 1.0, "m_mul": 0.5,
    }),
    ("CosineDecayRestarts", {
        "initial_learning_rate": 0.1, "first_decay_steps": 3, "t_mul": 1.5, "m_mul": 0.8,
        "alpha": 0.1,
    }),
    ("OneCycle", {"max_learning_rate": 0.1, "total_steps": 25}),
    ("OneCycle", {"max_learning_rate": 0.1, "total_steps": 26, "anneal_strategy": "linear"}),
    ("OneCycle", {
        "max_learning_rate": 1.0, "total_steps": 25, "pct_start": 0.4, "div_factor": 10.0,
        "final_div_factor": 100.0, "three_phase": True,
    }),
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
    """Each loss of the same numbers, from logits and from probabilities, smoothed and weighted."""
    softmax = np.asarray(keras.ops.softmax(np.array(LOGITS))).tolist()
    sigmoid = np.asarray(keras.ops.sigmoid(np.array(LOGITS))).tolist()
    one_hot = np.eye(3)[LABELS].tolist()
    signs = (2 * np.eye(3)[LABELS] - 1).tolist()
    clipped = [[1.0, 0.0, 0.0], [0.2, 0.3, 0.5], [1e-9, 0.4, 0.6], [0.0, 1.0, 0.0]]
    sparse, smooth = "SparseCategoricalCrossentropy", {"label_smoothing": 0.2}
    cases = []
    for name, targets, options in (
        (sparse, LABELS, {}),
        ("CategoricalCrossentropy", one_hot, {}),
        ("CategoricalCrossentropy", TARGETS, {}),
        ("CategoricalCrossentropy", one_hot, smooth),
        ("BinaryCrossentropy", one_hot, {}),
        ("BinaryCrossentropy", TARGETS, {}),
        ("BinaryCrossentropy", one_hot, smooth),
        ("CategoricalFocalCrossentropy", one_hot, {}),
        ("CategoricalFocalCrossentropy", TARGETS, {"alpha": 0.6, "gamma": 1.3, **smooth}),
        ("BinaryFocalCrossentropy", one_hot, {}),
        ("BinaryFocalCrossentropy", TARGETS, {"apply_class_balancing": True, "alpha": 0.3}),
        ("BinaryFocalCrossentropy", one_hot, {"gamma": 0.5, **smooth}),
    ):
        probabilities = sigmoid if name.startswith("Binary") else softmax
        unscaled = (np.array(probabilities) * 0.5).tolist()
        cases += [
            (name, {"from_logits": True, **options}, LOGITS, targets),
            (name, {"from_logits": False, **options}, probabilities, targets),
            (name, {"from_logits": False, **options}, unscaled, targets),
        ]
        if name != sparse and not options:  # Keras's clips after the logarithm
            cases.append((name, {"from_logits": False}, clipped, targets))
    for name in ("MeanSquaredError", "MeanAbsoluteError", "Huber", "LogCosh", "CosineSimilarity"):
        cases.append((name, {}, LOGITS, TARGETS))
    cases += [
        ("Huber", {"delta": 0.3}, LOGITS, TARGETS),
        ("KLDivergence", {}, softmax, TARGETS),
        ("KLDivergence", {}, clipped, TARGETS),
        ("Poisson", {}, sigmoid, [[0.0, 2.0, 1.0], [3.0, 0.0, 0.0], [1.0, 1.0, 4.0], [2, 5, 0]]),
        *((name, {}, LOGITS, y) for name in ("Hinge", "SquaredHinge") for y in (one_hot, signs)),
        ("MeanAbsolutePercentageError", {}, LOGITS, [[0.0, 2.0, -1.0], *TARGETS[1:]]),
        ("MeanSquaredLogarithmicError", {}, LOGITS, TARGETS),
        ("CategoricalGeneralizedCrossEntropy", {}, softmax, LABELS),
        ("CategoricalGeneralizedCrossEntropy", {"q": 0.9}, clipped, LABELS),
        ("Dice", {}, sigmoid, one_hot),
        ("Dice", {"axis": [1]}, sigmoid, TARGETS),
        ("Tversky", {}, sigmoid, one_hot),
        ("Tversky", {"alpha": 0.2, "beta": 0.9, "axis": [1]}, sigmoid, TARGETS),
        (sparse, {"from_logits": True, "ignore_class": 1}, LOGITS, LABELS),
        (sparse, {"ignore_class": 255}, softmax, [2, 255, 1, 255]),
        *(
            (name, {"reduction": reduction, **options}, LOGITS, y)
            for reduction in ("sum", "mean", "mean_with_sample_weight")
            for name, options, y in (
                ("MeanSquaredError", {}, TARGETS),
                (sparse, {"from_logits": True, "ignore_class": 0}, LABELS),
            )
        ),
        ("CategoricalHinge", {}, LOGITS, one_hot),
        ("CategoricalHinge", {}, LOGITS, TARGETS),
        ("CTC", {}, STEPS, [[1, 2], [2, 2], [1, 0], [0, 0]]),
        ("CTC", {"reduction": "sum"}, STEPS, [[2, 1], [1, 1], [2, 0], [1, 2]]),
    ]
    found = []
    for name, options, outputs, targets in cases:
        loss = getattr(keras.losses, name)(**options)
        arrays = np.array(targets), np.array(outputs)
        found.append({
            "class": name, "options": options, "outputs": outputs, "targets": targets,
            "value": float(loss(*arrays)), "weights": WEIGHING,
            "weighted": float(loss(*arrays, sample_weight=np.array(WEIGHING))),
        })  # fmt: skip
    return found


def metrics():
    """Each metric of the same data, in two batches: plain, and with weights."""
    rng = np.random.default_rng(5)
    softmax = np.asarray(keras.ops.softmax(rng.standard_normal((12, 4))))
    labels = np.arange(12) % 4
    yes = rng.permutation(np.arange(12) % 2)[:, None]
    # So far apart that each lies between two of the thresholds that Keras's AUC tries.
    sigmoid = (0.05 + 0.075 * rng.permutation(12))[:, None]
    apart = np.stack([0.05 + 0.075 * rng.permutation(12) for _ in range(4)], axis=1)
    found = []
    for name, cls, options, targets, outputs in (
        ("accuracy", "SparseCategoricalAccuracy", {}, labels, softmax),
        ("accuracy", "CategoricalAccuracy", {}, np.eye(4)[labels], softmax),
        ("accuracy", "BinaryAccuracy", {}, yes, sigmoid),
        ("binary_accuracy", "BinaryAccuracy", {}, np.eye(4)[labels], softmax),
        ("top_2_accuracy", "SparseTopKCategoricalAccuracy", {"k": 2}, labels, softmax),
        ("top_3_accuracy", "TopKCategoricalAccuracy", {"k": 3}, np.eye(4)[labels], softmax),
        ("mse", "MeanSquaredError", {}, np.eye(4)[labels], softmax),
        ("mae", "MeanAbsoluteError", {}, np.eye(4)[labels], softmax),
        ("precision", "Precision", {}, yes, sigmoid),
        ("recall", "Recall", {}, yes, sigmoid),
        ("f1", "F1Score", {"threshold": 0.5, "average": "macro"}, yes, sigmoid),
        ("f1", "F1Score", {"average": "macro"}, np.eye(4)[labels], softmax),
        ("auc", "AUC", {}, yes, sigmoid),
        ("auc", "AUC", {"multi_label": True}, np.eye(4)[labels], apart),
    ):
        case = {"name": name, "targets": targets.tolist(), "outputs": outputs.tolist()}
        weights = rng.uniform(0.5, 2, 12)
        for key in ("value", "weighted"):
            metric = getattr(keras.metrics, cls)(**options)
            for rows in (slice(0, 8), slice(8, 12)):
                given = {"sample_weight": weights[rows]} if key == "weighted" else {}
                metric.update_state(targets[rows], outputs[rows], **given)
            case[key] = float(metric.result())
        found.append({**case, "weights": weights.tolist()})
    return found


def weighting():
    """A small network trained by Keras with class weights, sample weights and weighted metrics."""
    rng = np.random.default_rng(7)
    x, labels = rng.standard_normal((22, 4)), rng.integers(0, 3, 22)
    weights = rng.uniform(0, 3, 22)
    start = [rng.standard_normal(shape) * 0.5 for shape in ((4, 3), (3,))]
    runs = []
    for options, sparse in (
        ({"class_weight": {0: 2.0, 2: 0.5}}, True),
        ({"class_weight": {0: 2.0, 2: 0.5}}, False),
        ({"sample_weight": True}, True),
        ({"sample_weight": True, "validation_split": 0.3}, True),
        ({"class_weight": {1: 3.0}, "validation_data": True}, True),
    ):
        model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, "softmax")])
        model.set_weights(start)
        loss = "sparse_categorical_crossentropy" if sparse else "categorical_crossentropy"
        y = labels if sparse else np.eye(3)[labels]
        weighted = ["accuracy"] if sparse else ["accuracy", "mse"]
        model.compile(
            keras.optimizers.SGD(0.3), loss, metrics=["accuracy"], weighted_metrics=weighted
        )
        given = {"validation_data": (x, y, weights), "sample_weight": weights}
        found = model.fit(
            x,
            y,
            batch_size=8,
            epochs=2,
            shuffle=False,
            verbose=0,
            **{key: given[key] if value is True else value for key, value in options.items()},
        )
        runs.append({
            "options": options, "loss": loss, "y": y.tolist(), "history": found.history,
            "end": [w.tolist() for w in model.get_weights()],
            "evaluated": model.evaluate(x, y, sample_weight=weights, verbose=0, return_dict=True),
        })  # fmt: skip
    return {
        "x": x.tolist(), "weights": weights.tolist(), "start": [w.tolist() for w in start],
        "runs": runs,
    }  # fmt: skip


def optimizers(steps=24):
    """Weights after steps with given gradients: one after each step, all after the last."""
    rng = np.random.default_rng(0)
    starts = {path: rng.standard_normal(shape) for path, shape in WEIGHTS.items()}
    gradients = {path: rng.standard_normal((steps, *shape)) for path, shape in WEIGHTS.items()}
    gradients["hidden/kernel"] *= np.array([1.0, 1e-3, 1e2])
    gradients["hidden/kernel"][:, 0, 0] = 0  # a pixel that is always black
    runs = []
    for name, options in OPTIMIZERS:
        weights = [variable(path, start) for path, start in starts.items()]
        given = dict(options)
        excluded, constraint = (
            given.pop(key, None) for key in ("exclude_from_weight_decay", "constraint")
        )
        if isinstance(given.get("learning_rate"), dict):
            given["learning_rate"] = keras_part(keras.optimizers.schedules, given["learning_rate"])
        optimizer = getattr(keras.optimizers, name)(**given)
        if excluded:
            optimizer.exclude_from_weight_decay(var_names=excluded)
        for weight in weights:
            if constraint and weight.name == "kernel":
                weight.constraint = keras_part(keras.constraints, constraint)
        path = []
        for i in range(steps):
            optimizer.apply(
                [keras.ops.convert_to_tensor(g[i]) for g in gradients.values()], weights
            )
            path.append(weights[0].numpy().tolist())
        run = {"class": name, "options": options, "path": path, "end": by_path(weights)}
        if "use_ema" in options:
            run["average"] = by_path(optimizer._model_variables_moving_average)
        runs.append(run)
    return {
        "start": {path: start.tolist() for path, start in starts.items()},
        "gradients": {path: given.tolist() for path, given in gradients.items()},
        "runs": runs,
    }


def variable(path, start):
    """Keras's variable of this path."""
    place, _, name = path.rpartition("/")
    with keras.name_scope(place):
        return keras.Variable(start, name=name)


def keras_part(module, description):
    """Keras's schedule or constraint of such a description."""
    options = {key: value for key, value in description.items() if key != "class"}
    return getattr(module, description["class"])(**options)


def by_path(variables):
    """The variables' numbers, for each of WEIGHTS."""
    return {path: v.numpy().tolist() for path, v in zip(WEIGHTS, variables, strict=True)}


def schedules(steps=26):
    """Each schedule's rates of the first steps, Keras's or PyTorch's."""
    found = []
    for name, options in SCHEDULES:
        if name == "OneCycle":
            rates = one_cycle(**options)
        else:
            schedule = getattr(keras.optimizers.schedules, name)(**options)
            rates = [float(schedule(step)) for step in range(steps)]
        found.append({"class": name, "options": options, "rates": rates})
    return found


def one_cycle(max_learning_rate, total_steps, **options):
    """The rates of PyTorch's OneCycleLR."""
    import torch

    optimizer = torch.optim.SGD([torch.zeros(1)], lr=1.0)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, max_learning_rate, total_steps, cycle_momentum=False, **options
    )
    rates = []
    for _ in range(total_steps):
        rates += schedule.get_last_lr()
        optimizer.step()
        schedule.step()
    return rates


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


def parts():
    """Every name of Keras's modules of parts, with its constructor's arguments and defaults."""
    modules = {}
    for path in ("losses", "metrics", "optimizers", "optimizers.schedules", "initializers",
                 "constraints", "regularizers"):  # fmt: skip
        module = importlib.import_module(f"keras.{path}")
        modules[path] = {}
        for name in dir(module):
            cls = getattr(module, name)
            if inspect.isclass(cls):
                listed = inspect.signature(cls).parameters.values()
                modules[path][name] = {
                    p.name: "required" if p.default is p.empty else {"default": p.default}
                    for p in listed
                    if p.kind is p.POSITIONAL_OR_KEYWORD
                }
            elif not name.startswith("_"):
                modules[path][name] = None
    return modules


if __name__ == "__main__":
    for make in (parts, losses, metrics, weighting, optimizers, schedules, stopping, fits):
        numbers = json.dumps(make()) + "\n"
        (HERE / f"{make.__name__}.json").write_text(numbers)

"""How each network is trained by default: by what it is, or because it was trained before.

This module imports nothing heavy, because the help of the command line reads it.
"""

from dataclasses import dataclass
from typing import Any

from glassnet.core.errors import GlassnetError, unknown
from glassnet.core.plurals import listed


@dataclass(frozen=True)
class TrainingDefaults:
    """The default settings of a network, and the kinds of data that it reads."""

    optimizer: str
    learning_rate: float
    batch_size: int
    epochs: int
    reads: tuple[str, ...]  # kinds of data, keys of KINDS
    most_steps: int | None = None  # with more rows, fewer epochs


KINDS = {
    "numbers": "arrays of numbers", "texts": "texts with labels",
    "corpus": "one long text", "table": "the columns of a table", "images": "images",
    "audio": "sounds", "mixed": "texts, images or sounds beside other columns",
    "interactions": "events of users and items", "ratings": "users' ratings of items",
}  # fmt: skip
ARRAYS = ("numbers", "images", "audio")  # kinds of data that are an array of numbers
OF_EVENTS = ("interactions", "ratings")  # of users and items
OF_ROWS = ("table", "ratings")  # that are the columns of a table
OUTPUTS: dict[str, dict[str, str]] = {  # by what is predicted: output activation and loss
    "classes": {},
    "labels": {"output_activation": "sigmoid", "loss": "binary_crossentropy"},
    "numbers": {"output_activation": "linear", "loss": "mean_squared_error"},
    "counts": {"output_activation": "exponential", "loss": "poisson"},
    "items": {"task": "items", "loss": "categorical_crossentropy"},
}

# fmt: off
NETWORKS = {
    #                            optimizer  rate    batch  epochs  reads
    "mlp":                TrainingDefaults("adam",  0.002,  64,    15,     (*ARRAYS, *OF_ROWS)),
    "tabular":            TrainingDefaults("adam",  0.003,  64,    30,     OF_ROWS, 30_000),
    "lenet":              TrainingDefaults("adam",  0.002,  64,    15,     ARRAYS),
    "cnn":                TrainingDefaults("adam",  0.003,  128,   12,     ARRAYS),
    "resnet":             TrainingDefaults("adam",  0.003,  128,   15,     ARRAYS),
    "mobilenet-v2":       TrainingDefaults("adam",  0.003,  128,   15,     ARRAYS),
    "efficientnet-lite0": TrainingDefaults("adam",  0.003,  128,   15,     ARRAYS),
    "vit":                TrainingDefaults("adam",  0.001,  128,   15,     ARRAYS),
    "rnn":                TrainingDefaults("adam",  0.001,  128,   15,     (*ARRAYS, "texts")),
    "lstm":               TrainingDefaults("adam",  0.003,  128,   15,     (*ARRAYS, "texts")),
    "gru":                TrainingDefaults("adam",  0.003,  128,   15,     (*ARRAYS, "texts")),
    "text-transformer":   TrainingDefaults("adam",  0.001,  64,    8,      ("texts",)),
    "char-lm":            TrainingDefaults("adam",  0.002,  16,    20,     ("corpus",)),
    "joined":             TrainingDefaults("adam",  0.002,  64,    15,     ("mixed",)),
    "recommender":        TrainingDefaults("adam",  0.003,  64,    100,    OF_EVENTS),
}
# fmt: on
SOURCE = "source"  # the network of a fine-tuning: that of the model in --from
FINE_TUNING = TrainingDefaults("adam", 0.002, 64, 15, tuple(KINDS))  # docs/log.md
DEFAULTS = {**NETWORKS, SOURCE: FINE_TUNING}
# by kind of data
DEFAULT_NETWORK = {
    "numbers": "mlp", "texts": "text-transformer", "corpus": "char-lm", "table": "tabular",
    "images": "cnn", "audio": "cnn", "mixed": "joined",
    "interactions": "recommender", "ratings": "recommender",
}  # fmt: skip
# settings of a network for a kind of data, where its own would be worse or slow: docs/log.md
SIZES: dict[tuple[str, str], dict[str, Any]] = {
    ("cnn", "audio"): {"filters": (16, 32, 64), "depth": 1},
    ("recommender", "ratings"): {
        "hidden": (64,),
        "activation": "relu",
        "dropout": 0.5,
        "epochs": 5,
        "learning_rate": 0.001,
        "task": "items",
    },
}
# steps of a network for a kind of data, at least; with few rows, more epochs: docs/log.md
LEAST_STEPS = {("recommender", "ratings"): 500}
STEPS = 10  # in an epoch, at least, unless --batch-size says otherwise


def default_batch_size(network: str, *rows: int) -> int:
    """Return the network's own batch size or, with fewer than 10 batches, a tenth of the rows.

    In fewer steps than that per epoch, networks learn too little: docs/log.md. The last batch is
    never a single row, which can't be normalized. Several training sets, those of the folds of a
    cross-validation, have one batch size, by the smallest of them.
    """
    own = DEFAULTS[network].batch_size
    size = max(1, min(rows) // STEPS)
    if size >= own:
        return own
    while size > 1 and any(count % size == 1 for count in rows):
        size += 1
    return size


def own_epochs(network: str, kind: str) -> int:
    """Return the epochs of a network for a kind of data, whatever the number of rows."""
    epochs: int = SIZES.get((network, kind), {}).get("epochs", DEFAULTS[network].epochs)
    return epochs


def default_epochs(network: str, kind: str, rows: int, batch_size: int | None = None) -> int:
    """Return the network's own epochs or, if these are too many steps for it, fewer, at least 1;
    if they are too few, more.

    Every epoch is a whole pass through the training rows.
    """
    own, most = own_epochs(network, kind), DEFAULTS[network].most_steps
    steps = -(-rows // (batch_size or default_batch_size(network, rows)))
    if most is not None and own * steps > most:
        return max(1, round(most / steps))
    return max(own, -(-LEAST_STEPS.get((network, kind), 0) // steps))


def require_readable(network: str, kind: str, data: str) -> None:
    """Raise if the network does not exist, or does not read data of this kind."""
    if network not in DEFAULTS:
        raise unknown("network", network, NETWORKS, where="--network")
    reads = DEFAULTS[network].reads
    if kind not in reads:
        suitable = [name for name, defaults in NETWORKS.items() if kind in defaults.reads]
        raise GlassnetError(
            f"{network} is for {listed([KINDS[kind] for kind in reads])}; {data} contains "
            f"{KINDS[kind]}.",
            where="--network",
            fix=f"Choose one of {', '.join(suitable)}.",
        )


def defaults_table() -> list[str]:
    """Return the defaults of the networks, one line per network."""
    return [
        f"{name}: {h.optimizer}, learning rate {h.learning_rate:g}, batches of {h.batch_size}, "
        f"{h.epochs} epochs"
        for name, h in {**NETWORKS, "with --from": FINE_TUNING}.items()
    ]

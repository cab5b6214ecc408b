"""What a person chooses for a training, and what each network takes where nothing is chosen.

Nothing heavy is imported here: the command line's help reads this table too.
"""

from dataclasses import dataclass, fields
from typing import Any

from glassnet.core.errors import GlassnetError, unknown


@dataclass(frozen=True)
class TrainingDefaults:
    """How a network is trained where nothing else is chosen, and what data it reads."""

    optimizer: str
    learning_rate: float
    batch_size: int
    epochs: int
    reads: tuple[str, ...]  # kinds of data; see KINDS


KINDS = {"numbers": "pictures and tables", "texts": "texts with labels", "corpus": "one long text"}

# fmt: off
NETWORKS = {
    #                          optimizer  rate    batch  epochs  reads
    "mlp":              TrainingDefaults("adam",    0.002,  64,    15,     ("numbers",)),
    "lenet":            TrainingDefaults("adam",    0.002,  64,    15,     ("numbers",)),
    "cnn":              TrainingDefaults("adam",    0.003,  128,   12,     ("numbers",)),
    "resnet":           TrainingDefaults("adam",    0.003,  128,   15,     ("numbers",)),
    "vit":              TrainingDefaults("adam",    0.001,  128,   15,     ("numbers",)),
    "rnn":              TrainingDefaults("adam",    0.001,  128,   15,     ("numbers", "texts")),
    "lstm":             TrainingDefaults("adam",    0.003,  128,   15,     ("numbers", "texts")),
    "gru":              TrainingDefaults("adam",    0.003,  128,   15,     ("numbers", "texts")),
    "text-transformer": TrainingDefaults("adam",    0.001,  64,    8,      ("texts",)),
    "char-lm":          TrainingDefaults("adam",    0.002,  16,    20,     ("corpus",)),
}
# fmt: on
FIRST = {"numbers": "mlp", "texts": "text-transformer", "corpus": "char-lm"}  # if none is named


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """What a network is made of; None is the network's own default."""

    hidden: tuple[int, ...] | None = None
    filters: tuple[int, ...] | None = None
    units: int | None = None
    width: int | None = None
    depth: int | None = None
    heads: int | None = None
    patch: int | None = None
    stem: str | None = None
    embedding: int | None = None
    bidirectional: bool | None = None
    activation: str | None = None
    normalization: str | None = None
    dropout: float | None = None
    l1: float | None = None
    l2: float | None = None


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How texts are read; None is the default for the data."""

    tokenizer: str | None = None
    max_length: int | None = None
    vocabulary: int | None = None
    text_column: str | None = None
    label_column: str | None = None
    test_file: str | None = None


@dataclass(frozen=True, kw_only=True)
class Settings(Sizes, Reading):
    """What a person chose; the defaults are the first network's, from docs/log.md."""

    data: str = "fashion-mnist"
    network: str = "mlp"
    output_activation: str = "softmax"
    loss: str = "sparse_categorical_crossentropy"
    scaling: str = "unit"  # of numbers; tokens stay as they are
    optimizer: str = "adam"
    learning_rate: float = 0.002
    momentum: float = 0.0
    weight_decay: float | None = None
    clip: float | None = None  # of all gradients together
    ema: float | None = None  # momentum of the weights' running average
    label_smoothing: float = 0.0
    augment: str | None = None
    schedule: str = "cosine"
    batch_size: int = 64
    epochs: int = 15
    class_weight: str | None = None  # "balanced"
    validation_split: float = 0.1
    folds: int | None = None  # parts of the training set
    fold: int | None = None  # which of them, from 1, is judged on in place of the test set
    early_stopping: int | None = None
    reduce_on_plateau: int | None = None
    max_time: str | None = None
    tensorboard: str | None = None
    seed: int = 0
    engine: str = "numpy"

    def of(self, group: type[Sizes] | type[Reading]) -> dict[str, Any]:
        """What was chosen of the network's sizes, or of the reading of texts."""
        names = [field.name for field in fields(group)]
        return {name: value for name in names if (value := getattr(self, name)) is not None}


def choose(data: str, kind: str, network: str | None = None, **choices: Any) -> Settings:
    """Settings for data of a kind: what was chosen (None is not), else what suits the network.

    Without a network, the first one for such data. Raises GlassnetError where they don't go
    together.
    """
    name = FIRST[kind] if network is None else network
    require_readable(name, kind, data)
    chosen = {key: value for key, value in choices.items() if value is not None}
    if kind != "numbers" and "scaling" in chosen:
        raise GlassnetError(f"is for numbers; {data} holds {KINDS[kind]}.", where="--scaling")
    own = {key: value for key, value in vars(NETWORKS[name]).items() if key != "reads"}
    return Settings(data=data, network=name, **(own | chosen))


def require_readable(network: str, kind: str, data: str) -> None:
    """Raise if there is no such network, or it is for data of other kinds."""
    if network not in NETWORKS:
        raise unknown("network", network, NETWORKS, where="--network")
    reads = NETWORKS[network].reads
    if kind not in reads:
        able = [name for name, habits in NETWORKS.items() if kind in habits.reads]
        raise GlassnetError(
            f"{network} is for {' and '.join(KINDS[kind] for kind in reads)}; {data} holds "
            f"{KINDS[kind]}.",
            where="--network",
            fix=f"Those go with {', '.join(able)}.",
        )


def defaults_table() -> list[str]:
    """The table for people, a line a network."""
    return [
        f"{name}: {h.optimizer}, learning rate {h.learning_rate:g}, batches of {h.batch_size}, "
        f"{h.epochs} epochs"
        for name, h in NETWORKS.items()
    ]

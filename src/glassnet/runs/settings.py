"""What a person chooses for a training, and what each network takes where nothing is chosen.

A new option of a network is an argument of its recipe in networks/ and a field of `Sizes` here.
Nothing heavy is imported here: the command line's help reads this table too.
"""

from dataclasses import dataclass, field, fields
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


TEXTS, TRAINING, NETWORK = "Texts", "Training", "The network"  # panels of the help
OWN = "the network's own"


def option(default: Any, help: str, panel: str = TRAINING, **details: Any) -> Any:
    """A setting that commands offer as an option; `details` are those of `typer.Option`.

    With `show_default`, its default depends on the network or the data: `choose` fills it in.
    """
    return field(default=default, metadata={"help": help, "rich_help_panel": panel, **details})


def size(networks: str, help: str, **details: Any) -> Any:
    """An option of the recipes of these networks alone; None is the network's own default."""
    having = networks.split()
    others = [name for name in NETWORKS if name not in having]
    those = f"all but {', '.join(others)}" if len(others) < 3 else ", ".join(having)
    return option(None, f"{help} For {those}.", NETWORK, **details)


def of_texts(help: str) -> Any:
    """An option for data that are texts; None is the default for the data."""
    return option(None, help, TEXTS)


RECURRENT, TRANSFORMERS = "rnn lstm gru", "vit text-transformer char-lm"


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """What a network is made of: the options of its recipe."""

    hidden: tuple[int, ...] | None = size(
        "mlp lenet", "Sizes of the hidden layers: 128, or 240,120,60; '' for none."
    )
    filters: tuple[int, ...] | None = size(
        "lenet cnn resnet", "Filters of the convolutions: 32,64,128."
    )
    units: int | None = size(RECURRENT, "Units of each recurrent layer.", min=1)
    width: int | None = size(TRANSFORMERS, "Features of each step.", min=1)
    depth: int | None = size(
        f"cnn resnet {RECURRENT} {TRANSFORMERS}",
        "Recurrent layers, transformer blocks, or blocks of one size.",
        min=1,
    )
    heads: int | None = size(TRANSFORMERS, "Attention heads.", min=1)
    patch: int | None = size("vit", "Side of the patches.", min=1)
    stem: str | None = size("vit", "How patches are read: convolutions or patches.")
    embedding: int | None = size(RECURRENT, "Features of each word or byte of a text.", min=1)
    bidirectional: bool | None = size(RECURRENT, "Read in both directions.")
    activation: str | None = size(
        "mlp lenet cnn", "Activation of the hidden layers: relu, tanh, gelu and others."
    )
    normalization: str | None = size(
        "mlp", "Normalization in each hidden layer: none, batch or layer."
    )
    dropout: float | None = size(
        f"mlp lenet cnn {RECURRENT} {TRANSFORMERS}", "Dropout rate.", min=0, max=1
    )
    l1: float | None = size("mlp", "Penalty on all kernels: l1 Σ|w|.", min=0)
    l2: float | None = size("mlp", "Penalty on all kernels: l2 Σw².", min=0)


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How texts are read."""

    tokenizer: str | None = of_texts("word or byte; word for texts with labels.")
    max_length: int | None = of_texts(
        "Longest row: 128 words, 256 bytes; of a long text, 128 bytes."
    )
    vocabulary: int | None = of_texts("Size of the vocabulary, the most frequent words: 4000.")
    text_column: str | None = of_texts("Column of the texts in a table, if it isn't clear.")
    label_column: str | None = of_texts("Column of the labels in a table, if it isn't clear.")
    test_file: str | None = of_texts(
        "Table with the test set; if not given, the rows marked in a column named split, or else "
        "a fifth of the rows."
    )


@dataclass(frozen=True, kw_only=True)
class Settings(Sizes, Reading):
    """What a person chose; the defaults are the first network's, from docs/log.md.

    All that commands offer as options is written here, and only here.
    """

    data: str = "fashion-mnist"
    network: str = option(
        "mlp",
        f"{', '.join(NETWORKS)}. If not given: mlp, text-transformer for texts, char-lm for one "
        "long text.",
        NETWORK,
        show_default=False,
    )
    output_activation: str = option("softmax", "Activation of the last layer.", NETWORK)
    loss: str = option(
        "sparse_categorical_crossentropy",
        "What training minimizes: also categorical_crossentropy, binary_crossentropy, "
        "mean_squared_error, squared_error, mean_absolute_error, ...",
    )
    scaling: str = option(
        "unit",
        "Scaling of numbers: unit (0 to 1; if not given), standardize (mean 0, deviation 1 over "
        "the training split; of a table, each column) or none.",
        show_default=False,  # tokens stay as they are
    )
    optimizer: str = option("adam", "adam, adamw, rmsprop, sgd, lion, muon, ...", show_default=OWN)
    learning_rate: float = option(
        0.002, "Learning rate; the peak of a schedule that varies.", show_default=OWN
    )
    momentum: float = option(0.0, "Momentum of sgd and rmsprop.", min=0, max=1)
    schedule: str = option(
        "cosine",
        "constant; cosine: a tenth of warm-up, then down to 0; or one-cycle: three tenths up, "
        "then down.",
    )
    weight_decay: float | None = option(
        None, "Share of a kernel removed in each step, times the learning rate.", min=0
    )
    clip: float | None = option(None, "Upper bound on the norm of all gradients together.")
    ema: float | None = option(
        None,
        "Evaluate and save the running average of the weights, with 0.999 for instance.",
        metavar="MOMENTUM",
        min=0,
        max=1,
    )
    label_smoothing: float = option(0.0, "Share of certainty removed from the targets.")
    augment: str | None = option(
        None,
        "Augmentation of the training pictures: flip,shift,erasing,rotation,zoom,mixup,cutmix,...",
    )
    batch_size: int = option(64, "Examples per step.", show_default=OWN)
    epochs: int = option(15, "Passes through the training split.", show_default=OWN)
    validation_split: float = option(
        0.1, "Share of the training set held out, stratified by class."
    )
    class_weight: str | None = option(None, "balanced: every class has the same weight.")
    folds: int | None = option(
        None,
        "Number of trainings, each evaluated on another part of the training set; the test set "
        "stays untouched.",
    )
    fold: int | None = None  # which of the folds, from 1, is evaluated on in place of the test set
    early_stopping: int | None = option(
        None,
        "Stop after this many epochs without a lower validation loss; restore the best epoch.",
        metavar="PATIENCE",
        min=0,
    )
    reduce_on_plateau: int | None = option(
        None,
        "Divide the learning rate by 10 after this many epochs without a lower validation loss; "
        "with --schedule constant.",
        metavar="PATIENCE",
        min=0,
    )
    max_time: str | None = option(None, "Stop training after 90s, 10m, 1h30m.")
    tensorboard: str | None = option(
        None, "Also write what TensorBoard shows, to DIR/RUN.", metavar="DIR"
    )
    seed: int = option(0, "The same seed gives the same model.", min=0)
    engine: str = option(
        "numpy", "numpy, jax (compiled), keras:tensorflow, keras:jax or keras:torch."
    )

    def of(self, group: type[Sizes] | type[Reading]) -> dict[str, Any]:
        """The chosen sizes of the network, or the chosen reading of texts."""
        names = [setting.name for setting in fields(group)]
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

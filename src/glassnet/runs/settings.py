"""The settings of a training: every option with its help.

A new option of a network is an argument of its recipe in networks/ and a field of `Sizes` here.
This module imports nothing heavy, because the help of the command line reads it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from glassnet.core.errors import GlassnetError
from glassnet.runs.columns import Columns
from glassnet.runs.defaults import (
    DEFAULT_NETWORK,
    DEFAULTS,
    KINDS,
    NETWORKS,
    OUTPUTS,
    SIZES,
    SOURCE,
    require_readable,
)
from glassnet.runs.option import NETWORK, TEXTS, TUNING, option

__all__ = [
    "LISTS", "Columns", "FineTuning", "Reading", "Settings", "Sizes", "choose", "option_name",
]  # fmt: skip

ALL_BUT_HEAD = "all-but-head"
OWN = "the network's own"


def network_option(networks: str, help: str, **details: Any) -> Any:
    """Return an option for these networks only; None means the network's own default."""
    recipes = networks.split()
    others = [name for name in NETWORKS if name not in recipes]
    those = f"all but {', '.join(others)}" if len(others) < 3 else ", ".join(recipes)
    return option(None, f"{help} For {those}.", NETWORK, **details)


def text_option(help: str) -> Any:
    """Return an option for texts; None means the default for the data."""
    return option(None, help, TEXTS)


RECURRENT, TRANSFORMERS = "rnn lstm gru", "vit text-transformer char-lm"


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """The options of the networks' recipes: sizes, activations, regularization."""

    hidden: tuple[int, ...] | None = network_option(
        "mlp tabular lenet recommender",
        "Sizes of the hidden layers: 128, or 240,120,60; '' for none.",
    )
    members: int | None = network_option("tabular", "Networks in the ensemble.", min=1)
    filters: tuple[int, ...] | None = network_option(
        "lenet cnn resnet", "Filters of the convolutions: 32,64,128."
    )
    units: int | None = network_option(RECURRENT, "Units in each recurrent layer.", min=1)
    width: int | None = network_option(
        f"{TRANSFORMERS} joined", "Features per step, or per input that is joined.", min=1
    )
    depth: int | None = network_option(
        f"cnn resnet {RECURRENT} {TRANSFORMERS}",
        "Number of recurrent layers, of transformer blocks, or of blocks per size.",
        min=1,
    )
    heads: int | None = network_option(TRANSFORMERS, "Attention heads.", min=1)
    patch: int | None = network_option("vit", "Side of a patch, in pixels.", min=1)
    stem: str | None = network_option("vit", "How patches are embedded: convolutions or patches.")
    embedding: int | None = network_option(RECURRENT, "Features per word or byte of a text.", min=1)
    bidirectional: bool | None = network_option(RECURRENT, "Read in both directions.")
    activation: str | None = network_option(
        "mlp tabular lenet cnn recommender",
        "Activation of the hidden layers: relu, tanh, gelu and others.",
    )
    normalization: str | None = network_option(
        "mlp", "Normalization in each hidden layer: none, batch or layer."
    )
    dropout: float | None = network_option(
        f"mlp tabular lenet cnn mobilenet-v2 efficientnet-lite0 {RECURRENT} {TRANSFORMERS} joined "
        "recommender",
        "Dropout rate, from 0 to below 1.",
        min=0,
    )
    l1: float | None = network_option("mlp", "Penalty on all kernels: l1 Σ|w|.", min=0)
    l2: float | None = network_option("mlp", "Penalty on all kernels: l2 Σw².", min=0)


LISTS = tuple(field.name for field in fields(Sizes) if field.type == tuple[int, ...] | None)


@dataclass(frozen=True, kw_only=True)
class Reading:
    """The options for reading texts."""

    tokenizer: str | None = text_option("word or byte. Default: word for texts with labels.")
    max_length: int | None = text_option(
        "Maximum length of a text. Default: 128 words or 256 bytes; 128 bytes of one long text."
    )
    vocabulary: int | None = text_option(
        "Size of the vocabulary, the most frequent words. Default: 4000."
    )


def tuning_option(help: str, **details: Any) -> Any:
    """Return an option for training a network that was trained before; None means not used."""
    return option(None, help, TUNING, **details)


@dataclass(frozen=True, kw_only=True)
class FineTuning:
    """The options for starting from a trained model."""

    from_: str | None = tuning_option(
        "Start from the weights of this model. Its last layer is new unless the classes have the "
        "same names, or none and the same number; its scaling, its tokenizer and its network are "
        "taken over.",
        metavar="RUN|FILE",
    )
    freeze: str | None = tuning_option(
        "Don't train these layers: names or paths with * in them, separated by commas, or "
        "all-but-head; none: train also what is frozen in the source.",
        metavar="PATTERN",
    )
    unfreeze_at: int | None = tuning_option(
        "Train everything after this many epochs; until then, what --freeze leaves (default: the "
        "head).",
        metavar="EPOCH",
        min=1,
    )
    layer_decay: float | None = tuning_option(
        "Multiply the learning rate by this for each layer further from the output, e.g. 0.8. Also "
        "without --from.",
        min=0,
        max=1,
    )
    lora: int | None = tuning_option(
        "Train products of this rank (LoRA) in place of the kernels of dense and attention layers "
        "and of embeddings, except the head.",
        metavar="RANK",
        min=1,
    )
    merge_lora: bool | None = tuning_option(
        "Add these products to the kernels at the end, instead of keeping them apart."
    )


@dataclass(frozen=True, kw_only=True)
class Settings(Sizes, Columns, Reading, FineTuning):
    """All settings of a training; the defaults are those of the mlp, measured in docs/log.md.

    Every option of a training is declared here, and only here.
    """

    data: str = "fashion-mnist"
    network: str = option(
        "mlp",
        f"{', '.join(NETWORKS)}. Default: mlp; tabular for tables; text-transformer for "
        "texts; char-lm for one long text.",
        NETWORK,
        show_default=False,
    )
    output_activation: str = option(
        "softmax",
        "Activation of the last layer. Default: softmax; sigmoid for labels, linear for numbers, "
        "exponential for counts.",
        NETWORK,
        show_default=False,
    )
    loss: str = option(
        "sparse_categorical_crossentropy",
        "The loss to minimize: categorical_crossentropy, binary_crossentropy, mean_squared_error, "
        "mean_absolute_error, huber, ... Default: sparse_categorical_crossentropy; for labels "
        "binary_crossentropy, for numbers mean_squared_error, for counts poisson.",
        show_default=False,
    )
    scaling: str = option(
        "unit",
        "Scaling of images and arrays: unit (0 to 1, the default), standardize (mean 0, standard "
        "deviation 1 over the training split; per column of a matrix) or none.",
        show_default=False,  # tokens are not scaled, and tables in their own way
    )
    optimizer: str = option("adam", "adam, adamw, rmsprop, sgd, lion, muon, ...", show_default=OWN)
    learning_rate: float = option(
        0.002, "Learning rate; with a schedule, its peak.", show_default=OWN
    )
    momentum: float = option(0.0, "Momentum, for sgd and rmsprop.", min=0, max=1)
    schedule: str = option(
        "cosine",
        "constant; cosine: warm-up for 10% of the steps, then decay to 0; or one-cycle: 30% of "
        "the steps up, then down.",
    )
    weight_decay: float | None = option(
        None,
        "Decoupled weight decay of the kernels: learning rate × this × kernel, in each step.",
        min=0,
    )
    clip: float | None = option(None, "Clip the global norm of the gradients to this.")
    ema: float | None = option(
        None,
        "Evaluate and save the exponential moving average of the weights, e.g. with 0.999.",
        metavar="MOMENTUM",
        min=0,
        max=1,
    )
    label_smoothing: float = option(0.0, "Label smoothing, from 0 to 1.")
    augment: str | None = option(
        None,
        "Augmentation of the training images: flip,shift,erasing,rotation,zoom,mixup,cutmix,...",
    )
    batch_size: int | None = option(
        None,
        "Examples per step.",
        show_default=f"{OWN}; with few rows, a tenth of them",
    )
    epochs: int = option(15, "Passes through the training split.", show_default=OWN)
    validation_split: float = option(
        0.1, "Fraction of the training set held out for validation, stratified by class."
    )
    class_weight: str | None = option(
        None, "balanced: every class has the same total weight in the loss."
    )
    folds: int | None = option(
        None,
        "Cross-validate: train this many times, each time testing on another part of the training "
        "set. The test set is not used.",
    )
    fold: int | None = None  # which of the folds, from 1, is the test set
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
    max_time: str | None = option(
        None,
        "Stop training after this time: 90s, 10m, 1h30m, or a number of seconds. Loading before it "
        "and evaluation and report after it take more.",
        metavar="TIME",
    )
    tensorboard: str | None = option(
        None, "Also write logs for TensorBoard to DIR/RUN.", metavar="DIR"
    )
    seed: int = option(0, "The same seed gives the same model.", min=0)
    engine: str = option(
        "numpy", "numpy, jax (compiled by XLA), keras:tensorflow, keras:jax or keras:torch."
    )

    def of(self, group: type) -> dict[str, Any]:
        """Return the options of a group (`Sizes`, `Columns`, ...) that are given."""
        names = [setting.name for setting in fields(group)]
        return {name: value for name in names if (value := getattr(self, name)) is not None}


def choose(
    data: str, kind: str, network: str | None = None, *, predicts: str = "classes", **choices: Any
) -> Settings:
    """Return the settings for data of a kind: the given choices, else the network's defaults.

    A choice that is None is not given; without a network, the default for the data is taken.
    `predicts` is the `Dataset.task`. Raises GlassnetError if choices, network and data don't match.
    """
    name = DEFAULT_NETWORK[kind] if network is None else network
    choices = {
        key: tuple(value) if isinstance(value, list) else value
        for key, value in choices.items()
        if value is not None
    }
    if "from_" in choices:
        name = SOURCE
        _require_left_to_source({"network": network} | choices)
        if choices.get("merge_lora") and "lora" not in choices:
            raise GlassnetError("needs --lora RANK.", where="--merge-lora")
        if "unfreeze_at" in choices:
            choices = {"freeze": ALL_BUT_HEAD} | choices
    else:
        _require_source(choices)
    require_readable(name, kind, data)
    if kind != "numbers" and "scaling" in choices:
        what = f"is for {KINDS['numbers']}; {data} contains {KINDS[kind]}."
        fix = "The columns of a table are standardized one by one." if kind == "table" else ""
        raise GlassnetError(what, where="--scaling", fix=fix)
    others = (
        "reads",
        "batch_size",
        "most_steps",
    )  # the data decide on the batch size: `default_batch_size`
    own = {key: value for key, value in vars(DEFAULTS[name]).items() if key not in others}
    own |= OUTPUTS[predicts] | SIZES.get((name, kind), {})
    return Settings(data=data, network=name, **(own | choices))


def option_name(name: str) -> str:
    """Return the option of a setting, e.g. --batch-size."""
    return f"--{name.rstrip('_').replace('_', '-')}"


def _require_left_to_source(choices: Mapping[str, Any]) -> None:
    """Raise if a choice is what the model in --from decides."""
    decided = ["network", "scaling", *(field.name for field in fields(Sizes))]
    decided += ["tokenizer", "max_length", "vocabulary"]
    typed = [name for name in decided if choices.get(name) not in (None, SOURCE)]
    if typed:
        names = ", ".join(map(option_name, typed))
        what = f"the model in --from decides on {names}."
        raise GlassnetError(what, where=names, fix=f"Leave out {names}, or --from.")


def _require_source(choices: Mapping[str, Any]) -> None:
    """Raise if a choice is only for training that starts from a model."""
    needing = [field.name for field in fields(FineTuning) if field.name != "layer_decay"]
    typed = [name for name in needing if name in choices]
    if typed:
        raise GlassnetError(
            "is for starting from a trained model; here all weights begin at random.",
            where=", ".join(map(option_name, typed)),
            fix="Name the model with --from RUN.",
        )

"""Which settings of `train` can be searched, and which values they can have."""

import json
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any, get_args

from glassnet import engines, losses, networks, optimizers
from glassnet.core.errors import GlassnetError, unknown
from glassnet.core.plurals import first_of, listed
from glassnet.data import augmentation
from glassnet.data.text.tokenizer import KINDS as TOKENIZERS
from glassnet.layers.activation import activation_op
from glassnet.networks.mlp import NORMALIZATIONS
from glassnet.networks.vit import STEMS
from glassnet.runs.build import SCALINGS, SCHEDULES
from glassnet.runs.defaults import NETWORKS, SOURCE
from glassnet.runs.option import parsed_sizes
from glassnet.runs.settings import (
    LISTS,
    FineTuning,
    Reading,
    Settings,
    Sizes,
    option_name,
)
from glassnet.tuning.domain import DEFAULT, Parameter, Range, Scalar
from glassnet.tuning.notation import COUNT, Place, base_of, place_in
from glassnet.tuning.space import Space

SHARED = (  # by all trials of a study: with others, their scores would not be comparable
    "data", "target", "task", "column", "drop", "group", "time", "user", "item", "text_column",
    "label_column", "encoding", "test_file", "validation_split", "folds", "fold", "from_", "seed",
    "max_time", "tensorboard",
)  # fmt: skip
SETTINGS = {field.name: field for field in fields(Settings)}
SEARCHED = tuple(name for name in SETTINGS if name not in SHARED)
SIZES = tuple(field.name for field in fields(Sizes))
NEEDS = {  # setting: (another setting, the values of it that it needs)
    "momentum": ("optimizer", ("sgd", "rmsprop")),
    "reduce_on_plateau": ("schedule", ("constant",)),
}
KINDS = {  # of data that have the option
    **{field.name: {"texts", "corpus", "mixed"} for field in fields(Reading)},
    "image_size": {"images", "mixed"},
}
ALIASES = {  # names of other libraries
    **dict.fromkeys(("lr", "eta", "rate", "learning_rate_init", "init_lr"), "learning_rate"),
    **dict.fromkeys(("layers", "hidden_layer_sizes", "hidden_sizes", "hidden_units"), "hidden"),
    **dict.fromkeys(("bs", "batch", "minibatch_size"), "batch_size"),
    **dict.fromkeys(("n_epochs", "num_epochs", "max_iter"), "epochs"),
    **dict.fromkeys(("wd", "alpha", "decay"), "weight_decay"),
    **dict.fromkeys(("opt", "solver"), "optimizer"),
    **dict.fromkeys(("model", "arch", "architecture"), "network"),
    **dict.fromkeys(("dropout_rate", "drop_rate"), "dropout"),
    **dict.fromkeys(("clipnorm", "gradient_clip_val", "max_grad_norm"), "clip"),
    **dict.fromkeys(("lr_schedule", "scheduler", "lr_scheduler"), "schedule"),
    **dict.fromkeys(("augmentation", "transforms"), "augment"),
}
NOTHING = ("none", "null", "off", "")  # what people write for an option that is left out
TYPES = {int: "a whole number", float: "a number", bool: "true or false", str: "a text"}


def _one_of(kind: str, names: Iterable[str]) -> Callable[[str], object]:
    def check(value: str) -> None:
        if value not in names:
            raise unknown(kind, value, names)

    return check


CHECKS: dict[str, Callable[[Any], object]] = {  # each raises for a name that does not exist
    "network": _one_of("network", NETWORKS),
    "optimizer": optimizers.get,
    "loss": losses.get,
    "activation": activation_op,
    "output_activation": activation_op,
    "augment": augmentation.get,
    "schedule": _one_of("schedule", SCHEDULES),
    "engine": _one_of("engine", (*engines.NAMES, *engines.KERAS_ENGINES)),
    "scaling": _one_of("scaling", SCALINGS),
    "tokenizer": _one_of("tokenizer", TOKENIZERS),
    "normalization": _one_of("normalization", ("none", *NORMALIZATIONS)),
    "stem": _one_of("stem", STEMS),
    "class_weight": _one_of("class_weight", ("balanced",)),
}


@dataclass(frozen=True)
class Limits:
    """The numbers that a setting can be, where its option leaves that to the training."""

    above: float = -math.inf
    least: float = -math.inf
    below: float = math.inf
    most: float = math.inf

    def __contains__(self, value: float) -> bool:
        return self.above < value < self.below and self.least <= value <= self.most

    def __str__(self) -> str:
        words = {"above": self.above, "at least": self.least,
                 "below": self.below, "at most": self.most}  # fmt: skip
        return " and ".join(f"{word} {x:g}" for word, x in words.items() if math.isfinite(x))


LIMITS = {
    "learning_rate": Limits(above=0),
    "clip": Limits(above=0),
    "dropout": Limits(least=0, below=1),
    "label_smoothing": Limits(least=0, below=1),
    **dict.fromkeys(("batch_size", "epochs", "vocabulary", "max_length"), Limits(least=1)),
}


def require_settings(
    space: Space, where: str | Place, fixed: Mapping[str, Any], network: str | None = None
) -> None:
    """Raise unless the space is one of settings of `train`, each with values that it can have.

    `fixed` are the options that users gave for all trials, which can't be searched, too. `network`
    is the default for the data, where neither they nor the space name one. Each option must be one
    that the networks of its trials have.
    """
    place = place_in(where) if isinstance(where, str) else where
    for parameter in space.parameters:
        name, _, part = parameter.name.partition(".")
        try:
            _require_searchable(name, fixed)
            if part not in ("", COUNT):
                continue  # a layer, checked with their number
            if part == COUNT and name not in LISTS:
                raise GlassnetError(
                    f"{name} is not a list of sizes.", where=COUNT, fix="Leave out layers."
                )
            if part != COUNT:
                _require_values(name, parameter)
            _require_context(space, parameter, fixed, network)
        except GlassnetError as error:
            keys = [key for key in error.where.split(".") if key]
            raise GlassnetError(error.what, where=place(name, *keys), fix=error.fix) from error


def _require_searchable(name: str, fixed: Mapping[str, Any]) -> None:
    if name not in SETTINGS and f"{name}_" in SETTINGS:  # from
        name = f"{name}_"
    if name in SHARED:
        option = option_name(name)
        fix = f"Give it to the command: {option}." if name != "data" else "Give it to the command."
        raise GlassnetError("is the same in all trials of a study, not searched.", fix=fix)
    if name not in SETTINGS:
        error = unknown("setting", name, SEARCHED)
        other = ALIASES.get(name.lower())
        raise GlassnetError(error.what, fix=f"Did you mean {other!r}?" if other else error.fix)
    if fixed.get(name) is not None:
        raise GlassnetError(
            f"is also fixed, by {option_name(name)} {fixed[name]}.", fix="Leave out one of them."
        )


def _require_values(name: str, parameter: Parameter) -> None:
    """Raise unless all values are of the setting's type, in its limits, and known names."""
    domain = parameter.domain
    if isinstance(domain, Range):
        types = _types(name)
        if name in LISTS:
            raise GlassnetError(
                "must be a list of sizes.",
                fix="Add how many there are: layers = [1, 3], or layers = 1.",
            )
        if not {int, float} & set(types):
            raise GlassnetError(
                f"must be {_in_words(name)}, got a range of numbers.",
                fix="Name the choices: [...].",
            )
        if domain.whole and int not in types:
            low, high = float(domain.low), float(domain.high)
            raise GlassnetError(
                "low and high are whole numbers, so all values in between would be, too.",
                where="low",
                fix=f"Write low = {low} and high = {high}.",
            )
        if not domain.whole and float not in types:
            key = "low" if isinstance(domain.low, float) else "high"
            raise GlassnetError(
                f"must be a whole number, got {getattr(domain, key)}.",
                where=key,
                fix="Write low and high without a decimal point or exponent.",
            )
        _require_in_limits(name, domain.low, "low")
        _require_in_limits(name, domain.high, "high")
        return
    for value in domain.values:
        if value != DEFAULT:
            _require_value(name, value)


def _require_value(name: str, value: Scalar) -> None:
    """Raise unless the setting can have this value."""
    types = _types(name)
    if name in LISTS:
        if not isinstance(value, str):
            raise GlassnetError(
                f"must be a list of sizes, got {value!r:.80}.",
                fix='Write each choice as a text or an array: ["128", "256,128"] or '
                "[[128], [256, 128]].",
            )
        parsed_sizes(value)
        return
    fits = type(value) in types or (float in types and type(value) is int)
    if not fits:
        raise GlassnetError(f"must be {_in_words(name)}, got {value!r:.80}.")
    if isinstance(value, int | float):
        _require_in_limits(name, value, "")
    elif name in CHECKS:
        try:
            CHECKS[name](value)
        except GlassnetError as error:
            nothing = isinstance(value, str) and value.lower() in NOTHING
            fix = 'To leave the option out, write "default".' if nothing else error.fix
            raise GlassnetError(error.what, fix=fix) from error


def _types(name: str) -> tuple[Any, ...]:
    kind = SETTINGS[name].type
    return tuple(t for t in get_args(kind) or (kind,) if t is not type(None))


def _in_words(name: str) -> str:
    return " or ".join(TYPES[kind] for kind in _types(name))


def _require_in_limits(name: str, value: float, where: str) -> None:
    least, most = (SETTINGS[name].metadata.get(key) for key in ("min", "max"))
    limits = LIMITS.get(name) or Limits(
        least=-math.inf if least is None else least, most=math.inf if most is None else most
    )
    if value not in limits:
        raise GlassnetError(f"must be {limits}, got {value}.", where=where)


def _require_context(
    space: Space, parameter: Parameter, fixed: Mapping[str, Any], network: str | None
) -> None:
    """Raise unless the networks and the other settings of a trial with the parameter take it."""
    name = base_of(parameter.name)
    chosen = SOURCE if fixed.get("from_") is not None else fixed.get("network") or network
    of_models = [field.name for field in fields(FineTuning) if field.name != "layer_decay"]
    if name in of_models and fixed.get("from_") is None:
        raise GlassnetError(
            "is for starting from a trained model.", fix="Name the model with --from RUN."
        )
    if chosen == SOURCE and name in (*SIZES, *(field.name for field in fields(Reading)), "network"):
        raise GlassnetError("is decided by the model in --from.", fix="Leave it out.")
    if (name in SIZES or name in KINDS) and chosen != SOURCE:
        _require_taken(name, _possible(space, parameter, "network", chosen))
    if name in NEEDS:
        other, needed = NEEDS[name]
        value = fixed.get(other) or SETTINGS[other].default
        values = _possible(space, parameter, other, value)
        if wrong := [str(v) for v in values or () if v not in needed]:
            raise GlassnetError(
                f"is for {' and '.join(needed)}, and {other} can be {first_of(wrong)}.",
                fix=f"Search it only with them: when = {{{other} = {_array(needed)}}}; or fix "
                f"{other}.",
            )


def _takes(network: str, name: str) -> bool:
    """True if a network has this option, or reads data that have it."""
    if name in SIZES:
        return networks.accepts(network, name)
    return not KINDS[name].isdisjoint(NETWORKS[network].reads)


def _require_taken(name: str, chosen: tuple[Scalar, ...] | None) -> None:
    """Raise unless all networks that are chosen, if any are, take the option."""
    others = [str(network) for network in chosen or () if not _takes(str(network), name)]
    if not others:
        return
    takers = [str(network) for network in chosen or () if str(network) not in others]
    if takers:
        raise GlassnetError(
            f"is for {listed(takers)}, not for {listed(others)}.",
            fix=f"Search it only with them: when = {{network = {_array(takers)}}}.",
        )
    owners = [network for network in NETWORKS if _takes(network, name)]
    raise GlassnetError(
        f"is not an option of {listed(others)}.", fix=f"It is for {listed(owners)}."
    )


def _array(values: Iterable[str]) -> str:
    return f"[{', '.join(json.dumps(value) for value in values)}]"


def _possible(
    space: Space, parameter: Parameter, other: str, fixed: Any
) -> tuple[Scalar, ...] | None:
    """Return the values of another setting in trials that have the parameter; None if unknown."""
    by_name = {p.name: p for p in space.parameters}
    if other not in by_name:
        return None if fixed is None else (fixed,)
    domain = by_name[other].domain
    values = list(() if isinstance(domain, Range) else domain.values)
    above = [parameter]
    for step in above:  # also what its conditions depend on
        for name, needed in step.when.items():
            above.append(by_name[name])
            if name == other:
                values = [value for value in values if value in needed]
    return tuple(values)

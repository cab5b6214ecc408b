"""Errors of the command line: one line each, and options under the names that people type."""

import re
from difflib import get_close_matches

import typer

from glassnet.core.errors import GlassnetError
from glassnet.runs.command import SETTINGS, TABLE
from glassnet.runs.settings import option_name

# An unknown option, a missing argument, ...: Typer doesn't export this base class.
UsageError: type[Exception] = typer.BadParameter.__mro__[1]
_ELSEWHERE = {  # options of other programs, and functions of libraries -> ours
    "lr": "learning_rate", "eta": "learning_rate", "learning_rate_init": "learning_rate",
    "step_size": "learning_rate", "lr_scheduler": "schedule", "scheduler": "schedule",
    "wd": "weight_decay", "alpha": "l2", "reg_lambda": "l2", "epoch": "epochs",
    "n_epochs": "epochs", "num_epochs": "epochs", "max_epochs": "epochs", "max_iter": "epochs",
    "num_train_epochs": "epochs", "iterations": "epochs", "n_estimators": "epochs",
    "batch": "batch_size", "bs": "batch_size", "train_batch_size": "batch_size",
    "per_device_train_batch_size": "batch_size", "hidden_layer_sizes": "hidden",
    "hidden_units": "hidden", "layers": "hidden", "model": "network", "arch": "network",
    "architecture": "network", "backbone": "network", "solver": "optimizer", "opt": "optimizer",
    "criterion": "loss", "objective": "loss", "loss_fn": "loss", "random_state": "seed",
    "random_seed": "seed", "manual_seed": "seed", "rng": "seed", "test_size": "test_file",
    "test_split": "test_file", "test": "test_file", "test_data": "test_file",
    "val": "validation_split", "val_size": "validation_split", "val_split": "validation_split",
    "validation_fraction": "validation_split", "validation_data": "validation_split",
    "patience": "early_stopping", "n_iter_no_change": "early_stopping", "cv": "folds",
    "kfold": "folds", "n_splits": "folds", "k": "folds", "img_size": "image_size",
    "imgsz": "image_size", "image": "image_size", "resize": "image_size", "label": "target",
    "labels": "target", "y": "target", "target_column": "target", "groups": "group",
    "device": "engine", "backend": "engine", "gpu": "engine", "gpus": "engine",
    "accelerator": "engine", "gradient_clip_val": "clip", "clipnorm": "clip",
    "max_grad_norm": "clip", "grad_clip": "clip", "data_augmentation": "augment",
    "augmentation": "augment", "transforms": "augment", "pretrained": "from", "weights": "from",
    "checkpoint": "from", "finetune": "from", "output": "out", "output_dir": "out", "o": "out",
    "save_dir": "out", "logdir": "tensorboard", "log_dir": "tensorboard",
    "vocab_size": "vocabulary", "maxlen": "max_length", "max_len": "max_length",
    "class_weights": "class_weight", "sr": "sample_rate", "sampling_rate": "sample_rate",
    "format": "json", "as_json": "json",
}  # fmt: skip
_LAYERS = {"Dropout": "dropout"}  # whose errors are about an option of another name
_LINE = re.compile(r", line \d+: ")
_KIND = re.compile(r"unknown (\w+)")


def one_line(error: Exception) -> str:
    """Return the message of a `UsageError` with the closest option, and where the help is."""
    message = " ".join(error.format_message().split())  # type: ignore[attr-defined]
    message = re.sub(r"^Invalid value for '(.+?)': (Input )?", r"\1: ", message)
    message = re.sub(r", unable to parse.*", "", message)
    message = re.sub(r" \(Possible options: .*| Did you mean .*", "", message).rstrip(".") + "."
    context = getattr(error, "ctx", None)
    name = str(getattr(error, "option_name", ""))
    choices = getattr(error, "possibilities", None) or ()
    if match := re.match(r"No such command '(.+)'", message):
        name, choices = match[1], context.command.list_commands(context) if context else ()
    if context and not match:
        choices = [option for part in context.command.params for option in part.opts]
        ours = _ELSEWHERE.get(name.strip("-").replace("-", "_"), "").replace("_", "-")
        name = f"--{ours}" if f"--{ours}" in choices else name
    for closest in get_close_matches(name, choices, n=1):
        message += f" Did you mean {closest}?"
    return f"{message} Help: {context.command_path} --help" if context else message


def by_option(error: GlassnetError) -> GlassnetError:
    """Return an error of a setting, which names an argument in Python, with the option's name.

    `Adam: learning_rate` becomes `--learning-rate`; so does `Dense: unknown activation ...`.
    """
    if _LINE.search(error.where):  # of a file that has the setting
        return error
    place = error.where.rpartition(": ")[2]
    words = [place, _LAYERS.get(place, ""), error.what.split(" ")[0]]
    words += [match[1] for match in [_KIND.match(error.what)] if match]
    for name in words:
        # Columns of a table may be named like its options, which their errors name themselves.
        if name in SETTINGS and name not in TABLE and SETTINGS[name].metadata:
            return GlassnetError(
                error.what.removeprefix(f"{name} "), where=option_name(name), fix=error.fix
            )
    return error

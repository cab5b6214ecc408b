"""`glassnet train`."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from glassnet.cli.common import AsJson, DataDir, percent, show, show_json, sizes, tell

if TYPE_CHECKING:
    from glassnet.data.dataset import Dataset
    from glassnet.experiment import Outcome
    from glassnet.model import Model


def command(
    data: Annotated[
        str, typer.Argument(metavar="DATA", help="fashion-mnist, digits, or a file.npz")
    ] = "fashion-mnist",
    hidden: Annotated[
        str, typer.Option(help="Sizes of the hidden layers: 128, or 240,120,60; '' for none.")
    ] = "128",
    activation: Annotated[
        str, typer.Option(help="Of the hidden layers: relu, sigmoid, tanh, gelu, ...")
    ] = "relu",
    output_activation: Annotated[str, typer.Option(help="Of the last layer.")] = "softmax",
    loss: Annotated[
        str,
        typer.Option(
            help="What training makes small: also categorical_crossentropy, binary_crossentropy, "
            "mean_squared_error, squared_error, mean_absolute_error."
        ),
    ] = "sparse_categorical_crossentropy",
    scaling: Annotated[
        str,
        typer.Option(
            help="unit (0 to 1), standardize (mean 0, deviation 1 over the training split) or none."
        ),
    ] = "unit",
    optimizer: Annotated[str, typer.Option(help="adam, rmsprop or sgd.")] = "adam",
    learning_rate: Annotated[
        float, typer.Option(help="The rate; with a cosine schedule, its peak.")
    ] = 0.002,
    momentum: Annotated[float, typer.Option(help="Of sgd and rmsprop.")] = 0.0,
    schedule: Annotated[
        str, typer.Option(help="constant, or cosine: a tenth of warm-up, then down to 0.")
    ] = "cosine",
    batch_size: Annotated[int, typer.Option(help="Examples in a step.")] = 64,
    epochs: Annotated[int, typer.Option(help="Passes through the training split.")] = 15,
    validation_split: Annotated[
        float, typer.Option(help="Share of the training set held out, the same of each class.")
    ] = 0.1,
    early_stopping: Annotated[
        int | None,
        typer.Option(
            metavar="PATIENCE",
            help="Stop after so many epochs without a lower validation loss; keep the best epoch.",
        ),
    ] = None,
    dropout: Annotated[float, typer.Option(help="Rate after each hidden layer.")] = 0.0,
    l1: Annotated[float, typer.Option("--l1", help="Penalty on all kernels: l1 Σ|w|.")] = 0.0,
    l2: Annotated[float, typer.Option("--l2", help="Penalty on all kernels: l2 Σw².")] = 0.0,
    seed: Annotated[int, typer.Option(help="The same seed gives the same model.")] = 0,
    engine: Annotated[
        str,
        typer.Option(help="numpy, jax (compiled), keras:tensorflow, keras:jax or keras:torch."),
    ] = "numpy",
    name: Annotated[str | None, typer.Option(help="Name of the run's folder.")] = None,
    out: Annotated[str, typer.Option(help="Folder for runs.")] = "runs",
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Train a network and judge it.

    Holds out a validation split of the training set, trains on the rest, and touches the test set
    once, at the end. The defaults train 784-128-10 on Fashion-MNIST.
    """
    from glassnet.experiment import Settings, run_training

    settings = Settings(
        data, sizes(hidden), activation, output_activation, loss, scaling, optimizer,
        learning_rate, momentum, schedule, batch_size, epochs, validation_split, early_stopping,
        dropout, l1, l2, seed, engine,
    )  # fmt: skip

    def before(data: "Dataset", model: "Model", held_out: int) -> None:
        if not as_json:
            show(_opening(data, model, held_out))

    outcome = run_training(
        settings, out=out, name=name, data_dir=data_dir, report=tell, before=before
    )
    if as_json:
        show_json(outcome.to_dict())
    else:
        show(_closing(outcome))


def _opening(data: "Dataset", model: "Model", held_out: int) -> list[str]:
    lines: list[str] = []
    model.summary(lines.append)
    total = len(data.x_train)
    return [
        f"{data.name}: {total - held_out:,} training, {held_out:,} validation, "
        f"{len(data.x_test):,} test examples of shape {data.x_train.shape[1:]}, "
        f"{len(data.class_names)} classes",
        f"from {data.source}",
        "",
        *lines,
        "",
    ]


def _closing(outcome: "Outcome") -> list[str]:
    test = outcome.test
    low, high = test.accuracy_interval
    return [
        *_epochs(outcome),
        "",
        *test.lines(),
        "",
        f"test accuracy {percent(test.accuracy)} (95% interval {percent(low)} to {percent(high)}), "
        f"loss {test.loss:.4f}, {test.count:,} examples, trained in {outcome.seconds:.1f} s",
        f"run {outcome.run.folder}",
    ]


def _epochs(outcome: "Outcome") -> list[str]:
    """The epoch table, its best epoch marked."""
    from glassnet.tables import table

    logs: dict[str, Any] = outcome.history.history
    names = [name for name in ("loss", "accuracy", "val_loss", "val_accuracy") if name in logs]
    rows = [("epoch", *(name.replace("_", " ") for name in names), "")]
    for i, epoch in enumerate(outcome.history.epoch):
        mark = "← lowest validation loss" if i == outcome.best_epoch else ""
        rows.append((str(epoch + 1), *(f"{logs[name][i]:.4f}" for name in names), mark))
    return table(rows, ">" * (len(names) + 1) + "<")

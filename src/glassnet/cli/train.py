"""`glassnet train`."""

from pathlib import Path
from typing import Annotated, Any

import typer

from glassnet.cli import network as net
from glassnet.cli import texts
from glassnet.cli.common import (
    AsJson,
    DataDir,
    Out,
    RunName,
    WithReport,
    show,
    show_json,
    sizes,
)
from glassnet.cli.dry_run import foretell
from glassnet.cli.trainings import before, checkpoints, end, of_folds, without_folds
from glassnet.runs.settings import defaults_table

# An option that is not given is None: the network's own default, or that of the data.
_TRAINING: Any = {"rich_help_panel": "Training"}
_OPTIONAL: Any = _TRAINING | {"show_default": False}
_OWN: Any = {"rich_help_panel": "Training", "show_default": "the network's own"}
CheckpointSeconds = Annotated[
    float | None,
    typer.Option(help="Write a checkpoint every so many seconds.", show_default="10"),
]
CheckpointSteps = Annotated[
    int | None,
    typer.Option(help="Instead every so many steps, and after each epoch.", show_default=False),
]
EPILOG = "\n\n".join(("What networks take if nothing is chosen:", *defaults_table()))


def command(
    data: Annotated[
        str,
        typer.Argument(
            metavar="DATA",
            help="A name that `glassnet data` lists, a file.npz, texts with labels in a file.csv "
            "or .tsv, or one long text in a file.txt.",
        ),
    ] = "fashion-mnist",
    network: net.Network = None,
    hidden: net.Hidden = None,
    filters: net.Filters = None,
    units: net.Units = None,
    width: net.Width = None,
    depth: net.Depth = None,
    heads: net.Heads = None,
    patch: net.Patch = None,
    stem: net.Stem = None,
    embedding: net.Embedding = None,
    bidirectional: net.Bidirectional = None,
    activation: net.Activation = None,
    normalization: net.Normalization = None,
    dropout: net.Dropout = None,
    l1: net.L1 = None,
    l2: net.L2 = None,
    output_activation: Annotated[
        str, typer.Option(help="Of the last layer.", rich_help_panel="The network")
    ] = "softmax",
    tokenizer: Annotated[
        str | None, typer.Option(help="word or byte; word for texts with labels.", **texts.PANEL)
    ] = None,
    max_length: Annotated[
        int | None,
        typer.Option(
            help="Longest row: 128 words, 256 bytes; of a long text, 128 bytes.", **texts.PANEL
        ),
    ] = None,
    vocabulary: Annotated[
        int | None, typer.Option(help="Words to know, the most frequent ones: 4000.", **texts.PANEL)
    ] = None,
    text_column: texts.TextColumn = None,
    label_column: texts.LabelColumn = None,
    test_file: texts.TestFile = None,
    loss: Annotated[
        str,
        typer.Option(
            help="What training makes small: also categorical_crossentropy, binary_crossentropy, "
            "mean_squared_error, squared_error, mean_absolute_error, ...",
            **_TRAINING,
        ),
    ] = "sparse_categorical_crossentropy",
    scaling: Annotated[
        str | None,
        typer.Option(
            help="Of numbers: unit (0 to 1, if not given), standardize (mean 0, deviation 1 over "
            "the training split; of a table, each column) or none.",
            **_OPTIONAL,
        ),
    ] = None,
    optimizer: Annotated[
        str | None, typer.Option(help="adam, adamw, rmsprop, sgd, lion, muon, ...", **_OWN)
    ] = None,
    learning_rate: Annotated[
        float | None, typer.Option(help="The rate; of a schedule that varies, its peak.", **_OWN)
    ] = None,
    momentum: Annotated[
        float, typer.Option(help="Of sgd and rmsprop.", min=0, max=1, **_TRAINING)
    ] = 0.0,
    schedule: Annotated[
        str,
        typer.Option(
            help="constant; cosine: a tenth of warm-up, then down to 0; or one-cycle: three tenths "
            "up, then down.",
            **_TRAINING,
        ),
    ] = "cosine",
    weight_decay: Annotated[
        float | None,
        typer.Option(
            help="Share of a kernel that goes in each step, times the rate.", min=0, **_OPTIONAL
        ),
    ] = None,
    clip: Annotated[
        float | None,
        typer.Option(help="Longest step: bound on the norm of all gradients.", **_OPTIONAL),
    ] = None,
    ema: Annotated[
        float | None,
        typer.Option(
            metavar="MOMENTUM",
            help="Judge and keep the running average of the weights, 0.999 say.",
            min=0,
            max=1,
            **_OPTIONAL,
        ),
    ] = None,
    label_smoothing: Annotated[
        float, typer.Option(help="Share of certainty taken from the targets.", **_TRAINING)
    ] = 0.0,
    augment: Annotated[
        str | None,
        typer.Option(
            help="Changes of training pictures: flip,shift,erasing,rotation,zoom,mixup,cutmix,...",
            **_OPTIONAL,
        ),
    ] = None,
    batch_size: Annotated[int | None, typer.Option(help="Examples in a step.", **_OWN)] = None,
    epochs: Annotated[
        int | None, typer.Option(help="Passes through the training split.", **_OWN)
    ] = None,
    validation_split: Annotated[
        float,
        typer.Option(
            help="Share of the training set held out, the same of each class.", **_TRAINING
        ),
    ] = 0.1,
    class_weight: Annotated[
        str | None,
        typer.Option(help="balanced: every class counts as much as the others.", **_OPTIONAL),
    ] = None,
    folds: Annotated[
        int | None,
        typer.Option(
            help="Train so many times, each time judged on another part of the training set; "
            "the test set stays untouched.",
            **_OPTIONAL,
        ),
    ] = None,
    early_stopping: Annotated[
        int | None,
        typer.Option(
            metavar="PATIENCE",
            min=0,
            help="Stop after so many epochs without a lower validation loss; keep the best epoch.",
            **_TRAINING,
        ),
    ] = None,
    reduce_on_plateau: Annotated[
        int | None,
        typer.Option(
            metavar="PATIENCE",
            min=0,
            help="A tenth of the learning rate after so many epochs without a lower validation "
            "loss; with --schedule constant.",
            **_TRAINING,
        ),
    ] = None,
    max_time: Annotated[
        str | None, typer.Option(help="Stop training after 90s, 10m, 1h30m.", **_TRAINING)
    ] = None,
    tensorboard: Annotated[
        str | None,
        typer.Option(
            metavar="DIR", help="Also write what TensorBoard shows, to DIR/RUN.", **_TRAINING
        ),
    ] = None,
    seed: Annotated[
        int, typer.Option(help="The same seed gives the same model.", min=0, **_TRAINING)
    ] = 0,
    engine: Annotated[
        str,
        typer.Option(
            help="numpy, jax (compiled), keras:tensorflow, keras:jax or keras:torch.", **_TRAINING
        ),
    ] = "numpy",
    name: RunName = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the run of this --name, if it is there.")
    ] = False,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Say what time and memory it would take; write nothing."),
    ] = False,
    checkpoint_seconds: CheckpointSeconds = None,
    checkpoint_steps: CheckpointSteps = None,
    out: Out = "runs",
    data_dir: DataDir = None,
    report: WithReport = True,
    as_json: AsJson = False,
) -> None:
    """Train a network and judge it.

    Holds out a validation split of the training set, trains on the rest, and touches the test set
    once, at the end. The defaults train 784-128-10 on Fashion-MNIST.
    """
    from glassnet.data import kind_of
    from glassnet.runs.resume import train_or_resume
    from glassnet.runs.settings import choose
    from glassnet.runs.train import run_training

    settings = choose(
        data, kind_of(data), network,
        hidden=sizes(hidden, "--hidden"), filters=sizes(filters, "--filters"),
        units=units, width=width, depth=depth, heads=heads, patch=patch, stem=stem,
        embedding=embedding,
        bidirectional=bidirectional, activation=activation, normalization=normalization,
        dropout=dropout, l1=l1, l2=l2, output_activation=output_activation,
        tokenizer=tokenizer, max_length=max_length, vocabulary=vocabulary,
        text_column=text_column, label_column=label_column, test_file=test_file,
        loss=loss, scaling=scaling, optimizer=optimizer, learning_rate=learning_rate,
        momentum=momentum, weight_decay=weight_decay, clip=clip, ema=ema,
        label_smoothing=label_smoothing, augment=augment, schedule=schedule,
        batch_size=batch_size, epochs=epochs,
        class_weight=class_weight, folds=folds,
        validation_split=validation_split, early_stopping=early_stopping,
        reduce_on_plateau=reduce_on_plateau, max_time=max_time, tensorboard=tensorboard,
        seed=seed, engine=engine,
    )  # fmt: skip

    if dry_run:
        foretell(settings, data_dir, as_json, resume)
        return
    if folds is not None:
        from glassnet.runs.cross_validate import run_folds

        without_folds(
            {
                "--resume": resume,
                "--checkpoint-seconds": checkpoint_seconds is not None,
                "--checkpoint-steps": checkpoint_steps is not None,
            }
        )
        found = run_folds(settings, out=out, name=name, data_dir=data_dir)
        show_json(found) if as_json else show(of_folds(found))
        return
    begin = train_or_resume if resume else run_training
    outcome = begin(
        settings, out=out, name=name, data_dir=data_dir,
        before=before(as_json), checkpoints=checkpoints(checkpoint_seconds, checkpoint_steps),
    )  # fmt: skip
    end(outcome, str(Path(out, name or "")), as_json, report)

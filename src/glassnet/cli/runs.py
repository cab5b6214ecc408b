"""`glassnet runs`."""

from glassnet.cli.options import AsJson, Out
from glassnet.cli.printing import percent, show_result
from glassnet.core.tables import shortened, table


def command(out: Out = "runs", as_json: AsJson = False) -> None:
    """List the runs in a folder, the oldest first, with their settings and results.

    The test accuracy is that of the last evaluation by `train`; that of folds is their mean.
    """
    from glassnet.runs.runs import runs_in

    summaries = runs_in(out)
    rows: list[tuple[str, ...]] = [
        ("run", "data", "network", "epochs", "validation", "test", "state", "began")
    ]
    for s in summaries:
        epochs = f"{s.epochs}/{s.of_epochs}" if s.epochs else "" if s.of_epochs is None else "-"
        accuracies = ("" if a is None else percent(a) for a in (s.val_accuracy, s.accuracy))
        texts = (shortened(text, 40) for text in (s.data, s.network))
        rows.append((s.run, *texts, epochs, *accuracies, shortened(s.state, 40), s.began[:16]))
    lines = table(rows, "<<<>>><<") if summaries else [f"there are no runs in {out}"]
    show_result(as_json, {"folder": out, "runs": summaries}, lines)

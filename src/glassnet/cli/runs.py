"""`glassnet runs`."""

from glassnet.cli.options import AsJson, Out
from glassnet.cli.printing import percent, show_result
from glassnet.core.tables import shortened, table


def command(out: Out = "runs", as_json: AsJson = False) -> None:
    """List the runs in a folder, the oldest first, with their settings and results.

    The test accuracy, or another score, is that of the last evaluation by `train`; that of folds is
    their mean.
    """
    from glassnet.runs.runs import runs_in

    summaries = runs_in(out)
    rows: list[tuple[str, ...]] = [
        ("run", "data", "network", "epochs", "validation", "test", "state", "began")
    ]
    for s in summaries:
        epochs = f"{s.epochs}/{s.of_epochs}" if s.epochs else "" if s.of_epochs is None else "-"
        validation = "" if s.val_accuracy is None else percent(s.val_accuracy)
        test = "" if s.score is None else s.score.shown(s.score.value)
        if s.score is not None and s.accuracy is None:
            test = f"{test} ({s.score.name})"
        texts = (shortened(text, 40) for text in (s.data, s.network))
        rows.append((s.run, *texts, epochs, validation, test, shortened(s.state, 40), s.began[:16]))
    lines = table(rows, "<<<>>><<") if summaries else [f"there are no runs in {out}"]
    show_result(as_json, {"folder": out, "runs": summaries}, lines)

"""`glassnet evaluate`."""

from glassnet.cli.common import AsJson, DataDir, RunFolder, percent, show, show_json, tell


def command(run: RunFolder, data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Judge a run on the test set of its data."""
    from glassnet.using import evaluate_run

    test = evaluate_run(run, data_dir, tell)
    if as_json:
        show_json({"run": run, "test": test.to_dict()})
        return
    low, high = test.accuracy_interval
    show(
        [
            *test.lines(),
            "",
            f"test accuracy {percent(test.accuracy)} "
            f"(95% interval {percent(low)} to {percent(high)}), "
            f"loss {test.loss:.4f}, {test.count:,} examples",
        ]
    )

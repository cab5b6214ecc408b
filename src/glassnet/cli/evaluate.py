"""`glassnet evaluate`."""

from glassnet.cli.common import AsJson, DataDir, RunFolder, classes, show, show_json, tell, tested


def command(run: RunFolder, data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Judge a run on the test set of its data."""
    from glassnet.using import evaluate_run

    test = evaluate_run(run, data_dir, tell)
    if as_json:
        show_json({"run": run, "test": test.to_dict()})
    else:
        show([*classes(test), tested(test)])

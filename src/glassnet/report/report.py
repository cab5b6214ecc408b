"""Write the report of a run: collect its sections, join them into a page, write it atomically."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from glassnet.audit import Audit, audit
from glassnet.audit.cache import load_audit, save_audit
from glassnet.core.files import write_whole
from glassnet.data import Texts
from glassnet.evaluate.classifier import Evaluation
from glassnet.evaluate.language_model import NextByte
from glassnet.evaluate.recommendation import Recommendation
from glassnet.evaluate.tasks import TaskResult
from glassnet.model.file import METRICS_FILE
from glassnet.pages.html import Html, section, tag
from glassnet.pages.page import page
from glassnet.report import results, training
from glassnet.report.card import card
from glassnet.report.changes import is_changes
from glassnet.report.data import data
from glassnet.report.explanations import explanations
from glassnet.report.figures.kinds import KINDS
from glassnet.report.plots import plots
from glassnet.report.sentences import OTHER_DATA, classifier_sentences, language_model_sentences
from glassnet.report.tasks import task_sections, task_sentences
from glassnet.runs.doctor import diagnose_run
from glassnet.runs.evaluate import evaluate_outputs
from glassnet.runs.outputs import RunOutputs
from glassnet.runs.run import CONFIG_FILE, settings_of

REPORT_FILE = "report.html"
_KINDS = {
    "images": "images",
    "audio": "audio clips",
    "texts": "texts",
    "table": "rows",
    "mixed": "rows",
}  # what is classified, by kind of data


def write_report(
    folder: str, out: str | None = None, data_dir: str | None = None, *, full: bool = False
) -> Path:
    """Write the report of a run as one self-contained HTML file; return its path.

    It includes the audit of the data if one has been saved. With `full`, a missing audit is made,
    and the other parts that take a minute are included: t-SNE and the learning-rate finder.
    """
    outputs = RunOutputs(folder, data_dir)
    path = Path(out) if out else outputs.run.folder / REPORT_FILE
    outputs.run.data_reference()  # raises if the run does not name its data
    config, metrics = outputs.run.read(CONFIG_FILE), _metrics(outputs)
    result = evaluate_outputs(outputs)
    findings = _findings(outputs, metrics, data_dir)
    opening = [
        *(tag("p", sentence, class_="lead") for sentence in _summary(outputs, result)),
        *((tag("p", OTHER_DATA, class_="warn"),) if outputs.data_changed else ()),
        results.headline(result, outputs.model.count_params(), metrics.get("seconds")),
    ]
    sections = [
        *_sections(outputs, result, findings, metrics.get("changes"), full),
        card(outputs, result, config, findings),
        training.settings_and_manifest(outputs, config),
    ]
    title = f"{outputs.run.folder.name}: {config['data']['name']}"
    html = page(title, opening, sections)
    write_whole(path, html.encode(errors="surrogateescape"))  # paths may not be UTF-8
    return path


def _metrics(outputs: RunOutputs) -> dict[str, Any]:
    metrics = outputs.run.read(METRICS_FILE) if outputs.run.ended else {}
    findings = metrics.get("findings", [])
    if not isinstance(metrics.get("seconds"), float | int | None) or not (
        isinstance(findings, list)
        and all(map(_is_finding, findings))
        and is_changes(metrics.get("changes"))
    ):
        raise outputs.run.invalid_file(METRICS_FILE)
    return metrics


def _is_finding(value: Any) -> bool:
    return isinstance(value, dict) and all(
        isinstance(value.get(name), str) for name in ("where", "what", "fix")
    )


def _findings(outputs: RunOutputs, metrics: dict[str, Any], data_dir: str | None) -> list[str]:
    """The doctor's findings from training; if they were not recorded, its findings now."""
    if (findings := metrics.get("findings")) is not None:
        return [f"{f['where']}: {f['what']} {f['fix']}" for f in findings]
    return [str(finding) for finding in diagnose_run(str(outputs.run.folder), data_dir)]


def _summary(outputs: RunOutputs, result: Evaluation | NextByte | TaskResult) -> Iterator[str]:
    if isinstance(result, NextByte):
        yield from language_model_sentences(result)
        return
    if not isinstance(result, Evaluation):
        yield from task_sentences(result)
        return
    chance = float(np.bincount(outputs.test.labels).max() / len(outputs.test.labels))
    others = "images" if len(outputs.model.input_shape) > 1 else "examples"
    yield from classifier_sentences(result, _KINDS.get(outputs.data.kind, others), chance)


def _audit(outputs: RunOutputs, full: bool) -> Audit | None:
    """The saved audit of the data; with `full`, a new one if there is none."""
    fold = settings_of(outputs.run).fold is not None  # a fold has other rows but the same hash
    findings = None if fold else load_audit(outputs.data)
    if findings is None and full and not isinstance(outputs.data, Texts):
        findings = audit(outputs.data)
        if not fold:
            save_audit(findings)
    return findings


def _sections(
    outputs: RunOutputs,
    result: Evaluation | NextByte | TaskResult,
    findings: list[str],
    changes: dict[str, Any] | None,
    full: bool,
) -> Iterator[Html]:
    if isinstance(result, Evaluation):
        yield from results.sections(outputs, result)
        yield explanations(outputs, result)
    elif not isinstance(result, NextByte):
        yield from task_sections(outputs, result)
        if not isinstance(result, Recommendation):
            yield explanations(outputs, result)
    if KINDS["importance"].applies(outputs):
        yield section("Columns", plots(outputs, "importance"))
    yield training.training(outputs, findings, changes, full)
    yield training.network(outputs, full)
    if isinstance(result, Evaluation):
        yield data(outputs, _audit(outputs, full))

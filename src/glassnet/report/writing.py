"""A run's report: gathered, put on one page, written whole or not at all."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from glassnet.audit import Audit, audit
from glassnet.audit.cache import keep, kept
from glassnet.core.files import write_whole
from glassnet.data import Texts
from glassnet.evaluate.classifier import Evaluation
from glassnet.evaluate.language_model import NextByte
from glassnet.model.file import METRICS_FILE
from glassnet.report import results, training
from glassnet.report.card import card
from glassnet.report.data import data
from glassnet.report.explanations import explanations
from glassnet.report.html import Html, tag
from glassnet.report.page import page
from glassnet.report.words import OTHER_DATA, of_bytes, of_classes
from glassnet.runs.diagnose import diagnose_run
from glassnet.runs.evaluate import evaluate_outputs
from glassnet.runs.outputs import RunOutputs
from glassnet.runs.run import CONFIG_FILE, settings_of

REPORT_FILE = "report.html"


def write_report(
    folder: str, out: str | None = None, data_dir: str | None = None, *, full: bool = False
) -> Path:
    """Write a run's report, one HTML file that needs nothing else; where it was written.

    It has the audit of the data if one was kept. If `full`, one is made where none was, and what
    else takes a minute is in it: t-SNE, and the learning-rate finder.
    """
    said = RunOutputs(folder, data_dir)
    path = Path(out) if out else said.run.folder / REPORT_FILE
    said.run.data_reference()  # raises if the run names no data
    config, metrics = said.run.read(CONFIG_FILE), _metrics(said)
    found = evaluate_outputs(said)
    findings = _findings(said, metrics, data_dir)
    opening = [
        *(tag("p", sentence, class_="lead") for sentence in _summary(said, found)),
        *((tag("p", OTHER_DATA, class_="warn"),) if said.data_changed else ()),
        results.headline(found, said.model.count_params(), metrics.get("seconds")),
    ]
    sections = [
        *_sections(said, found, findings, full),
        card(said, found, config, findings),
        training.reproducing(said, config),
    ]
    title = f"{said.run.folder.name}: {config['data']['name']}"
    write_whole(path, page(title, opening, sections).encode())
    return path


def _metrics(outputs: RunOutputs) -> dict[str, Any]:
    metrics = outputs.run.read(METRICS_FILE) if outputs.run.ended else {}
    findings = metrics.get("findings", [])
    if not isinstance(metrics.get("seconds"), float | int | None) or not (
        isinstance(findings, list) and all(map(_is_finding, findings))
    ):
        raise outputs.run.invalid_file(METRICS_FILE)
    return metrics


def _is_finding(value: Any) -> bool:
    return isinstance(value, dict) and all(
        isinstance(value.get(name), str) for name in ("where", "what", "fix")
    )


def _findings(outputs: RunOutputs, metrics: dict[str, Any], data_dir: str | None) -> list[str]:
    """What the doctor found in training; where that is not known, what it finds now."""
    if (told := metrics.get("findings")) is not None:
        return [f"{one['where']}: {one['what']} {one['fix']}" for one in told]
    return [str(finding) for finding in diagnose_run(str(outputs.run.folder), data_dir)]


def _summary(outputs: RunOutputs, found: Evaluation | NextByte) -> Iterator[str]:
    if isinstance(found, NextByte):
        yield from of_bytes(found)
        return
    chance = float(np.bincount(outputs.test.labels).max() / len(outputs.test.labels))
    yield from of_classes(found, _kind(outputs), chance)


def _kind(outputs: RunOutputs) -> str:
    if isinstance(outputs.data, Texts):
        return "texts"
    return "pictures" if len(outputs.model.input_shape) > 1 else "examples"


def _audit(outputs: RunOutputs, wanted: bool) -> Audit | None:
    fold = settings_of(outputs.run).fold is not None  # other rows under the hash of the whole data
    found = None if fold else kept(outputs.data)
    if found is None and wanted and not isinstance(outputs.data, Texts):
        found = audit(outputs.data)
        if not fold:
            keep(found)
    return found


def _sections(
    outputs: RunOutputs, found: Evaluation | NextByte, findings: list[str], full: bool
) -> Iterator[Html]:
    if isinstance(found, Evaluation):
        yield from results.sections(outputs, found)
        yield explanations(outputs, found)
    yield training.training(outputs, findings, full)
    yield training.within(outputs, full)
    if isinstance(found, Evaluation):
        yield data(outputs, _audit(outputs, full))

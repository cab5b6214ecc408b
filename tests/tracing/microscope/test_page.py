"""The page in a browser: what it shows equals the trace; a change is followed."""

import base64
import hashlib
import html
import re
import subprocess
from pathlib import Path

import numpy as np
import pytest

import glassnet as gn
from glassnet.tracing.digits import shown
from glassnet.tracing.microscope.page import SCRIPTS, trace_page
from glassnet.tracing.result import Trace
from tests.browser import COMMAND, needs_chromium

# Acts as a person does, once the page is ready.
ACT = """<script>
const timer = setInterval(() => {
  if (!document.documentElement.dataset.ready) return;
  clearInterval(timer);
  ACTIONS
}, 10);
</script>"""


def traced(units: int = 3) -> Trace:
    model = gn.Sequential([gn.Dense(units, "relu"), gn.Dense(2, "softmax")])
    model.build((4,))
    model.compile("adam", "sparse_categorical_crossentropy")
    return gn.trace(model, np.array([0.5, -1.0, 2.0, 0.25]), 1)


def dom(page: str, folder: Path, fragment: str = "", actions: str = "") -> str:
    """The text of the page after its scripts have run, and after these actions."""
    if actions:
        page = re.sub(r'<meta http-equiv="Content-Security-Policy".*?>', "", page)
        page = page.replace("</body>", ACT.replace("ACTIONS", actions) + "</body>")
    path = folder / "page.html"
    path.write_text(page, encoding="utf-8")
    done = subprocess.run(
        [*COMMAND, "--virtual-time-budget=20000", "--dump-dom",
         f"--user-data-dir={folder / 'user'}", path.as_uri() + fragment],
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert "CONSOLE" not in done.stderr, done.stderr
    assert "data-ready" in done.stdout
    text = re.sub(r"<(script|style|noscript).*?</\1>", "", done.stdout, flags=re.S)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


def test_it_loads_nothing_and_runs_its_own_script_only() -> None:
    page = trace_page(traced(), "Trace")
    assert not re.search(r"(?:src|href)=\"(?!#|data:)|url\(|@import|https?://", page)
    (code,) = re.findall(r"<script>(.*?)</script>", page, re.S)
    digest = base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in page


def test_each_script_is_in_the_page_once() -> None:
    folder = Path(gn.__file__).parent / "tracing/microscope"
    assert sorted(SCRIPTS) == sorted(path.stem for path in folder.glob("*.js"))


@pytest.mark.parametrize("network", ["mlp", "lenet"])
def test_the_page_of_a_default_network_is_below_one_megabyte(network: str) -> None:
    model = gn.Model(network, (28, 28), classes=10)
    model.compile("adam", "sparse_categorical_crossentropy")
    x = np.random.default_rng(0).random((28, 28))
    assert len(trace_page(gn.trace(model, x, 3), "Trace").encode()) < 1_000_000


def test_names_of_classes_are_never_markup() -> None:
    trace = traced()
    evil = "</script><script>alert(1)</script>"
    page = trace_page(Trace(trace.program, trace.layers, trace.loss, trace.prediction,
                            (evil,), (evil, "b")), evil, [evil])  # fmt: skip
    assert evil not in page


@needs_chromium
def test_it_shows_the_loss_the_prediction_and_the_number_of_the_address(tmp_path: Path) -> None:
    trace = traced()
    text = dom(trace_page(trace, "Trace"), tmp_path, "#output%20of%20dense_1[1]")
    assert f"loss {shown(float(trace.loss.value))} " in text
    for value in trace.prediction.value:
        assert shown(float(value), 4) in text
    assert "arrays are those of glassnet" in text
    terms = trace.layer("dense_1").output[1]
    assert f"output of dense_1[1] = {shown(terms.result.value)}" in text
    assert "= the sum of 4 terms, the largest first" in text
    for term in terms.terms:
        assert " · ".join(factor.name for factor in term.factors) in text
    slope = trace.layer("dense_1").output.derivative(1)
    assert f"backward pass {shown(slope.backward, 8)}" in text  # type: ignore[arg-type]
    assert "finite difference " + shown(slope.measured.value, 5)[:6] in text


@needs_chromium
def test_a_changed_input_is_followed_and_taken_back(tmp_path: Path) -> None:
    trace = traced()
    program = trace.program
    changed = program.operations[program.inputs["x"]].value.copy()
    changed[0, 2] = -3.0
    values = program.run({program.inputs["x"]: changed})
    loss = shown(float(values[program.marks["loss"]]))
    assert loss != shown(float(trace.loss.value))
    change = """
    document.querySelector("#inputs button:nth-child(3)").click();
    document.getElementById("changed-to").value = "-3";
    document.querySelector("form.change").requestSubmit();
    """
    text = dom(trace_page(trace, "Trace"), tmp_path, actions=change)
    before = shown(float(trace.loss.value))
    assert f"loss {loss} before the changes: {before}" in text
    assert "Changed by hand x[2] : 2 → -3" in text
    reset = (
        '[...document.querySelectorAll("button")].find((b) => b.textContent === "Reset").click()'
    )
    text = dom(trace_page(trace, "Trace"), tmp_path, actions=change + reset)
    assert f"loss {before} loss after this update" in text
    assert "Changed by hand" not in text


@needs_chromium
def test_a_picture_is_read_with_the_keyboard(tmp_path: Path) -> None:
    trace = traced(units=50)
    keys = """
    const box = document.querySelector('[aria-label^="output of dense, 50"]');
    box.focus();
    const press = (key) => document.activeElement.dispatchEvent(
      new KeyboardEvent("keydown", { key, bubbles: true }));
    ["Home", "ArrowRight", "ArrowDown", "Enter"].forEach(press);
    press("Escape");
    document.body.append(document.activeElement === box ? " back at the picture" : " lost");
    """
    text = dom(trace_page(trace, "Trace"), tmp_path, actions=keys)
    assert "back at the picture" in text
    assert "output of dense[11] = " in text  # 50 numbers lie in rows of 10


@needs_chromium
def test_what_is_not_computed_is_said(tmp_path: Path) -> None:
    model = gn.Sequential([gn.Embedding(5, 3), gn.GlobalAveragePooling1D(), gn.Dense(2, "softmax")])
    model.build((4,))
    model.layers[0].trainable = False
    model.compile("adam", "sparse_categorical_crossentropy")
    text = dom(trace_page(gn.trace(model, np.array([1, 2, 3, 0]), 1), "Trace"), tmp_path)
    assert "new embeddings not computed: embedding is frozen: trainable=False" in text
    assert "d loss / d input not computed: its inputs are indices" in text


@needs_chromium
def test_a_target_that_is_no_class_is_refused_and_a_lone_percent_is_no_name(tmp_path: Path) -> None:
    actions = """location.hash = "#y"; setTimeout(() => {
      const field = document.getElementById("changed-to");
      field.value = "-1";
      field.form.requestSubmit();
    }, 100);"""
    text = dom(trace_page(traced(), "Trace"), tmp_path, "#%", actions)
    assert "There are classes 0 to 1." in text
    assert "null" not in text
    assert "changed by hand" not in text.lower()

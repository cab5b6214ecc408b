"""The page of a trace: a self-contained HTML file that computes all its numbers itself."""

from collections.abc import Iterator, Sequence
from importlib.resources import files

from glassnet.pages.html import Html, bullets, section, tag
from glassnet.pages.page import page
from glassnet.tracing.microscope.packing import packed
from glassnet.tracing.result import Trace, TracedLayer
from glassnet.tracing.text import dimensions_of
from glassnet.tracing.values import NotComputed

_FOLDER = files(__package__)
# Each uses only what is above it.
SCRIPTS = ("arrays", "kinds", "movement", "digits", "names", "terms", "program", "differences",
           "unpacking", "dom", "grid", "panel", "numbers", "outcome", "page")  # fmt: skip
_OPEN = 6  # networks of up to so many layers are shown open


def trace_page(trace: Trace, title: str, lead: Sequence[str] = ()) -> str:
    """Return the page; `lead` are the lines below its title."""
    is_small = len(trace.layers) <= _OPEN
    layers = [
        _layer(layer, number, is_small or number in (0, len(trace.layers) - 1))
        for number, layer in enumerate(trace.layers)
    ]
    outcome = section(
        "Outcome",
        tag("div", tag("p", "Computing …", class_="soft"), id="now"),
        tag("p", id="proof", class_="soft"),
        *([bullets(trace.notes)] if trace.notes else []),
    )
    sections = [
        section("Example", tag("div", id="inputs", class_="arrays")),
        outcome,
        section("Layers", *layers),
        tag("aside", tag("h2", "One number"), tag("p", _HELP), id="panel", aria_label="One number"),
        tag("p", id="announced", class_="announced", aria_live="polite"),
        tag("noscript", tag("p", "This page computes its numbers with JavaScript.", class_="warn")),
    ]
    return page(
        title,
        [tag("p", line, class_="lead") for line in lead],
        sections,
        style=_read("microscope.css"),
        script=script(),
        data=f'<script type="application/octet-stream" id="trace">{_packed(trace)}</script>',
    )


_HELP = (
    "Choose a number to see what it is made of: click it, or move in a picture with the arrow keys "
    "and press Enter. Each term opens in turn. Numbers of the example and weights can be changed."
)


def script(names: Sequence[str] = SCRIPTS) -> str:
    """Return these scripts as one, whose names are not global."""
    code = "\n".join(_read(f"{name}.js") for name in names)
    return f'"use strict";\n(() => {{\n{code}}})();\n'


def _read(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


def _packed(trace: Trace) -> str:
    layers = [{"arrays": [*_arrays(layer)]} for layer in trace.layers]
    return packed(trace.program, {"layers": layers, "classes": trace.class_names})


def _arrays(layer: TracedLayer) -> Iterator[dict[str, str | int]]:
    for label, values in layer.arrays():
        if isinstance(values, NotComputed):
            yield {"label": label, "missing": values.reason}
        else:
            yield {"label": label, "index": values.index, "name": values.name}


def _layer(layer: TracedLayer, number: int, is_open: bool) -> Html:
    outputs = dimensions_of(layer.output)
    summary = tag(
        "summary",
        layer.path,
        tag("span", f" {layer.kind}{outputs and f', output {outputs}'}", class_="soft"),
    )
    return tag(
        "details",
        summary,
        tag("p", layer.equation),
        *([bullets(layer.notes)] if layer.notes else []),
        class_="layer",
        data_layer=number,
        open="" if is_open else None,
    )

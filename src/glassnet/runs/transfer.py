"""Turning the model of a source into one for other data: head, scaling, frozen layers, adapters."""

import logging
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from glassnet.core.arrays import Array, whole_number
from glassnet.core.errors import GlassnetError
from glassnet.core.plurals import counted
from glassnet.core.strict_json import as_json
from glassnet.core.trees import items, join_path
from glassnet.data.images.preprocessing import Preprocessing
from glassnet.layers import Layer, Normalization, Rescaling
from glassnet.layers.freezing import freeze
from glassnet.layers.low_rank import LowRankLayer, adapters_of
from glassnet.layers.open_shape import fits
from glassnet.layers.shapes import is_multi_input
from glassnet.model.heads import head_of, with_layers, with_new_head
from glassnet.model.model import Model
from glassnet.runs.source import Source, Transfer

log = logging.getLogger(__name__)

_WIDER = 2.0  # times the range of the source's values, or a part of it: other values
_FAR = 4.0  # standard deviations


def transferred(
    source: Source,
    x: Array,
    outputs: int,
    activation: str,
    class_names: Sequence[str] = (),
    seed: int = 0,
) -> Model:
    """Return a copy of the source's model for examples like those in x (N, ...), not compiled.

    Outputs of classes that the source has by the same name keep their weights; all others are
    new. The scaling is kept, unless the values in x have another range. The copy has a `Transfer`.
    """
    model = source.model
    _require_shape(source, x)
    if adapters_of(model.network):
        model = model.clone()
        model.merge_lora()
    scaled, reason = _rescaled(source, model, x)
    head = head_of(model.network)
    old = model.class_names
    if class_names or old:
        columns = {i: old.index(n) for i, n in enumerate(class_names) if n in old}
    else:  # no classes: bytes of a text, or values
        same = model.output_shape[-1] == outputs
        columns = {i: i for i in range(outputs)} if same else {}
    new = with_new_head(scaled, outputs, activation, columns, seed)
    new.class_names = class_names
    layers = dict.fromkeys(path.rpartition("/")[0] for path, _ in items(new.params))
    fresh = (head,) if len(columns) < outputs else ()
    Transfer(
        path=source.path,
        sha256=source.sha256,
        network=source.network,
        class_names=tuple(old),
        common_classes=tuple(name for name in class_names if name in old),
        head=head,
        taken=tuple(path for path in layers if path not in fresh),
        new=fresh,
        scaling=reason,
        preprocessing=as_json(source.preprocessing),
    ).write_to(new)
    log.info(f"from {source.path}: {_head_text(head, old, class_names, columns, outputs)}")
    if reason:
        log.info(f"from {source.path}: the scaling is fitted again, because {reason}")
    return new


def freeze_layers(model: Model, patterns: str | Sequence[str]) -> None:
    """Freeze the layers that the patterns name, separated by commas in a text."""
    split = patterns.split(",") if isinstance(patterns, str) else patterns
    if not isinstance(split, Sequence) or not all(isinstance(each, str) for each in split):
        what = f"must be names of layers, such as 'conv2d*', or 'all-but-head'; got {split!r:.80}."
        raise GlassnetError(what, where="freeze")
    freeze(model.network, [pattern.strip() for pattern in split], head_of(model.network))
    if not model.trainable_weights:
        fix = "Freeze fewer layers; all-but-head leaves the head."
        raise GlassnetError("no layer is left to train.", where="freeze", fix=fix)


def adapt_layers(model: Model, rank: int) -> None:
    """Add low-rank adapters to all layers that take them, except the head and frozen ones."""
    whole_number(rank, "lora", 1)
    head = head_of(model.network)
    places = [
        join_path(path, place)
        for path, layer in model.network.walk()
        if isinstance(layer, LowRankLayer) and path not in {head, *model.frozen_layers}
        for place in layer.lora_places
    ]
    if not places:
        raise GlassnetError(
            "no layer can have adapters: dense and attention layers and embeddings can, unless "
            "they are the head or frozen.",
            where="lora",
            fix="Freeze fewer layers: to unfreeze later, all but the head are frozen by default."
            if model.frozen_layers
            else "",
        )
    model.enable_lora(rank, layers=[f"/{place}" for place in places])


def form_of(source: Source | None, x: Array) -> Preprocessing | None:
    """Return the form to which photos are brought: the source's, if the images in x have it."""
    own = Preprocessing.fitted(x)
    if source is None or own is None or (theirs := source.preprocessing) is None:
        return own
    if own.background == theirs.background and _same_range(_range(own), _range(theirs)):
        return theirs
    log.info(
        f"from {source.path}: photos are prepared in another way, because the images have "
        f"{_form_text(own)}; those of the source have {_form_text(theirs)}"
    )
    return own


def _head_text(
    head: str, old: Sequence[str], new: Sequence[str], columns: dict[int, int], outputs: int
) -> str:
    """Return what became of the head."""
    if len(columns) < outputs:
        if not columns:
            why = "no class has the same name" if old and new else "the source names no classes"
            return f"layer {head!r} is new: {why if new else 'it has other outputs'}"
        names = ", ".join(name for name in new if name not in old)
        return f"layer {head!r} keeps {counted(len(columns), 'output')}; new are {names}"
    if len(old) > outputs:
        return f"layer {head!r} keeps the outputs of {outputs} of its {len(old)} classes"
    ordered = all(i == column for i, column in columns.items())
    return f"layer {head!r} is kept" + ("" if ordered else ", its outputs in another order")


def _require_shape(source: Source, x: Array) -> None:
    """Raise unless the source's network takes such examples."""
    example, accepted = x.shape[1:], source.model.accepted_shape
    if is_multi_input(accepted):
        raise GlassnetError("takes multiple inputs.", where=source.path)
    if fits(example, accepted):
        return
    fix = f"Bring the examples to the shape {accepted}, or train without a source."
    if [n for n in example if n != 1] == [n for n in accepted if n != 1]:
        fix = f"Reshape the examples to {accepted}."
        if source.path.lower().endswith(".keras"):
            fix = (
                "First run: glassnet import FILE --data DATA, which adds the reshaping; then start "
                "from that run."
            )
    raise GlassnetError(
        f"takes examples of shape {accepted}; these have {example}.", where=source.path, fix=fix
    )


# -- scaling -----------------------------------------------------------------------------------


def _rescaled(source: Source, model: Model, x: Array) -> tuple[Model, str]:
    """Return (the source's model, why its scaling was fitted again to x, or "")."""
    path, layer = _scaling_layer(model.network)
    if isinstance(layer, Normalization) and x.ndim == 2 and layer.axis is not None:
        params = dict(items(model.params))
        prefix = f"{path}/" if path else ""
        mean, variance = params[f"{prefix}mean"], params[f"{prefix}variance"]
        z = (x - mean) / np.sqrt(np.where(variance > 0, variance, 1))
        far, spread = float(np.abs(z.mean(axis=0)).max()), float(np.median(z.std(axis=0)))
        if far <= _FAR and 1 / _FAR <= spread <= _FAR:
            return model, ""
        new = with_layers(model, {path: replace(layer)})  # fitted before the first step
        was = f"means up to {far:.3g} and a spread of {spread:.3g}"
        return new, f"the source's would give the columns {was}"
    known = _source_range(source, layer)
    own = float(x.min()), float(x.max())
    form = Preprocessing.fitted(x)
    own = own if form is None else _range(form)
    if known is None or _same_range(own, known):
        return model, ""
    assert isinstance(layer, Rescaling)
    (low, high), (low_then, high_then) = own, known
    scale = layer.scale * (high_then - low_then) / ((high - low) or 1.0)
    offset = layer.scale * low_then + layer.offset - scale * low
    new = with_layers(model, {path: replace(layer, scale=scale, offset=offset)})
    then = f"those of the source from {low_then:g} to {high_then:g}"
    return new, f"the values range from {low:g} to {high:g}, {then}"


def _scaling_layer(network: Layer) -> tuple[str, Layer | None]:
    """Return the layer, before all layers that learn, that scales the inputs; None without one."""
    for path, layer in network.walk():
        if isinstance(layer, Rescaling | Normalization):
            return path, layer
        if layer.defines_weights:
            break
    return "", None


def _source_range(source: Source, layer: Layer | None) -> tuple[float, float] | None:
    """Return the range of the source's values, if it is known and the layer depends on it."""
    if not isinstance(layer, Rescaling):
        return None
    if source.preprocessing is not None:
        return _range(source.preprocessing)
    if source.settings.get("scaling") != "unit":
        return None
    return -layer.offset / layer.scale, (1 - layer.offset) / layer.scale


def _same_range(own: tuple[float, float], theirs: tuple[float, float]) -> bool:
    width, other = own[1] - own[0], theirs[1] - theirs[0]
    return other / _WIDER < width < other * _WIDER and abs(own[0] - theirs[0]) < other / _WIDER


def _range(form: Preprocessing) -> tuple[float, float]:
    return form.low, form.high


def _form_text(form: Preprocessing) -> str:
    background = "no background" if form.background == "none" else f"a {form.background} background"
    return f"{background} and values from {form.low:g} to {form.high:g}"

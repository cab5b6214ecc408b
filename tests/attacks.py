"""Files that attack their reader, made from good ones: by hand, one of each class; and by chance.

The classes are those by which other systems' model files were attacked: see the names of ATTACKS.
"""

import io
import json
import pickle
import random
import zipfile
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import numpy as np
import safetensors.numpy

from glassnet.core.registry import classes
from glassnet.core.tensor_file import digest

Header = dict[str, Any]
Tensors = dict[str, np.ndarray]


def parted(data: bytes, key: str = "glassnet") -> tuple[Header, Tensors]:
    """The JSON object and the tensors of a good file."""
    length = int.from_bytes(data[:8], "little")
    header = json.loads(json.loads(data[8 : 8 + length])["__metadata__"][key])
    del header["sha256"]
    return header, safetensors.numpy.load(data)


def sealed(header: Header, tensors: Tensors, key: str = "glassnet") -> bytes:
    """The file of an attacker who makes the checksum right again, so that all of it is read."""
    if "sha256" not in header:
        try:
            header = {**header, "sha256": digest(header, tensors)}
        except ValueError:  # NaN has none
            header = {**header, "sha256": ""}
    return safetensors.numpy.save(tensors, {key: json.dumps(header)})


def framed(header: str | bytes, rest: bytes = b"") -> bytes:
    """A file with just this text as its header."""
    text = header if isinstance(header, bytes) else header.encode()
    return len(text).to_bytes(8, "little") + text + rest


# -- by hand ------------------------------------------------------------------------------------


class Harmful:
    """What a pickle would run."""

    def __reduce__(self) -> tuple[Any, ...]:
        return exec, ("raise SystemExit('the pickle was run')",)


def edited(edit: Callable[[Header, Tensors], Any]) -> Callable[[bytes], bytes]:
    def attack(good: bytes) -> bytes:
        header, tensors = parted(good)
        edit(header, tensors)
        return sealed(header, tensors)

    return attack


def network(*layers: Header, **fields: Any) -> Callable[[bytes], bytes]:
    """Another network, for inputs of 4 numbers."""
    described = {"class": "Sequential", "layers": list(layers)}
    return edited(
        lambda header, tensors: header.update({"network": described, "input_shape": [4]} | fields)
    )


def typical(said: Header) -> Callable[[bytes], bytes]:
    """Another word on how far a picture may be from those that were trained on."""
    return edited(lambda header, tensors: header["about"].update(typical=said))


def raw(replace: Callable[[str], str]) -> Callable[[bytes], bytes]:
    """The outer header as another text, of another length, with the same weights after it."""

    def attack(good: bytes) -> bytes:
        length = int.from_bytes(good[:8], "little")
        return framed(replace(good[8 : 8 + length].decode()), good[8 + length :])

    return attack


def entry(**changes: Any) -> Callable[[bytes], bytes]:
    """The first weight described otherwise."""

    def replace(text: str) -> str:
        entries = json.loads(text)
        name = next(name for name in entries if name != "__metadata__")
        return json.dumps(entries | {name: entries[name] | changes})

    return raw(replace)


def zipped(good: bytes) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("../../model.safetensors", good)
        archive.writestr("bomb", bytes(10**6))
    return held.getvalue()


def npz(good: bytes) -> bytes:
    held = io.BytesIO()
    np.savez(held, x=np.array([Harmful()], dtype=object))
    return held.getvalue()


def nested(value: Any, depth: int) -> Any:
    for _ in range(depth):
        value = [value]
    return value


def laughs(depth: int) -> Header:
    """A graph that calls twice a graph that calls twice ..."""
    made: Header = {"class": "Activation", "activation": "relu"}
    for _ in range(depth):
        made = {"class": "Graph", "layers": [made], "wiring": [[0, [0]], [0, [1]]], "outputs": [2]}
    return made


DENSE = {"class": "Dense", "units": 3}
GROW = ({"class": "RepeatVector", "n": 2**40}, {"class": "Flatten"})
ROWS = {"class": "ByteTokenizer", "length": 2**40}

# what it is -> the bytes, and what the message must name
ATTACKS: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "a class to import": (network({"class": "os.system", "command": "id"}), "os.system"),
    "a class of Python": (network({"class": "__class__"}), "__class__"),
    "a Keras lambda": (network({"class": "Lambda", "function": "4wEAAAA="}), "Lambda"),
    "a Keras config": (
        network({"class": "Dense", "units": 3, "module": "os", "registered_name": "system"}),
        "module",
    ),
    "an activation to look up": (network(DENSE | {"activation": "numpy.load"}), "activation"),
    "an attribute to reach": (network(DENSE | {"activation": "relu.__globals__"}), "activation"),
    "a path": (network(DENSE | {"path": "../../etc/passwd"}), "path"),
    "an address": (
        edited(lambda h, t: h.update(weights_url="https://example.org/w")), "weights_url",
    ),
    "a path beside a weight": (entry(path="/etc/passwd"), "dtype, shape and data_offsets"),
    "an external weight": (entry(dtype="EXTERNAL"), "EXTERNAL"),
    "a pickle": (lambda good: pickle.dumps(Harmful()), "not a file that glassnet wrote"),
    "a zip archive": (zipped, "is a zip file"),
    "an npz with objects": (npz, "is a zip file"),
    "an HDF5 file": (
        lambda good: b"\x89HDF\r\n\x1a\n" + bytes(2000), "not a file that glassnet wrote",
    ),
    "nothing": (lambda good: b"", "truncated"),
    "seven bytes": (lambda good: good[:7], "truncated"),
    "half of it": (lambda good: good[: len(good) // 2], ""),
    "more than it": (lambda good: good + b"\0", "bytes of weights"),
    "a header without end": (lambda good: b"\xff" * 8 + good[8:], "truncated"),
    "a header of no length": (lambda good: bytes(8) + good[8:], "not valid JSON"),
    "a header longer than it is": (
        lambda good: (int.from_bytes(good[:8], "little") + 9).to_bytes(8, "little") + good[8:],
        "not valid JSON",
    ),
    "a header of megabytes": (lambda good: framed(b"[]," * 10**6), "header of"),
    "a header full of offsets": (
        lambda good: framed(b'{"a":[' + b'{"data_offsets":[]},' * 30_000 + b"0]}"), "glassnet",
    ),
    "a key twice": (raw(lambda text: text.rstrip()[:-1] + "," + text[1:]), "a key twice"),
    "a field twice": (
        raw(lambda text: text.replace('\\"format\\": 1', '\\"format\\": 1, \\"format\\": 1')),
        "a key twice",
    ),
    "NaN": (edited(lambda h, t: h["about"].update(x=float("nan"))), "NaN"),
    "Infinity": (edited(lambda h, t: h["about"].update(x=float("inf"))), "Infinity"),
    "1e999": (raw(lambda text: text.replace('\\"format\\": 1', '\\"format\\": 1e999')), "1e999"),
    "an integer of 400 digits": (edited(lambda h, t: h["about"].update(seed=10**400)), "1000"),
    "half a character": (edited(lambda h, t: h["about"].update(x="\ud800")), "not valid Unicode"),
    "nested lists": (edited(lambda h, t: h["about"].update(x=nested(0, 500))), "nested"),
    "nested beyond the stack": (
        lambda good: framed('{"a":' + "[" * 60_000 + "]" * 60_000 + "}"), "",
    ),
    "nested layers": (network({"class": "Sequential", "layers": nested(DENSE, 40)}), "layers"),
    "a hole between weights": (entry(data_offsets=[4, 8]), "weight"),
    "weights that overlap": (entry(data_offsets=[0, 2]), "weight"),
    "offsets beyond the end": (entry(data_offsets=[0, 2**60]), "weight"),
    "offsets that run backwards": (entry(data_offsets=[8, 0]), "weight"),
    "a weight of terabytes": (entry(shape=[2**40, 2**10], data_offsets=[0, 2**52]), "weight"),
    "a shape that overflows": (entry(shape=[2**62, 4]), "weight"),
    "a shape of many axes": (entry(shape=[1] * 3000), "weight"),
    "an unknown dtype": (entry(dtype="F8_E4M3"), "F8_E4M3"),
    "a wrong dtype": (
        edited(lambda h, t: t.update({n: w.astype(np.int32) for n, w in t.items()})), "I32",
    ),
    "a wrong shape": (
        edited(lambda h, t: t.update({n: w.reshape(1, *w.shape) for n, w in t.items()})), "weight",
    ),
    "a weight too many": (edited(lambda h, t: t.update(extra=np.zeros(1))), "extra"),
    "a weight too few": (edited(lambda h, t: t.pop(min(t))), "missing"),
    "weights that are NaN": (
        edited(lambda h, t: t.update({n: w * np.nan for n, w in t.items()})), "NaN",
    ),
    "several inputs for a layer that takes one": (
        edited(lambda h, t: h.update(input_shape=[[4], [2, 3]], network={"class": "Flatten"})),
        "takes one input",
    ),
    "a network of terabytes": (network({"class": "Dense", "units": 2**39}), "weight"),
    "outputs of terabytes": (network(*GROW), "too large"),
    "outputs beyond all numbers": (network(*GROW * 200), "too large"),
    "layers without number": (network(*[{"class": "Flatten"}] * 9000), "header"),
    "a name of kilobytes": (network(DENSE | {"name": "a" * 30_000}), "weight"),
    "a name that writes on the terminal": (network(DENSE | {"name": "\x1b[2J"}), "name"),
    "class names that do": (edited(lambda h, t: h.update(class_names=["\x1b]0;"])), "class_names"),
    "a name that is a path": (network(DENSE | {"name": "../x"}), "name"),
    "a kernel without end": (
        network(
            {"class": "Conv2D", "filters": 1, "kernel_size": 2**60, "padding": "same"},
            input_shape=[4, 4, 1],
        ),
        "",
    ),
    "a padding without end": (
        network({"class": "ZeroPadding2D", "padding": 2**60}, input_shape=[4, 4, 1]), "too large",
    ),
    "a graph that calls itself for ever": (network(laughs(30)), "calls"),
    "a graph with a cycle": (
        network({"class": "Graph", "layers": [DENSE], "wiring": [[0, [1]]], "outputs": [1]}),
        "wiring",
    ),
    "a metric to look up": (
        edited(lambda h, t: h["about"].update(metrics=["os.system"])), "metric",
    ),
    "a metric of 5,000 digits": (
        edited(lambda h, t: h["about"].update(metrics=[f"top_{'9' * 5000}_accuracy"])), "metric",
    ),
    "an optimizer to import": (
        edited(lambda h, t: h["about"].update(optimizer={"class": "os.system"})), "optimizer",
    ),
    "a seed that is none": (edited(lambda h, t: h["about"].update(seed="1")), "seed"),
    "a tokenizer to import": (
        edited(lambda h, t: h["about"].update(tokenizer={"class": "pickle.loads"})), "tokenizer",
    ),
    "rows of gigabytes": (
        edited(lambda h, t: h["about"].update(tokenizer=ROWS)), "tokenizer",
    ),
    "a distance to import": (typical({"class": "os.system"}), "threshold"),
    "a distance that is a text": (typical({"threshold": "1"}), "threshold"),
    "a distance below 0": (typical({"threshold": -1.0}), "threshold"),
    "a distance with more to say": (typical({"threshold": 1.0, "path": "/etc"}), "threshold"),
    "typical pictures of no size": (
        edited(lambda h, t: h["about"].pop("preprocessing")), "preprocessing",
    ),
    "typical pictures of another size": (
        edited(lambda h, t: h["about"]["preprocessing"].update(height=3)), "@typical/means",
    ),
    "typical pictures that nothing announces": (
        edited(lambda h, t: h["about"].pop("typical")), "@typical/means",
    ),
    "typical pictures that are not there": (
        edited(lambda h, t: t.pop("@typical/whitening")), "@typical/whitening",
    ),
    "a typical array too many": (
        edited(lambda h, t: t.update({"@typical/more": np.zeros(1)})), "@typical/more",
    ),
    "typical pictures of doubles": (
        edited(lambda h, t: t.update({n: w.astype("f8") for n, w in t.items() if n[0] == "@"})),
        "F64",
    ),
    "typical pictures that are NaN": (
        edited(lambda h, t: t.update({n: w * np.nan for n, w in t.items() if n[0] == "@"})), "NaN",
    ),
    "pictures of gigabytes": (
        edited(lambda h, t: h["about"].update(preprocessing={
            "height": 2**20, "width": 2**20, "low": 0, "high": 1, "background": "dark",
        })),
        "preprocessing",
    ),
}  # fmt: skip


# -- by chance ----------------------------------------------------------------------------------

NASTY: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 2, 3, 7, 255, 2**16, 2**31 - 1, 2**31, 2**40, 2**53, 2**63, 2**64,
    10**25, -(2**63), 0.0, -0.0, 0.5, 1e-320, 1e308, -1e308, float("nan"), float("inf"), "", " ",
    "a" * 3000, "\0", "\x1b[31m", "\ud800", "é🎈", "os.system", "__import__('os').system('id')",
    "../../etc/passwd", "file:///etc/passwd", "https://example.org", "relu", "softmax", "same",
    "causal", "top_99999999999999999999_accuracy", "top_²_accuracy", [], {}, [[]], [0], [1, 2],
    [3] * 9, [2**40] * 3, ["a"], {"class": "Dense"}, {"class": "object"}, {"class": None},
)  # fmt: skip


def mutated(good: bytes, rng: random.Random, key: str = "glassnet") -> tuple[bytes, bool]:
    """A file near to a good one, and whether it was sealed again: then it may say something else
    and be read; if not, what is read must be the good file.
    """
    if rng.random() < 0.3:
        return _bytes_changed(good, rng), False
    header, tensors = parted(good, key)
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        if rng.random() < 0.15:
            _change_tensors(tensors, rng)
        else:
            _change_json(header, rng)
    return sealed(header, tensors, key), True


def _bytes_changed(good: bytes, rng: random.Random) -> bytes:
    data, length = bytearray(good), int.from_bytes(good[:8], "little")
    end = 8 + length if rng.random() < 0.7 else len(data)  # most of it where the structure is
    place = rng.randrange(end)
    match rng.randrange(6):
        case 0:
            for _ in range(rng.choice((1, 1, 5, 50))):
                data[rng.randrange(end)] ^= 1 << rng.randrange(8)
        case 1:
            del data[rng.randrange(len(data)) :]
        case 2:
            data[place:place] = rng.randbytes(rng.choice((1, 8, 1000)))
        case 3:
            data[:8] = rng.choice((0, 1, length - 1, length + 1, 2**31, 2**63, len(good))).to_bytes(
                8, "little"
            )
        case 4:
            data[place : place + rng.choice((1, 8, 100))] = b""
        case _:  # a mark for another, the length kept
            marks = [i for i in range(8, 8 + length) if data[i] in b'{}[]":,0123456789']
            data[rng.choice(marks)] = rng.choice(b'{}[]":,0123456789.e-\\')
    return bytes(data)


def scrambled(good: bytes, rng: random.Random) -> bytes:
    """A file of any format with some bytes changed, cut out or put in."""
    data = bytearray(good)
    for _ in range(rng.choice((1, 1, 3, 10))):
        place, marks = (
            rng.randrange(len(data) + 1),
            (b'"', b",", b"\n", b"\0", b"\xff" * 4, b"9" * 5000),
        )
        match rng.randrange(3):
            case 0:
                data[place : place + 1] = rng.randbytes(1)
            case 1:
                del data[place : place + rng.choice((1, 10, len(data)))]
            case _:
                data[place:place] = rng.choice(marks)
    return bytes(data)


def _change_tensors(tensors: Tensors, rng: random.Random) -> None:
    name = rng.choice(sorted(tensors)) if tensors else "new"
    values = tensors.pop(name, np.zeros(3, "float32"))
    changes: tuple[Callable[[], dict[str, np.ndarray]], ...] = (
        dict,
        lambda: {name: values, "extra/" + name: values},
        lambda: {name: np.ascontiguousarray(values.T)},
        lambda: {name: values.reshape(-1)},
        lambda: {name: values.astype(rng.choice(("float64", "float16", "int64", "bool", "uint8")))},
        lambda: {name: values * np.array(np.nan, "float32")},
        lambda: {name: values[..., :0]},
        lambda: {name: np.zeros((*values.shape, 2), values.dtype)},
        lambda: {name + "/" + name: values},
        lambda: {name: values * 2},
    )
    with np.errstate(all="ignore"):
        tensors.update(rng.choice(changes)())


def _change_json(header: Header, rng: random.Random) -> None:
    """Change one place somewhere in the object, those inside the network as likely as any."""
    places = list(_places(header))
    parent, name = rng.choice(places)
    value = parent[name]
    match rng.randrange(9):
        case 0 | 1:
            parent[name] = deepcopy(rng.choice(NASTY))  # which later changes may be made in
        case 2:
            del parent[name]
        case 3:
            other, of = rng.choice(places)
            parent[name] = json.loads(json.dumps(other[of]))
        case 4 if isinstance(value, int | float):
            parent[name] = rng.choice((value + 1, value - 1, -value, value * 2, value * 10**9))
        case 5 if isinstance(parent, dict):
            parent[rng.choice(("extra", "class", "name", "__init__", "path", name + "x"))] = value
        case 6 if isinstance(value, list):
            parent[name] = value * rng.choice((0, 2, 40))
        case 7:
            for _ in range(rng.choice((1, 5, 40, 80))):
                value = (
                    {"class": "Sequential", "layers": [value]} if rng.random() < 0.9 else [value]
                )
            parent[name] = value
        case _:
            kind = "layer" if rng.random() < 0.8 else rng.choice(("loss", "optimizer", "metric"))
            made = classes(kind)[rng.choice(sorted(classes(kind)))]
            fields = getattr(made, "__dataclass_fields__")  # noqa: B009
            parent[name] = {"class": made.__name__} | {
                field: deepcopy(rng.choice(NASTY))
                if rng.random() < 0.3
                else rng.choice((1, 2, 3, [1], [2, 2], "same", "relu", {"class": "Flatten"}, []))
                for field in fields
                if rng.random() < 0.5
            }


def _places(value: Any) -> Any:
    """Every (container, key or number) in a JSON value."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for name, inner in list(pairs):
        yield value, name
        if isinstance(inner, dict | list):
            yield from _places(inner)

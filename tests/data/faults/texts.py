"""Faults in tables of texts."""

from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl

from tests.data.faults.planting import ERROR, WARNING, Fault, fault

ROWS = 300
RNG = np.random.default_rng(3)
OWN = {
    "praise": ["great", "lovely", "perfect", "quick", "friendly", "wonderful", "cheap"],
    "complaint": ["broken", "late", "rude", "awful", "dirty", "expensive", "slow"],
}
COMMON = [
    "the", "room", "was", "and", "staff", "food", "with", "a", "very", "hotel", "our", "stay", "in",
    "breakfast", "service", "bed",
]  # fmt: skip
LABELS = RNG.choice([*OWN], ROWS)
CLEAN = pl.DataFrame({
    "text": [" ".join(RNG.choice(COMMON + OWN[label], RNG.integers(8, 20))) for label in LABELS],
    "label": LABELS,
})  # fmt: skip
SOME = np.arange(ROWS) % 9 == 4
OTHER = {"praise": "complaint", "complaint": "praise"}


def texts(name: str, level: str, *words: str, change: Callable[..., Any], every: bool) -> Fault:
    """Return a fault in every text, or in some: `change` takes a text and its label."""
    rows = zip(CLEAN["text"], LABELS, SOME | every, strict=True)
    changed = [change(text, label) if here else text for text, label, here in rows]
    table = CLEAN.with_columns(text=pl.Series(changed))
    return fault(name, level, *words, table=table, target=None)


FAULTS: list[Fault] = [
    texts("empty texts", ERROR, "line 6", "'text' is empty", change=lambda text, label: "",
          every=False),
    texts("a wrong encoding", WARNING, "'text'", "'cafÃ©'", "line 6", every=False,
          change=lambda text, label: text + " cafÃ© crÃ¨me"),
    texts("lost letters", WARNING, "'text'", "'caf\ufffd'", "line 6", every=False,
          change=lambda text, label: text + " caf\ufffd"),
    texts("tags of web pages", WARNING, "'text'", "'<p>'", "line 6", every=False,
          change=lambda text, label: f"<p>{text}<br />&nbsp;ok</p>"),
    texts("texts that end after 255 characters", WARNING, "'text'", "ends after 255 characters",
          change=lambda text, label: (text * 6)[:255], every=True),
    texts("the label in the text", WARNING, "'text'", "'praise'", "line 3", every=True,
          change=lambda text, label: f"[{label}] {text}"),
    texts("a signature that only one class has", WARNING, "'text'", "'my phone' is at the end",
          change=lambda text, label: text + " sent from my phone" * (label == "praise"),
          every=True),
    texts("the same notice in place of many texts", WARNING, "are equal, but have the labels",
          change=lambda text, label: "This review was removed by the moderators.", every=False),
    fault("texts in both parts", WARNING, "test rows", "training line", target=None,
          table=pl.concat([CLEAN, CLEAN[:60]])),
    fault("texts in both parts, but for the last sign", WARNING, "test rows", "training line",
          table=pl.concat([CLEAN, CLEAN[:60].with_columns(pl.col("text") + ".")]), target=None),
    fault("the same texts with two labels", WARNING, "line 5 and line 305", "labels",
          table=pl.concat([CLEAN, CLEAN[:20].with_columns(pl.col("label").replace(OTHER))]),
          target=None),
    fault("texts in the column of labels", ERROR, "'label'", "300 different labels", target=None,
          table=CLEAN.rename({"text": "label", "label": "text"})),
]  # fmt: skip

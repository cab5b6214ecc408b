"""`Source`: the model that a fine-tuning starts from; `Transfer`: what was taken over from it."""

import hashlib
import logging
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from glassnet.core.errors import GlassnetError
from glassnet.core.trees import items
from glassnet.data.images.preprocessing import Preprocessing
from glassnet.doctor import Origin
from glassnet.model.model import Model
from glassnet.model.readers import preprocessing_of
from glassnet.runs.defaults import KINDS
from glassnet.runs.run import CONFIG_FILE, START_FILE, Run, is_run
from glassnet.runs.settings import Settings

log = logging.getLogger(__name__)

_KEY = "from"  # of the record, in the model file and in config.json


@dataclass(frozen=True, eq=False)
class Source:
    """A model to start from, of a run or a file."""

    path: str
    model: Model
    started: bool = False  # True if it is the start of this very run: nothing is to be changed
    write: Callable[[str], object] = log.info  # where it is said what is taken over

    @classmethod
    def of(cls, settings: Settings, start: Path | None = None) -> Self | None:
        """Return the model that the settings name; None if they name none.

        `start` is the folder of a run to be resumed, which has a copy of the model that it started
        with.
        """
        if settings.from_ is None:
            return None
        if start is not None and (start / START_FILE).exists():
            return cls(settings.from_, Model.load(start / START_FILE), started=True)
        return cls(os.path.abspath(settings.from_), Model.load(settings.from_))

    def tell(self, message: str) -> None:
        """Say what becomes of the model."""
        self.write(f"from {self.path}: {message}")

    @cached_property
    def sha256(self) -> str:
        """The hash of all weights: path, dtype, shape and bytes."""
        digest = hashlib.sha256()
        for path, array in items(self.model.params):
            digest.update(f"{path} {array.dtype.str} {array.shape}\n".encode())
            digest.update(array.tobytes())
        return digest.hexdigest()

    @cached_property
    def settings(self) -> dict[str, Any]:
        """The settings in the run's `config.json`; {} for a file."""
        config = Run(self.path).read(CONFIG_FILE) if is_run(self.path) else {}
        settings = config.get("settings")
        return settings if isinstance(settings, dict) else {}

    @property
    def network(self) -> str | None:
        """The name of its network, if it is a recipe's."""
        before, name = Transfer.of(self.model), self.settings.get("network")
        return before.network if before else name

    @cached_property
    def preprocessing(self) -> Preprocessing | None:
        """The form of its images; None if it is unknown."""
        has = self.model.about.get("preprocessing") is not None
        return preprocessing_of(self.model, self.path) if has else None

    def require_kind(self, kind: str, data: str) -> None:
        """Raise unless its model reads data of this kind: a key of `KINDS`."""
        own = str(self.model.about.get("kind", "numbers"))
        if own != kind:
            fix = "Start from a model of such data."
            if own == "numbers" and self.path.endswith(".keras"):
                fix = "A .keras file has no tokenizer: run glassnet import FILE --like RUN first."
            raise GlassnetError(
                f"reads {KINDS.get(own, own)}; {data} contains {KINDS[kind]}.",
                where=self.path,
                fix=fix,
            )

    def require_weights(self, sha256: str) -> None:
        """Raise unless its weights have this hash."""
        if not self.started and self.sha256 != sha256:
            raise GlassnetError(
                "has other weights than the run was started from.",
                where=self.path,
                fix="Restore the model, or fine-tune from it in a new run.",
            )


@dataclass(frozen=True)
class Transfer:
    """What a fine-tuned model took over from its source; in its file, and in `config.json`."""

    path: str
    sha256: str  # of the source's weights
    network: str | None  # the source's, if it is one of glassnet's recipes
    class_names: tuple[str, ...]  # of the source
    common_classes: tuple[str, ...]  # which kept the weights of their outputs
    head: str  # the path of the layer with the outputs
    taken: tuple[str, ...]  # paths of the layers whose weights are the source's
    new: tuple[str, ...]  # paths of the layers with some weights drawn at random
    scaling: str  # why the scaling of the inputs was fitted again; "" if it was taken over
    preprocessing: dict[str, Any] | None  # the form of the source's images

    @classmethod
    def of(cls, model: Model) -> Self | None:
        """Return what a model took over; None if it was not fine-tuned."""
        values = model.about.get(_KEY)
        names = [field.name for field in fields(cls)]
        if not isinstance(values, dict) or {*values} != {*names}:
            return None
        lists: dict[str, Any] = {
            k: tuple(v) if isinstance(v, list) else v for k, v in values.items()
        }
        return cls(**lists)

    def origin_of(self, model: Model) -> Origin:
        """Return what the doctor needs to know of the source of this model."""
        forms = self.preprocessing, model.about.get("preprocessing")
        was, now = (Preprocessing.from_dict(form) if form else None for form in forms)
        return Origin(
            drawn=self.new,
            common_classes=self.common_classes,
            keeps_head=not self.new,
            images=(was, now) if was and now else None,
            rescaled=bool(self.scaling),
        )

    def write_to(self, model: Model) -> None:
        """Store it in a model, of which it is a part of the file."""
        model.about[_KEY] = {k: list(v) if isinstance(v, tuple) else v
                             for k, v in asdict(self).items()}  # fmt: skip

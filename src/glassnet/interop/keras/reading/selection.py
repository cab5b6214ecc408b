"""What of an HDF5 file of weights is loaded, and into which layers: `mapping` and `skip`."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from glassnet.core.errors import GlassnetError, did_you_mean


@dataclass(frozen=True)
class Selection:
    """The options of `load_weights`."""

    mapping: Mapping[str, str | None] = field(default_factory=dict)
    skip: tuple[str, ...] = ()
    skip_mismatch: bool = False

    def stays(self, path: str) -> bool:
        """Return whether a layer or array of the network keeps what it has."""
        return any(
            module is None and (path == key or path.startswith(f"{key}/"))
            for key, module in self.mapping.items()
        )

    def sources(self, groups: Mapping[str, str]) -> dict[str, str]:
        """Return {path of a layer: its group} for the layers that `mapping` names a group of."""
        return {
            key: _group(module, groups, "mapping")
            for key, module in self.mapping.items()
            if module is not None
        }

    def left_out(self, groups: Mapping[str, str]) -> set[str]:
        """Return the groups of the file that are not loaded."""
        return {_group(name, groups, "skip") for name in self.skip}

    def require_known(self, places: Mapping[str, Iterable[str]], layers: Collection[str]) -> None:
        """Raise for names in `mapping` that are neither layers here nor, to stay, their arrays."""
        arrays = [f"{place}/{name}" for place, names in places.items() for name in names]
        for key, module in self.mapping.items():
            inside = any(path == key or path.startswith(f"{key}/") for path in arrays)
            if not inside or (module is not None and key not in layers):
                what = "layer with weights" if not inside else "layer with a group of its own"
                raise GlassnetError(
                    f"the network has no {what} {key!r}.",
                    where="mapping",
                    fix=did_you_mean(key, layers) or f"It has {', '.join(map(repr, layers)):.300}.",
                )


WHOLE = Selection()


def _group(name: str, groups: Mapping[str, str], argument: str) -> str:
    """Return the group of this name; raises if there is none."""
    if name in groups:
        return groups[name]
    hint = did_you_mean(name, groups) or f"It has {', '.join(map(repr, groups)):.300}."
    raise GlassnetError(f"there is no {name!r} in the file.", where=argument, fix=hint)

"""Some of the layers of a deep network, for plots with a row for each."""

from collections.abc import Mapping, Sized

import numpy as np

from glassnet.core.arrays import Array


def evenly(values: Mapping[str, Array], most: int) -> dict[str, Array]:
    """Return at most this many of the layers' values, evenly spaced among all."""
    names = list(values)
    if len(names) > most:
        names = [names[i] for i in np.linspace(0, len(names) - 1, most).round().astype(int)]
    return {name: values[name] for name in names}


def share_of(shown: Sized, all_: Sized) -> str:
    """Return how many of the layers are shown, if not all are."""
    return f" ({len(shown)} of {len(all_)} layers)" if len(shown) < len(all_) else ""

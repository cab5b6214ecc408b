"""Every op, loss and layer, once, with inputs that make it interesting.

The contract test and the mutation test run over this table; each file here has the cases of one
family, in lists called OPS, LOSSES and LAYERS. What is in none of them fails the contract test.
"""

import importlib
import pkgutil

from glassnet.verify.cases.base import Case, cast

__all__ = ["CASES", "LAYERS", "LOSSES", "OPS", "Case", "cast"]

_FAMILIES = [
    importlib.import_module(f"{__name__}.{m.name}") for m in pkgutil.iter_modules(__path__)
]


def _all(kind: str) -> list[Case]:
    return [case for family in _FAMILIES for case in getattr(family, kind, [])]


OPS, LOSSES, LAYERS = _all("OPS"), _all("LOSSES"), _all("LAYERS")
CASES = [*OPS, *LOSSES, *LAYERS]

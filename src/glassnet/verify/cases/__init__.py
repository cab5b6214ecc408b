"""The table of test cases: every op, loss and layer with representative inputs.

The contract test and the mutation test run over this table. Each file has the cases of one family,
in lists named OPS, LOSSES and LAYERS. The contract test fails for anything without a case.
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

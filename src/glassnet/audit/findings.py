"""The findings of an audit: rows of the training and test split, printable and as JSON."""

from dataclasses import dataclass
from typing import Any

from glassnet.core.tables import table
from glassnet.data import Dataset

_NOUNS = {  # of each count, in the singular and the plural
    "copies": ("copy", "copies"),
    "near_copies": ("near copy", "near copies"),
    "copies_across_splits": ("copy across splits", "copies across splits"),
    "copies_with_other_labels": ("copy with another label", "copies with another label"),
    "suspect_labels": ("likely label error", "likely label errors"),
    "constant": ("constant example", "constant examples"),
    "outliers": ("outlier", "outliers"),
    "pairs_not_compared": ("pair not compared", "pairs not compared"),
}


@dataclass(frozen=True, order=True)
class Place:
    """A row of a split, counted from 0."""

    split: str  # "train" or "test"
    row: int

    def __str__(self) -> str:
        return f"{self.split} {self.row}"


@dataclass(frozen=True)
class Copy:
    """An example that is equal, or nearly equal, to an earlier one."""

    place: Place
    of: Place
    label: str
    of_label: str
    equal: bool
    distance: float  # √(2 − 2 r), r the correlation; 0 if equal

    @property
    def nearness(self) -> str:
        """The distance as text."""
        return "equal" if self.equal else f"{self.distance:.3f}"


@dataclass(frozen=True)
class Suspect:
    """A likely label error, with the probabilities of the label and of the suggested one."""

    place: Place
    label: str
    probability: float
    suggested: str
    suggested_probability: float


@dataclass(frozen=True)
class Odd:
    """An example that is far from all others or, with distance None, constant."""

    place: Place
    label: str
    distance: float | None  # to the nearest other example


@dataclass(frozen=True)
class Audit:
    """All findings: likeliest suspects first, nearest copies first, oddest examples first."""

    name: str
    sha256: str
    sizes: dict[str, int]  # of the splits
    balance: dict[str, dict[str, int]]  # class -> split -> examples
    copies: tuple[Copy, ...]
    suspects: tuple[Suspect, ...]
    odd: tuple[Odd, ...]
    pairs_left_out: int  # not compared because there are too many: they may contain more copies

    def test_rows(self) -> list[int]:
        """The suspect rows of the test split: likely label errors and copies of training rows."""
        places = [s.place for s in self.suspects]
        places += [copy.place for copy in self.copies if copy.of.split == "train"]
        return sorted({place.row for place in places if place.split == "test"})

    def counts(self) -> dict[str, int]:
        """The number of findings of each kind."""
        exact = sum(copy.equal for copy in self.copies)
        across = sum(copy.place.split != copy.of.split for copy in self.copies)
        constant = sum(odd.distance is None for odd in self.odd)
        left_out = {"pairs_not_compared": self.pairs_left_out} if self.pairs_left_out else {}
        return {
            "copies": exact,
            "near_copies": len(self.copies) - exact,
            "copies_across_splits": across,
            "copies_with_other_labels": sum(c.label != c.of_label for c in self.copies),
            "suspect_labels": len(self.suspects),
            "constant": constant,
            "outliers": len(self.odd) - constant,
        } | left_out

    def named_counts(self) -> list[tuple[int, str]]:
        """Return the counts with what they count, in the singular or the plural."""
        return [(count, _NOUNS[kind][count != 1]) for kind, count in self.counts().items()]

    def to_dict(self) -> dict[str, Any]:
        return {**vars(self), "counts": self.counts()}

    def lines(self, top: int = 10) -> list[str]:
        """The number of findings of each kind, and tables of the first `top` rows of each."""
        sizes = ", ".join(f"{n:,} {split}" for split, n in self.sizes.items())
        counts = [sum(splits.values()) for splits in self.balance.values()]
        lines = [
            f"{self.name}: {sizes}; classes of {min(counts):,} to {max(counts):,} examples",
            *(f"{count:6,} {noun}" for count, noun in self.named_counts()),
        ]
        suspects: list[tuple[str, ...]] = [("likely label errors", "label", "p", "suggested", "p")]
        for s in self.suspects[:top]:
            own, suggested = f"{s.probability:.3f}", f"{s.suggested_probability:.3f}"
            suspects.append((str(s.place), s.label, own, s.suggested, suggested))
        copies = [("copies", "of", "label", "label of the other", "distance")]
        for c in self.copies[:top]:
            copies.append((str(c.place), str(c.of), c.label, c.of_label, c.nearness))
        odd = [("outliers", "label", "distance to the nearest")]
        for o in self.odd[:top]:
            distance = "constant" if o.distance is None else f"{o.distance:.3f}"
            odd.append((str(o.place), o.label, distance))
        for rows, align in ((suspects, "<<><>"), (copies, "<<<<>"), (odd, "<<>")):
            if len(rows) > 1:
                lines += ["", *table(rows, align)]
        return lines


def sizes_of(data: Dataset) -> dict[str, int]:
    """The number of examples in each split."""
    return {"train": len(data.y_train), "test": len(data.y_test)}

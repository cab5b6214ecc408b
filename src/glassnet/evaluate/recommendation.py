"""The test results of a recommender, beside those of popularity and of item-kNN."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import ClassVar

import numpy as np

from glassnet.core.arrays import Array
from glassnet.core.errors import GlassnetError
from glassnet.core.plurals import counted
from glassnet.core.tables import table
from glassnet.evaluate.estimates import Estimate
from glassnet.evaluate.item_knn import ItemNeighbors
from glassnet.evaluate.regression import shown
from glassnet.evaluate.top_items import Scores, user_metrics

TOP = 10  # items that are recommended to each user
_RESAMPLES, _SEED = 2000, 0  # of the bootstrap
_DRAWN = 10**6  # numbers that are drawn at once


@dataclass(frozen=True)
class RankingScore:
    """The metrics of one recommender, with 95% bootstrap intervals over the users."""

    name: str
    ndcg: Estimate
    recall: Estimate
    hit_rate: Estimate  # share of the users with a relevant item among the top k
    mrr: Estimate
    coverage: float  # share of the items that are in somebody's top k


@dataclass(frozen=True)
class Advantage:
    """The network's NDCG minus that of a baseline for the same users, with its 95% interval."""

    over: str
    ndcg: Estimate

    def sentence(self, k: int) -> str:
        """Return which of the two is better, and whether by more than chance."""
        amount = shown(Estimate(abs(self.ndcg.value), self._ends), 3)
        if self.ndcg.interval is None or self.ndcg.interval[0] <= 0 <= self.ndcg.interval[1]:
            return (
                f"The network is not distinguishable from {self.over}: NDCG@{k} differs by "
                f"{shown(self.ndcg, 3)}."
            )
        verb = "beats" if self.ndcg.value > 0 else "loses to"
        return f"The network {verb} {self.over}: NDCG@{k} differs by {amount}."

    @property
    def _ends(self) -> tuple[float, float] | None:
        if self.ndcg.interval is None or self.ndcg.value > 0:
            return self.ndcg.interval
        low, high = self.ndcg.interval
        return -high, -low


@dataclass(frozen=True)
class Recommendation:
    """The test results of a recommender."""

    k: int
    scores: tuple[RankingScore, ...]  # the network's first
    known: dict[str, Estimate]  # the NDCG of each for the users with training events
    new: dict[str, Estimate]  # the same for the others
    advantages: tuple[Advantage, ...]
    users: int
    items: int
    loss: float
    nonfinite: int  # users with a non-finite output, which is ranked last

    about: ClassVar[str] = (
        "For each user, all items that they do not have yet are ranked. The baselines are fitted "
        "to all events before the test."
    )

    @property
    def count(self) -> int:
        """The number of test examples."""
        return self.users

    def _repr_html_(self) -> str:
        from glassnet.evaluate.representation import of_rows

        return of_rows(self.headline(), self.rows(), self.notes())

    def headline(self) -> str:
        """The most important metrics in one line."""
        first, *others = self.scores
        rest = ", ".join(f"{one.name} {one.ndcg.value:.3f}" for one in others)
        return f"NDCG@{self.k} {shown(first.ndcg, 3)}; {rest}"

    def rows(self) -> list[tuple[str, ...]]:
        """The table of recommenders, the heading first."""
        k = self.k
        heading = ("recommender", f"NDCG@{k} (95%)", f"recall@{k} (95%)", f"hit rate@{k} (95%)",
                   "MRR (95%)", f"coverage@{k}")  # fmt: skip
        rows: list[tuple[str, ...]] = [heading]
        for score in self.scores:
            estimates = score.ndcg, score.recall, score.hit_rate, score.mrr
            rows.append(
                (score.name, *(shown(one, 3) for one in estimates), f"{score.coverage:.1%}")
            )
        return rows

    def lines(self) -> list[str]:
        """The table of recommenders as text, with what it says."""
        return [*table(self.rows(), "<>>>>>"), self.about, *self.notes()]

    def notes(self) -> Iterator[str]:
        """What the numbers say, and what limits them, as sentences."""
        for name, scores in (("with", self.known), ("without", self.new)):
            if self.known and self.new:
                values = ", ".join(f"{one} {shown(ndcg, 3)}" for one, ndcg in scores.items())
                yield f"NDCG@{self.k} of users {name} training events: {values}."
        for advantage in self.advantages:
            yield advantage.sentence(self.k)
        if self.nonfinite:
            yield (
                f"{counted(self.nonfinite, 'user')} of {self.users:,} had a non-finite output (NaN "
                "or infinite), which is ranked last."
            )


def recommendation(
    scores: Scores,
    train: Array,
    x: Array,
    y: Array,
    known: Array,
    loss: float,
    k: int = TOP,
) -> Recommendation:
    """All metrics of scores of items, and of the baselines, from matrices of 0 and 1.

    `train` (U, I) are the items of the training users, to which the baselines are fitted; x (N, I)
    and y (N, I) those that test users have and that are to be found; `known` (N,) is true for users
    with training events. Raises GlassnetError for other shapes, and for a user without items in y.
    """
    _check(train, x, y, known)
    popularity = train.sum(axis=0, dtype=np.int64)
    nonfinite = 0

    def of_network(block: Array) -> Array:
        nonlocal nonfinite
        outputs = scores(block)
        nonfinite += int((~np.isfinite(outputs)).any(axis=1).sum())
        return outputs

    def of_popularity(block: Array) -> Array:
        return np.broadcast_to(popularity, block.shape).astype(np.float64)

    ways: dict[str, Scores] = {
        "network": of_network, "popularity": of_popularity, "item-kNN": ItemNeighbors(train),
    }  # fmt: skip
    each = [user_metrics(way, x, y, popularity, k) for way in ways.values()]
    values = [column for m in each for column in (m.ndcg, m.recall, m.hit, m.mrr)]
    values += [each[0].ndcg - other.ndcg for other in each[1:]]
    estimates, ranking = iter(_estimates(values)), []
    for name, metrics in zip(ways, each, strict=True):
        ndcg, recall, hit, mrr = islice(estimates, 4)
        ranking.append(RankingScore(name, ndcg, recall, hit, mrr, metrics.covered / x.shape[1]))
    advantages = tuple(map(Advantage, [*ways][1:], estimates))

    def ndcg_of(users: Array) -> dict[str, Estimate]:
        if not users.any():
            return {}
        return dict(zip(ways, _estimates([m.ndcg[users] for m in each]), strict=True))

    return Recommendation(
        k, (*ranking,), ndcg_of(known), ndcg_of(~known), advantages, len(x), x.shape[1], loss,
        nonfinite,
    )  # fmt: skip


def _estimates(columns: Sequence[Array]) -> list[Estimate]:
    """The mean of each column (N,) with its 95% percentile bootstrap interval; none for one user.

    All columns have the same samples of users.
    """
    values = np.stack(columns, axis=1)
    count, means = len(values), values.mean(axis=0).tolist()
    if count < 2:
        return [Estimate(mean, None) for mean in means]
    rng, samples = np.random.Generator(np.random.Philox(_SEED)), []
    size = max(1, _DRAWN // count)
    for start in range(0, _RESAMPLES, size):
        size = min(size, _RESAMPLES - start)
        drawn = rng.multinomial(count, np.full(count, 1 / count), size=size)
        samples.append(drawn @ values / count)
    ends = np.quantile(np.concatenate(samples), (0.025, 0.975), axis=0).T.tolist()
    return [Estimate(mean, (low, high)) for mean, (low, high) in zip(means, ends, strict=True)]


def _check(train: Array, x: Array, y: Array, known: Array) -> None:
    items = train.shape[-1]
    for name, array, shape in (("x", x, (len(x), items)), ("y", y, (len(x), items)),
                               ("known", known, (len(x),))):  # fmt: skip
        if array.shape != shape:
            what = f"has shape {array.shape}, not {shape}."
            raise GlassnetError(what, where=f"recommendation: {name}")
    if not len(x) or not y.any(axis=1).all():
        raise GlassnetError("a user has no item to be found.", where="recommendation: y")
    if (x & y).any():
        raise GlassnetError("a user has an item that is to be found.", where="recommendation: y")

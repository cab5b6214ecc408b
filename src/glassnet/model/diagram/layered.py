"""Where the nodes of a directed graph without cycles stand, so that its wires are easy to follow.

The way of Sugiyama, Tagawa & Toda, 1981: ranks by the longest path, a stand-in wherever a wire
passes a rank, an order within ranks by the mean place of the neighbours, then coordinates.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

SWEEPS = 8
Wire = tuple[int, int]


@dataclass(frozen=True)
class Layout:
    """Centres (x, y) of the nodes, the points that each wire passes, and the size of it all."""

    centres: list[tuple[float, float]]
    bends: list[list[tuple[float, float]]]
    width: float
    height: float


def layered(
    sizes: Sequence[tuple[float, float]],
    wires: Sequence[Wire],
    last: Sequence[int] = (),
    gap_x: float = 24,
    gap_y: float = 24,
) -> Layout:
    """Nodes of (width, height), wires from lower to higher numbers; `last` stand at the end."""
    ranks = _ranks(len(sizes), wires, last)
    widths, heights = [w for w, _ in sizes], [h for _, h in sizes]
    paths = []  # of each wire: its nodes, stand-ins included
    for start, end in wires:
        between = range(ranks[start] + 1, ranks[end])
        paths.append([start, *range(len(ranks), len(ranks) + len(between)), end])
        ranks += between
        widths += [8.0] * len(between)
        heights += [0.0] * len(between)
    links = [pair for path in paths for pair in pairwise(path)]
    rows = _ordered(ranks, links)
    xs = _places(rows, widths, links, gap_x, len(sizes))
    tall = [max(heights[n] for n in row) for row in rows]
    tops = [sum(tall[:r]) + gap_y * r for r in range(len(rows))]
    ys = [tops[rank] + tall[rank] / 2 for rank in ranks]
    left = min(x - w / 2 for x, w in zip(xs, widths, strict=True))
    right = max(x + w / 2 for x, w in zip(xs, widths, strict=True))
    xs = [x - left for x in xs]
    centres = list(zip(xs, ys, strict=True))
    bends = []
    for path in paths:  # wires turn between ranks alone, where no box is in the way
        points = [
            (xs[n], tops[ranks[n]] + depth * tall[ranks[n]]) for n in path for depth in (0, 1)
        ]
        bends.append(points[1:-1])
    return Layout(centres[: len(sizes)], bends, right - left, tops[-1] + tall[-1])


def _ranks(count: int, wires: Sequence[Wire], last: Sequence[int]) -> list[int]:
    """Each node's rank: one more than the highest of those that lead to it."""
    ranks = [0] * count
    for start, end in sorted(wires, key=lambda wire: wire[1]):
        ranks[end] = max(ranks[end], ranks[start] + 1)
    bottom = max((ranks[n] for n in last), default=0)
    for n in last:
        ranks[n] = bottom
    return ranks


def _ordered(ranks: Sequence[int], links: Sequence[Wire]) -> list[list[int]]:
    """The nodes of each rank from left to right; sweeps up and down, and the best order wins."""
    rows: list[list[int]] = [[] for _ in range(max(ranks) + 1)]
    for node, rank in enumerate(ranks):
        rows[rank].append(node)
    best, fewest = [list(row) for row in rows], _crossings(rows, ranks, links)
    for sweep in range(SWEEPS):
        down = sweep % 2 == 0
        for row in rows[1:] if down else reversed(rows[:-1]):
            place = {node: i for one in rows for i, node in enumerate(one)}
            near: dict[int, list[int]] = {node: [] for node in row}
            for start, end in links:
                node, other = (end, start) if down else (start, end)
                if node in near:
                    near[node].append(place[other])
            row.sort(key=lambda n: sum(near[n]) / len(near[n]) if near[n] else place[n])
        crossings = _crossings(rows, ranks, links)
        if crossings < fewest:
            best, fewest = [list(row) for row in rows], crossings
    return best


def _crossings(rows: Sequence[Sequence[int]], ranks: Sequence[int], links: Sequence[Wire]) -> int:
    place = {node: i for row in rows for i, node in enumerate(row)}
    total = 0
    for rank in range(len(rows) - 1):
        ends = sorted((place[a], place[b]) for a, b in links if ranks[a] == rank)
        total += sum(b > d for i, (_, b) in enumerate(ends) for _, d in ends[i + 1 :])
    return total


def _places(
    rows: Sequence[Sequence[int]],
    widths: Sequence[float],
    links: Sequence[Wire],
    gap: float,
    real: int,
) -> list[float]:
    """The nodes' x: each row is drawn towards its neighbours' middle, and never overlaps.

    The first `real` nodes are no stand-ins.
    """
    xs = [0.0] * len(widths)
    for row in rows:
        total = sum(widths[n] for n in row) + gap * (len(row) - 1)
        x = -total / 2
        for n in row:
            xs[n] = x + widths[n] / 2
            x += widths[n] + gap
    near: list[list[tuple[int, int]]] = [[] for _ in widths]
    for start, end in links:
        pull = 8 if start >= real and end >= real else 1  # long wires are to run straight
        near[start].append((end, pull))
        near[end].append((start, pull))
    for _ in range(10 * SWEEPS):
        for row in (*rows, *reversed(rows)):
            wanted = [
                sum(xs[m] * pull for m, pull in near[n]) / sum(pull for _, pull in near[n])
                if near[n] else xs[n]
                for n in row
            ]  # fmt: skip
            _spread(row, wanted, xs, widths, gap)
    return xs


def _spread(
    row: Sequence[int],
    wanted: Sequence[float],
    xs: list[float],
    widths: Sequence[float],
    gap: float,
) -> None:
    """Put a row's nodes as near to the wanted places as their order and widths allow.

    Neighbours that would overlap become a block, which stands at the mean of their wishes.
    """
    blocks: list[tuple[float, list[int], list[float]]] = []  # (start, nodes, offsets)
    wish = dict(zip(row, wanted, strict=True))
    for node in row:
        start, nodes, offsets = wish[node] - widths[node] / 2, [node], [widths[node] / 2]
        while blocks:
            before, others, theirs = blocks[-1]
            end = before + theirs[-1] + widths[others[-1]] / 2 + gap
            if start >= end:
                break
            blocks.pop()
            shift = theirs[-1] + widths[others[-1]] / 2 + gap
            nodes, offsets = [*others, *nodes], [*theirs, *(shift + o for o in offsets)]
            start = sum(wish[n] - o for n, o in zip(nodes, offsets, strict=True)) / len(nodes)
        blocks.append((start, nodes, offsets))
    for start, nodes, offsets in blocks:
        for node, offset in zip(nodes, offsets, strict=True):
            xs[node] = start + offset

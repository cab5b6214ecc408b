"""Layered layout of a directed acyclic graph: positions of nodes and wires that are easy to follow.

The method of Sugiyama, Tagawa & Toda, 1981: ranks by longest path, a dummy node wherever a wire
crosses a rank, an order within ranks by the mean position of the neighbors, then coordinates.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

SWEEPS = 8
Wire = tuple[int, int]


@dataclass(frozen=True)
class Layout:
    """Centers (x, y) of the nodes, the points that each wire passes through, and the total size."""

    centers: list[tuple[float, float]]
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
    """Lay out nodes of (width, height), wired from lower to higher indices; `last` in one rank."""
    ranks = _ranks(len(sizes), wires, last)
    widths, heights = [w for w, _ in sizes], [h for _, h in sizes]
    paths = []  # of each wire: its nodes, dummies included
    for start, end in wires:
        between = range(ranks[start] + 1, ranks[end])
        paths.append([start, *range(len(ranks), len(ranks) + len(between)), end])
        ranks += between
        widths += [8.0] * len(between)
        heights += [0.0] * len(between)
    links = [pair for path in paths for pair in pairwise(path)]
    rows = _order_rows(ranks, links)
    xs = _x_coordinates(rows, widths, links, gap_x, len(sizes))
    tall = [max(heights[n] for n in row) for row in rows]
    tops = [sum(tall[:r]) + gap_y * r for r in range(len(rows))]
    ys = [tops[rank] + tall[rank] / 2 for rank in ranks]
    left = min(x - w / 2 for x, w in zip(xs, widths, strict=True))
    right = max(x + w / 2 for x, w in zip(xs, widths, strict=True))
    xs = [x - left for x in xs]
    centers = list(zip(xs, ys, strict=True))
    bends = []
    for path in paths:  # wires bend only between ranks, where no box is in the way
        points = [
            (xs[n], tops[ranks[n]] + depth * tall[ranks[n]]) for n in path for depth in (0, 1)
        ]
        bends.append(points[1:-1])
    return Layout(centers[: len(sizes)], bends, right - left, tops[-1] + tall[-1])


def _ranks(count: int, wires: Sequence[Wire], last: Sequence[int]) -> list[int]:
    """Return each node's rank: one more than the highest rank among its predecessors."""
    ranks = [0] * count
    for start, end in sorted(wires, key=lambda wire: wire[1]):
        ranks[end] = max(ranks[end], ranks[start] + 1)
    bottom = max((ranks[n] for n in last), default=0)
    for n in last:
        ranks[n] = bottom
    return ranks


def _order_rows(ranks: Sequence[int], links: Sequence[Wire]) -> list[list[int]]:
    """Return each rank's nodes from left to right, with the fewest crossings of all sweeps."""
    rows: list[list[int]] = [[] for _ in range(max(ranks) + 1)]
    for node, rank in enumerate(ranks):
        rows[rank].append(node)
    best, fewest = [list(row) for row in rows], _crossings(rows, ranks, links)
    for sweep in range(SWEEPS):
        down = sweep % 2 == 0
        for row in rows[1:] if down else reversed(rows[:-1]):
            position = {node: i for nodes in rows for i, node in enumerate(nodes)}
            near: dict[int, list[int]] = {node: [] for node in row}
            for start, end in links:
                node, other = (end, start) if down else (start, end)
                if node in near:
                    near[node].append(position[other])
            row.sort(key=lambda n: sum(near[n]) / len(near[n]) if near[n] else position[n])
        crossings = _crossings(rows, ranks, links)
        if crossings < fewest:
            best, fewest = [list(row) for row in rows], crossings
    return best


def _crossings(rows: Sequence[Sequence[int]], ranks: Sequence[int], links: Sequence[Wire]) -> int:
    position = {node: i for row in rows for i, node in enumerate(row)}
    total = 0
    for rank in range(len(rows) - 1):
        ends = sorted((position[a], position[b]) for a, b in links if ranks[a] == rank)
        total += sum(b > d for i, (_, b) in enumerate(ends) for _, d in ends[i + 1 :])
    return total


def _x_coordinates(
    rows: Sequence[Sequence[int]],
    widths: Sequence[float],
    links: Sequence[Wire],
    gap: float,
    real: int,
) -> list[float]:
    """Return the nodes' x: each is pulled toward its neighbors' mean, and none overlap.

    The first `real` nodes are not dummies.
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
        pull = 8 if start >= real and end >= real else 1  # keeps long wires straight
        near[start].append((end, pull))
        near[end].append((start, pull))
    for _ in range(10 * SWEEPS):
        for row in (*rows, *reversed(rows)):
            targets = {}
            for n in row:
                total = sum(pull for _, pull in near[n])
                targets[n] = sum(xs[m] * pull for m, pull in near[n]) / total if total else xs[n]
            _spread(targets, xs, widths, gap)
    return xs


def _spread(
    targets: Mapping[int, float], xs: list[float], widths: Sequence[float], gap: float
) -> None:
    """Move a row's nodes as close to their targets as their order and widths allow.

    Neighbors that would overlap become a block, placed at the mean of their targets.
    """
    blocks: list[tuple[float, list[int], list[float]]] = []  # (start, nodes, offsets)
    for node, target in targets.items():
        start, nodes, offsets = target - widths[node] / 2, [node], [widths[node] / 2]
        while blocks:
            left, others, other_offsets = blocks[-1]
            shift = other_offsets[-1] + widths[others[-1]] / 2 + gap
            if start >= left + shift:
                break
            blocks.pop()
            nodes, offsets = [*others, *nodes], [*other_offsets, *(shift + o for o in offsets)]
            start = sum(targets[n] - o for n, o in zip(nodes, offsets, strict=True)) / len(nodes)
        blocks.append((start, nodes, offsets))
    for start, nodes, offsets in blocks:
        for node, offset in zip(nodes, offsets, strict=True):
            xs[node] = start + offset

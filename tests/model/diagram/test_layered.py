"""Where the nodes of a graph stand."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from glassnet.model.diagram.layered import layered


@st.composite
def graphs(draw: st.DrawFn) -> tuple[list[tuple[float, float]], list[tuple[int, int]]]:
    """Sizes of nodes, and wires from lower to higher numbers that reach each of them."""
    count = draw(st.integers(2, 9))
    sizes = [(draw(st.integers(10, 200)) * 1.0, draw(st.integers(10, 80)) * 1.0)
             for _ in range(count)]  # fmt: skip
    wires = [(draw(st.integers(0, end - 1)), end) for end in range(1, count)]
    more = draw(
        st.lists(st.tuples(st.integers(0, count - 2), st.integers(1, count - 1)), max_size=6)
    )
    return sizes, sorted({*wires, *((a, b) for a, b in more if a < b)})


@settings(max_examples=60, deadline=None)
@given(graphs())
def test_boxes_never_overlap_and_wires_lead_down(
    graph: tuple[list[tuple[float, float]], list[tuple[int, int]]],
) -> None:
    sizes, wires = graph
    layout = layered(sizes, wires)
    boxes = [
        (x - w / 2, y - h / 2, x + w / 2, y + h / 2)
        for (x, y), (w, h) in zip(layout.centers, sizes, strict=True)
    ]
    for i, (left, top, right, bottom) in enumerate(boxes):
        assert left >= -1e-6
        assert right <= layout.width + 1e-6
        assert top >= -1e-6
        assert bottom <= layout.height + 1e-6
        for other in boxes[:i]:
            beside = right <= other[0] + 1e-6 or other[2] <= left + 1e-6
            assert beside or bottom <= other[1] + 1e-6 or other[3] <= top + 1e-6
    for (start, end), bends in zip(wires, layout.bends, strict=True):
        ys = [boxes[start][3], *(y for _, y in bends), boxes[end][1]]
        assert ys == sorted(ys)
        for (x, top), (to_x, bottom) in pairwise(bends):
            if x != to_x:  # where a wire turns, there is no box
                assert not any(b[1] < bottom and top < b[3] for b in boxes)


def test_a_chain_is_straight() -> None:
    layout = layered([(50, 20), (90, 20), (10, 20)], [(0, 1), (1, 2)])
    assert {x for x, _ in layout.centers} == {45.0}


def test_the_order_within_ranks_avoids_crossings() -> None:
    layout = layered([(40, 20)] * 5, [(0, 1), (0, 2), (1, 4), (2, 3)])
    xs = [x for x, _ in layout.centers]
    assert (xs[1] < xs[2]) == (xs[4] < xs[3])


def test_outputs_stand_in_the_last_rank() -> None:
    layout = layered([(40, 20)] * 5, [(0, 1), (1, 2), (2, 3), (0, 4)], last=(3, 4))
    assert layout.centers[3][1] == layout.centers[4][1]

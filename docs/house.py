"""Draw the house: each floor of the import contract in pyproject.toml is a row of rooms.

    python docs/house.py > docs/house.svg

A test holds docs/house.svg equal to what this prints.
"""

import sys
import tomllib
from pathlib import Path

WIDTH, FLOOR, GAP, ROOF = 720, 34, 6, 70
ROOM = '<rect x="{x:.0f}" y="{y}" width="{width:.0f}" height="{height}" rx="4" class="room"/>'
NAME = '<text x="{x:.0f}" y="{y}" class="name">{name}</text>'
HEAD = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">
<title>The rooms of glassnet, floor by floor; imports go down only</title>
<style>
.roof {{ fill: #0072b2 }} .room {{ fill: #dceaf4; stroke: #0072b2 }}
.name {{ font: 15px monospace; text-anchor: middle; fill: #111 }}
.note {{ font: 14px sans-serif; text-anchor: middle; fill: #fff }}
</style>
<path class="roof" d="M {left} {roof} L {middle} 4 L {right} {roof} Z"/>
<text x="{middle}" y="{note}" class="note">imports go down only ↓</text>"""


def floors(root: Path) -> list[list[str]]:
    """The rooms of each floor, from the top; not the modules that only have Keras's names."""
    contracts = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    (contract,) = contracts["tool"]["importlinter"]["contracts"]
    package = root / "src/glassnet"
    rows = [[room.strip() for room in floor.split("|")] for floor in contract["layers"]]
    return [[room for room in row if (package / room).is_dir()] for row in rows]


def house(rows: list[list[str]]) -> str:
    """The SVG."""
    left, right = 20, WIDTH - 20
    height = ROOF + len(rows) * (FLOOR + GAP) + GAP
    lines = [
        HEAD.format(
            width=WIDTH, height=height, left=left - 12, right=right + 12, middle=WIDTH // 2,
            roof=ROOF - GAP, note=ROOF - 18,
        )
    ]  # fmt: skip
    for number, rooms in enumerate(rows):
        y, width = ROOF + number * (FLOOR + GAP), (right - left + GAP) / len(rooms)
        for place, name in enumerate(rooms):
            x = left + place * width
            lines.append(ROOM.format(x=x, y=y, width=width - GAP, height=FLOOR))
            lines.append(NAME.format(x=x + (width - GAP) / 2, y=y + 22, name=name))
    return "\n".join([*lines, "</svg>", ""])


if __name__ == "__main__":
    sys.stdout.write(house(floors(Path(__file__).parents[1])))

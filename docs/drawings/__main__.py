"""Draw the pictures of docs/concepts: all of them, or those named.

    python docs/drawings [NAME...]

A test holds the pictures equal to what this draws.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from drawings import DRAWINGS, draw

FOLDER = Path(__file__).parents[1] / "concepts" / "pictures"

for name in sys.argv[1:] or DRAWINGS:
    (FOLDER / f"{name}.svg").write_text(draw(name), encoding="utf-8")
    print(name)

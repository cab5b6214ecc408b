"""Raw rows of a file, or of stdin, for a model."""

import sys

from glassnet.core.errors import GlassnetError
from glassnet.data.sources.tables import TABLES, Table, read_table, table_in
from glassnet.data.sources.text_files import to_utf8

STDIN = "-"


def read_rows(path: str, encoding: str | None = None) -> Table:
    """Return the rows of a file, or of stdin: CSV, or JSON lines.

    What is not UTF-8 is decoded by the `encoding`.
    """
    if path == STDIN:
        data = to_utf8(sys.stdin.buffer.read(), "stdin", encoding)
        return table_in(data, "stdin", 1, data.lstrip().startswith(b"{"))
    if not path.lower().endswith(TABLES):
        raise GlassnetError(
            "is not a table, such as the model reads.",
            where=path,
            fix=f"Give a file that ends in {', '.join(TABLES)}, or - for CSV from stdin.",
        )
    return read_table(path, 1, encoding)

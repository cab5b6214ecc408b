"""Which Keras wrote a file: some versions compute differently from Keras 3.15 and from glassnet."""

import re

Version = tuple[int, int]
NEWEST: Version = (3, 999)  # also of files that don't say it
KERAS_3: Version = (3, 0)
MERGES_KEEP_MASKS: Version = (3, 4)  # before, Add, Concatenate, ... lose the padding mask
LOST_CALLS: Version = (3, 2)  # its files name the first call of a shared layer for all its calls
NEWER = "Build the model in the newest Keras, copy the weights into it, and save it."


def read_version(text: object) -> Version:
    """Return (major, minor) of a version such as "3.15.1"; NEWEST if it is not one."""
    match = re.match(r"(\d{1,3})\.(\d{1,3})", text) if isinstance(text, str) else None
    return (int(match[1]), int(match[2])) if match else NEWEST

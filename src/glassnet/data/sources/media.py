"""Which files hold pictures, audio clips and texts, by the ends of their names."""

from glassnet.data.sources.text_files import TEXTS

PICTURES = (
    ".jpg", ".jpeg", ".jfif", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".ppm", ".pgm",
    ".pbm",
)  # fmt: skip
AUDIO = (".wav", ".flac", ".ogg", ".oga", ".opus", ".mp3")
MEDIA = {"pictures": PICTURES, "audio clips": AUDIO, "texts": TEXTS}


def kind_of_file(path: str) -> str | None:
    """Return the kind of a file's content, a key of `MEDIA`; None if it is none of them."""
    lowered = path.lower()
    return next((kind for kind, ends in MEDIA.items() if lowered.endswith(ends)), None)

"""Files from their published addresses, through pooch, giving up soon where nobody answers."""

import logging
import socket
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from glassnet.core.errors import GlassnetError

log = logging.getLogger(__name__)

MIRRORS = (
    "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
    "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
    "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
)
PATIENCE = 3.0  # seconds for a mirror to answer at all
SILENCE = 10.0  # seconds without a byte after which a download has failed
_PIECE = 1 << 12
SLOWEST = 10_000  # bytes a second; slower is as good as dead: 45 minutes for Fashion-MNIST


@dataclass(frozen=True)
class File:
    """An IDX file as published: its contents, and the .gz that the mirrors serve."""

    name: str
    shape: tuple[int, ...]
    sha256: str  # of the decompressed contents
    gz_bytes: int
    gz_md5: str


def fetch(files: Iterable[File], folder: Path, mirrors: Sequence[str] = MIRRORS) -> str:
    """Download NAME.gz of each file into the folder; the address of the mirror that had the last.

    A mirror that fails once is left for the next one; what it gave is kept. Raises GlassnetError
    with the reason for each mirror.
    """
    missing, reasons = list(files), []
    silent = _unreachable(mirrors)
    for mirror in mirrors:
        if mirror in silent:
            reasons.append(f"{urlsplit(mirror).netloc}: {silent[mirror]}")
            continue
        try:
            while missing:
                _download(mirror, missing[0], folder)
                missing.pop(0)
            return mirror
        except (OSError, ValueError) as error:  # requests' errors are OSErrors, pooch's ValueErrors
            reasons.append(f"{urlsplit(mirror).netloc}: {str(error).splitlines()[0][:200]}")
            log.warning(f"failed: {reasons[-1]}")
    raise GlassnetError("; ".join(reasons) + ".", where="the published addresses")


def _unreachable(mirrors: Sequence[str]) -> dict[str, str]:
    """The mirrors that can't be connected to, with the reason; known after PATIENCE seconds.

    All are tried at once, each in a thread, because looking up a name knows no time-out.
    """
    reasons = dict.fromkeys(mirrors, f"no answer within {PATIENCE:g} s")

    def knock(mirror: str) -> None:
        try:
            socket.create_connection(_door(mirror), timeout=PATIENCE).close()
            reasons.pop(mirror)
        except (OSError, ValueError) as error:  # ValueError: an address that is none
            reasons[mirror] = getattr(error, "strerror", None) or str(error)

    threads = [threading.Thread(target=knock, args=(m,), daemon=True) for m in mirrors]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + PATIENCE
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    return dict(reasons)


def _door(address: str) -> tuple[str, int]:
    """Host and port to which a request for the address goes: its own, or those of the proxy."""
    from urllib.request import getproxies, proxy_bypass  # here: it brings http and ssl along

    url = urlsplit(address)
    proxies = getproxies()
    proxy = proxies.get(url.scheme) or proxies.get("all")
    if proxy and not proxy_bypass(url.hostname or ""):
        url = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
    return url.hostname or "", url.port or (443 if url.scheme == "https" else 80)


def _download(mirror: str, file: File, folder: Path) -> None:
    import pooch

    host = urlsplit(mirror).netloc
    line = f"fetching {file.name} ({max(file.gz_bytes / 1e6, 0.1):.2g} MB) from {host}"

    def receive(url: str, destination: str, _: object) -> None:
        log.info(line)
        quarter = 0
        for got in _pieces(url, destination, file.gz_bytes):
            if quarter < (quarter := 4 * got // file.gz_bytes) < 4:
                log.info(f"{line} ... {25 * quarter}%")

    logger = pooch.get_logger()
    level = logger.level
    logger.setLevel("CRITICAL")  # the messages above are enough
    try:
        pooch.retrieve(
            f"{mirror}{file.name}.gz",
            known_hash=f"md5:{file.gz_md5}",
            fname=f"{file.name}.gz",
            path=folder,
            downloader=receive,
        )
    finally:
        logger.setLevel(level)


def _pieces(url: str, destination: str, size: int) -> Iterator[int]:
    """Save what the address sends, `size` bytes at most; yields how many have come so far.

    pooch's own downloader would follow an endless or a trickling answer for ever.
    """
    import requests

    as_it_is = {"Accept-Encoding": "identity"}  # the .gz is not to be unpacked on the way
    began, got = time.monotonic(), 0
    with (
        requests.get(url, stream=True, timeout=(PATIENCE, SILENCE), headers=as_it_is) as answer,
        open(destination, "wb") as file,
    ):
        answer.raise_for_status()
        for piece in answer.iter_content(_PIECE):
            got += len(piece)
            if got > size:
                raise ConnectionError(f"sends more than the {size} bytes of the file")
            if time.monotonic() - began > SILENCE + got / SLOWEST:
                raise ConnectionError(f"sends less than {SLOWEST // 1000} kB a second")
            file.write(piece)
            yield got

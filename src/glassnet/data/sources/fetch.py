"""Download files from mirrors through pooch, with short timeouts."""

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
SLOWEST = 10_000  # bytes per second; anything slower fails: 45 minutes for Fashion-MNIST


@dataclass(frozen=True)
class File:
    """A published IDX file: the shape and hash of its contents, and those of its .gz file."""

    name: str
    shape: tuple[int, ...]
    sha256: str  # of the decompressed contents
    gz_bytes: int
    gz_md5: str


def fetch(files: Iterable[File], folder: Path, mirrors: Sequence[str] = MIRRORS) -> str:
    """Download NAME.gz of each file to the folder; return the mirror of the last file.

    After a failure, the next mirror continues with the missing files. Raises GlassnetError with
    the reason for each mirror.
    """
    missing, reasons = list(files), []
    unreachable = _unreachable(mirrors)
    for mirror in mirrors:
        if mirror in unreachable:
            reasons.append(f"{urlsplit(mirror).netloc}: {unreachable[mirror]}")
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
    """Return the mirrors that can't be connected to, with the reason, after PATIENCE seconds.

    All are tried at once, each in a thread, because name resolution has no timeout.
    """
    reasons = dict.fromkeys(mirrors, f"no answer within {PATIENCE:g} s")

    def connect(mirror: str) -> None:
        try:
            socket.create_connection(_host_and_port(mirror), timeout=PATIENCE).close()
            reasons.pop(mirror)
        except (OSError, ValueError) as error:  # ValueError: an invalid address
            reasons[mirror] = getattr(error, "strerror", None) or str(error)

    threads = [threading.Thread(target=connect, args=(m,), daemon=True) for m in mirrors]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + PATIENCE
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    return dict(reasons)


def _host_and_port(address: str) -> tuple[str, int]:
    """Return the host and port that serve the address: its own, or those of the proxy."""
    from urllib.request import getproxies, proxy_bypass  # here, because it imports http and ssl

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
        for received in _pieces(url, destination, file.gz_bytes):
            if quarter < (quarter := 4 * received // file.gz_bytes) < 4:
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
    """Save the response, at most `size` bytes; yield the number of bytes received so far.

    pooch's own downloader would wait forever for an endless or a very slow response.
    """
    import requests

    headers = {"Accept-Encoding": "identity"}  # the .gz must not be decompressed in transit
    start, received = time.monotonic(), 0
    with (
        requests.get(url, stream=True, timeout=(PATIENCE, SILENCE), headers=headers) as response,
        open(destination, "wb") as file,
    ):
        response.raise_for_status()
        for piece in response.iter_content(_PIECE):
            received += len(piece)
            if received > size:
                raise ConnectionError(f"sends more than the {size} bytes of the file")
            if time.monotonic() - start > SILENCE + received / SLOWEST:
                raise ConnectionError(f"sends less than {SLOWEST // 1000} kB a second")
            file.write(piece)
            yield received

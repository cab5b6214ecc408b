"""Downloads from local servers, valid ones and all kinds of faulty ones."""

import gzip
import hashlib
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from glassnet.core.errors import GlassnetError
from glassnet.data.sources import fetch as module
from glassnet.data.sources.fetch import File, fetch

CONTENTS = {name: gzip.compress(name.encode() * 200_000, 1, mtime=0) for name in ("one", "two")}
BIG = bytes(range(256)) * 8_000  # 2 MB
CONTENTS["big"] = BIG


def as_file(name: str) -> File:
    data = CONTENTS[name]
    return File(name, (1,), "", len(data), hashlib.md5(data).hexdigest())


class Handler(BaseHTTPRequestHandler):
    """/KIND/NAME.gz: the file, or what goes wrong with it."""

    def do_GET(self) -> None:
        _, kind, name = self.path.split("/")
        data = CONTENTS[name.removesuffix(".gz")]
        self.server.asked.append(self.path)  # type: ignore[attr-defined]
        if kind == "gone" or (kind == "half" and "two" in name):
            self.send_error(404)
            return
        self.send_response(200)
        if kind == "chunked":
            self.send_header("Transfer-Encoding", "chunked")
        elif kind != "endless":
            self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        try:
            self._body(kind, data)
        except OSError:
            self.close_connection = True  # the client has disconnected

    def _body(self, kind: str, data: bytes) -> None:
        if kind == "altered":
            self.wfile.write(data[:-1] + bytes([data[-1] ^ 1]))
        elif kind == "cut":
            self.wfile.write(data[:-10])
        elif kind == "endless":
            while True:
                self.wfile.write(data)
        elif kind == "stalled":
            self.wfile.write(data[:10])
            self.server.outlasted = not self.server.over.wait(600)  # type: ignore[attr-defined]
        elif kind == "chunked":
            for start in range(0, len(data), 1000):
                piece = data[start : start + 1000]
                self.wfile.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
            self.wfile.write(b"0\r\n\r\n")
        else:
            self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Quiet."""


class Server(ThreadingHTTPServer):
    """A server that records its requests."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[str] = []
        self.over = threading.Event()
        self.outlasted = False  # True if a client waited for a stalled response to its end

    def at(self, kind: str) -> str:
        return f"http://127.0.0.1:{self.server_port}/{kind}/"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with Server() as served:
        thread = threading.Thread(target=served.serve_forever, args=(0.01,))
        thread.start()
        yield served
        served.over.set()
        served.shutdown()
        thread.join()


@pytest.fixture
def closed() -> str:
    """An address where no server listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}/"


ALL = [as_file("one"), as_file("two")]


@pytest.mark.parametrize("kind", ["right", "chunked"])
def test_right_files(server: Server, tmp_path: Path, kind: str, messages: list[str]) -> None:
    assert fetch(ALL, tmp_path, [server.at(kind)]) == server.at(kind)
    for name in ("one", "two"):
        assert (tmp_path / f"{name}.gz").read_bytes() == CONTENTS[name]
    assert messages[0].startswith("fetching one (0.1 MB) from 127.0.0.1")
    assert len(messages) <= 8


def test_progress_is_a_few_lines(server: Server, tmp_path: Path, messages: list[str]) -> None:
    fetch([as_file("big")], tmp_path, [server.at("right")])
    assert [line[-3:] for line in messages[1:]] == ["25%", "50%", "75%"]
    assert "(2 MB)" in messages[0]


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("gone", "404"),
        ("altered", "hash"),
        ("cut", "IncompleteRead|hash"),
        ("endless", "sends more than"),
    ],
)
def test_a_bad_mirror_is_left_for_the_next(
    server: Server, tmp_path: Path, kind: str, words: str, messages: list[str]
) -> None:
    mirrors = [server.at(kind), server.at("right")]
    assert fetch(ALL, tmp_path, mirrors) == server.at("right")
    assert len([path for path in server.asked if kind in path]) == 1
    with pytest.raises(GlassnetError, match=words):
        fetch(ALL, tmp_path / "new", mirrors[:1])
    assert not list((tmp_path / "new").glob("*.gz"))


def test_what_a_bad_mirror_had_is_kept(server: Server, tmp_path: Path) -> None:
    fetch(ALL, tmp_path, [server.at("half"), server.at("right")])
    assert server.asked == ["/half/one.gz", "/half/two.gz", "/right/two.gz"]


def test_a_stalled_mirror_is_given_up(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It stalls until it is given up; the other mirror has time, however busy the machine is."""
    import requests

    monkeypatch.setattr(module, "PATIENCE", 600.0)
    monkeypatch.setattr(module, "SILENCE", 500.0)
    get = requests.get

    def hurried(url: str, timeout: tuple[float, float], **options: Any) -> requests.Response:
        assert timeout == (600.0, 500.0)
        return get(url, timeout=(600.0, 0.1) if "stalled" in url else timeout, **options)

    monkeypatch.setattr(requests, "get", hurried)
    mirrors = [server.at("stalled"), server.at("right")]
    assert fetch(ALL, tmp_path, mirrors) == server.at("right")
    assert not server.outlasted


def test_a_slow_mirror_is_given_up(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SLOWEST", 10**15)
    monkeypatch.setattr(module, "SILENCE", 1e-4)
    with pytest.raises(GlassnetError, match=r"a second|timed out|timeout"):
        fetch(ALL, tmp_path, [server.at("right")])


def test_a_dead_network_is_given_up_soon(
    closed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.5)
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    began = time.monotonic()
    nowhere = "http://name.invalid/"
    with socket.socket() as deaf:  # listens, but its queue is full: connections hang
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        address = f"http://127.0.0.1:{deaf.getsockname()[1]}/"
        with pytest.raises(GlassnetError) as caught:
            fetch(ALL, tmp_path, [closed, nowhere, address])
    assert time.monotonic() - began < 3
    assert "Connection refused" in str(caught.value)
    assert "name.invalid" in str(caught.value)


def test_connections_go_to_the_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    assert module._host_and_port("http://far.example/x/") == ("far.example", 80)
    assert module._host_and_port("https://far.example/x/") == ("far.example", 443)
    monkeypatch.setenv("https_proxy", "http://near.example:3128")
    monkeypatch.setenv("no_proxy", "own.example")
    assert module._host_and_port("https://far.example/x/") == ("near.example", 3128)
    assert module._host_and_port("https://own.example/x/") == ("own.example", 443)
    assert module._host_and_port("http://far.example/x/") == ("far.example", 80)

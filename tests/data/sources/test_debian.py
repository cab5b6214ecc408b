"""Debian's package, fetched with apt from local archives and from the real one."""

import hashlib
import os
import platform
import shutil
import subprocess
from pathlib import Path

import pytest

from glassnet.core.errors import GlassnetError
from glassnet.data.sources import debian, fashion_mnist

needs_apt = pytest.mark.skipif(not debian._on_debian(), reason="needs Debian's or Ubuntu's apt")
INSIDE = "usr/share/datasets/fashion-mnist"


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An unsigned archive with a small version of the package, and a folder for apt's sources."""
    (tmp_path / "tree" / INSIDE).mkdir(parents=True)
    (tmp_path / "tree" / INSIDE / "train-labels-idx1-ubyte.gz").write_bytes(b"small")
    (tmp_path / "tree/DEBIAN").mkdir(mode=0o755)
    control = (
        f"Package: {debian.PACKAGE}\nVersion: 99\nArchitecture: all\n"
        "Maintainer: nobody <nobody@localhost>\nDescription: made by a test\n"
    )
    (tmp_path / "tree/DEBIAN/control").write_text(control)
    deb = tmp_path / "archive" / "package.deb"
    deb.parent.mkdir()
    subprocess.run(
        ["dpkg-deb", "--root-owner-group", "-b", tmp_path / "tree", deb],
        check=True,
        capture_output=True,
    )
    (deb.parent / "Packages").write_text(
        f"{control}Filename: ./package.deb\nSize: {deb.stat().st_size}\n"
        f"SHA256: {hashlib.sha256(deb.read_bytes()).hexdigest()}\n"
    )
    config = tmp_path / "machine.conf"
    config.write_text(
        f'Dir::Etc::sourcelist "/dev/null";\nDir::Etc::sourceparts "{tmp_path}/sources";\n'
        f'APT::Update::Post-Invoke {{ "touch {tmp_path}/hook" }};\n'
        'Acquire::AllowInsecureRepositories "true";\nAPT::Get::AllowUnauthenticated "true";\n'
    )
    (tmp_path / "sources").mkdir()
    monkeypatch.setenv("APT_CONFIG", str(config))
    return deb.parent


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "into").mkdir()
    return tmp_path / "into"


@needs_apt
def test_unpacked_beside_a_broken_source(
    archive: Path, folder: Path, tmp_path: Path, messages: list[str]
) -> None:
    (tmp_path / "sources/good.list").write_text(f"deb [trusted=yes] file:{archive} ./\n")
    (tmp_path / "sources/broken.list").write_text("deb http://127.0.0.1:9/ third party\n")
    assert debian.unpack(folder) == f"Debian's package {debian.PACKAGE}_99_all.deb"
    assert (folder / "train-labels-idx1-ubyte.gz").read_bytes() == b"small"
    assert len(messages) == 1
    assert not (tmp_path / "hook").exists()  # the system's hooks are not run


@needs_apt
def test_unsigned_is_refused(archive: Path, folder: Path, tmp_path: Path) -> None:
    """Even if the system's configuration would allow it."""
    (tmp_path / "sources/unsigned.list").write_text(f"deb file:{archive} ./\n")
    with pytest.raises(GlassnetError, match=r"Debian's package .*: E: "):
        debian.unpack(folder)
    assert not list(folder.glob("*.gz"))


@needs_apt
def test_no_archive_has_it(archive: Path, folder: Path) -> None:
    with pytest.raises(GlassnetError, match="Unable to locate package"):
        debian.unpack(folder)


@needs_apt
def test_time_is_limited(tmp_path: Path) -> None:
    with pytest.raises(GlassnetError, match=r"sleep took over 0.1 s"):
        debian._run(tmp_path, 0.1, "sleep", "5")
    with pytest.raises(GlassnetError, match="No such file"):
        debian._run(tmp_path, 1, "no-such-program")


def test_elsewhere_than_on_debian(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "freedesktop_os_release", lambda: {"ID": "fedora"})
    with pytest.raises(GlassnetError, match="this system has no apt"):
        debian.unpack(folder)
    monkeypatch.setattr(
        platform, "freedesktop_os_release", lambda: {"ID": "x", "ID_LIKE": "ubuntu debian"}
    )
    assert debian._on_debian() == bool(shutil.which("apt-get") and shutil.which("dpkg-deb"))


@needs_apt
def test_the_real_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Downloaded from the system's archive, verified, and stored."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    before = {path for path in Path("/var/lib/apt").glob("**/*") if os.access(path, os.R_OK)}
    try:
        dataset = fashion_mnist._verified(debian.unpack, tmp_path / "cache")
    except GlassnetError as error:
        if any(words in str(error) for words in ("resolving", "connect", "timed out")):
            pytest.skip(f"the archive can't be reached: {error}")
        raise
    assert len(dataset.x_train) == 60000
    assert len(list((tmp_path / "cache").iterdir())) == 4
    assert before == {
        path for path in Path("/var/lib/apt").glob("**/*") if os.access(path, os.R_OK)
    }

"""Fetch Fashion-MNIST from Debian's and Ubuntu's own package, without root or an installation.

apt downloads it with the system's sources and keys, but keeps its lists, archives and status in a
private folder. Signatures are verified as always.
"""

import logging
import os
import platform
import shutil
import subprocess
from pathlib import Path

from glassnet.core.errors import GlassnetError

log = logging.getLogger(__name__)

PACKAGE = "dataset-fashion-mnist"
_WHERE = f"Debian's package {PACKAGE}"

# Read after the system's configuration. Its hooks (such as emptying the archives) are meant for
# root, and only the package list is needed, not icons, translations or sources.
_CONFIG = """\
Dir::State "{folder}/state";
Dir::State::lists "{folder}/state/lists";
Dir::State::status "{folder}/status";
Dir::Cache "{folder}/cache";
Dir::Cache::archives "{folder}/cache/archives";
Dir::Log "{folder}/log";
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
APT::Sandbox::User "root";
APT::Get::AllowUnauthenticated "false";
Acquire::AllowInsecureRepositories "false";
Acquire::Languages "none";
Acquire::Retries "0";
Acquire::EnableSrvRecords "false";
Acquire::http::Timeout "8";
Acquire::https::Timeout "8";
Acquire::IndexTargets::deb-src::Sources::DefaultEnabled "false";
Acquire::IndexTargets::deb::CNF::DefaultEnabled "false";
Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled "false";
Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
Acquire::IndexTargets::deb::DEP-11-icons::DefaultEnabled "false";
Acquire::IndexTargets::deb::DEP-11-icons-small::DefaultEnabled "false";
Acquire::IndexTargets::deb::DEP-11-icons-large::DefaultEnabled "false";
Acquire::IndexTargets::deb::DEP-11-icons-hidpi::DefaultEnabled "false";
Acquire::IndexTargets::deb::DEP-11-icons-large-hidpi::DefaultEnabled "false";
"""


def unpack(folder: Path) -> str:
    """Put the package's four files into the folder; return the name of their source.

    Raises GlassnetError on other systems, and with apt's own message if apt fails.
    """
    if not _on_debian():
        raise GlassnetError("this system has no apt.", where=_WHERE)
    work = folder / "apt"
    for subfolder in ("state/lists/partial", "cache/archives/partial"):
        (work / subfolder).mkdir(parents=True)
    (work / "status").touch()  # nothing is installed, so there are no conflicts
    (work / "apt.conf").write_text(_CONFIG.format(folder=work))

    log.info(f"fetching Debian's package {PACKAGE} (31 MB, and the list of packages) with apt")
    apt = ("apt-get", "-c", "apt.conf", "-q")
    update = _run(work, 300, *apt, "update")  # may fail because of one broken source among others
    download = _run(work, 900, *apt, "download", PACKAGE)
    packages = list(work.glob(f"{PACKAGE}_*.deb"))
    if download.returncode or not packages:
        raise GlassnetError(_complaint(update.stderr + download.stderr), where=_WHERE)
    extraction = _run(work, 120, "dpkg-deb", "-x", str(packages[0]), "files")
    files = list((work / "files/usr/share/datasets/fashion-mnist").glob("*"))
    if extraction.returncode or not files:
        raise GlassnetError(f"can't be unpacked. {_complaint(extraction.stderr)}", where=_WHERE)
    for path in files:
        path.rename(folder / path.name)
    return f"Debian's package {packages[0].name}"


def _on_debian() -> bool:
    try:
        system = platform.freedesktop_os_release()
    except OSError:
        return False
    family = {system.get("ID"), *system.get("ID_LIKE", "").split()}
    return "debian" in family and bool(shutil.which("apt-get") and shutil.which("dpkg-deb"))


def _run(folder: Path, seconds: float, *command: str) -> subprocess.CompletedProcess[str]:
    # RES_OPTIONS: the resolver gives up after 2 s instead of 10.
    overrides = {
        "LC_ALL": "C",
        "DEBIAN_FRONTEND": "noninteractive",
        "RES_OPTIONS": "timeout:2 attempts:1",
    }
    try:
        return subprocess.run(
            command,
            cwd=folder,
            env=os.environ | overrides,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=seconds,
        )
    except subprocess.TimeoutExpired as error:
        raise GlassnetError(f"{command[0]} took over {seconds:g} s.", where=_WHERE) from error
    except OSError as error:
        raise GlassnetError(f"{command[0]}: {error.strerror}.", where=_WHERE) from error


def _complaint(text: str) -> str:
    """Return the first and the last error or warning of apt."""
    lines = [line.strip() for line in text.splitlines() if line[:2] in ("E:", "W:")]
    return " ... ".join(dict.fromkeys((*lines[:1], *lines[-1:]))) or "no reason given."

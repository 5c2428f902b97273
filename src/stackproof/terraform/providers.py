"""Where provider packages lie on this machine, and whether they are the ones that the lock file means.

A filesystem mirror has the layout HOST/NAMESPACE/TYPE/VERSION/TARGET, unpacked, or a zip file beside the versions:
https://developer.hashicorp.com/terraform/cli/config/config-file#filesystem_mirror
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import os
import platform
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from stackproof.errors import CacheError, TerraformError
from stackproof.terraform.lockfile import LockedProvider
from stackproof.terraform.plan_cache import PlanCache

DEFAULT_HOST = "registry.terraform.io"
PREFIXES = (Path("/opt"), Path("/usr/share"), Path("/usr/local/share"))
DEPTH_BELOW_PREFIX = 3

_MACHINES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64", "i386": "386", "i686": "386"}


@dataclass(frozen=True)
class Package:
    """One unpacked provider package: `folder` holds its executable."""

    address: str
    version: str
    folder: Path

    @property
    def executable(self) -> Path:
        """The provider's program; raises TerraformError where the folder holds none."""
        name = self.address.rsplit("/", 1)[-1]
        for file in sorted(self.folder.glob(f"terraform-provider-{name}*")):
            if file.is_file() and os.access(file, os.X_OK):
                return file
        raise TerraformError(f"holds no executable terraform-provider-{name}", where=str(self.folder))


def target() -> str:
    """The machine at hand in Terraform's words, such as `linux_amd64`."""
    machine = platform.machine().lower()
    return f"{platform.system().lower()}_{_MACHINES.get(machine, machine)}"


def find_mirrors() -> tuple[Path, ...]:
    """Folders laid out as filesystem mirrors: Terraform's implied ones, then any below the usual prefixes.

    The implied ones: https://developer.hashicorp.com/terraform/cli/config/config-file#implied-local-mirror-directories
    Below a prefix the nearest depth at which there is a mirror is taken.
    """
    data_home = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share"
    data_dirs = (os.environ.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share").split(":")
    implied = [
        Path.home() / ".terraform.d/plugins",
        Path(data_home) / "terraform/plugins",
        *(Path(folder) / "terraform/plugins" for folder in data_dirs),
    ]
    found = [folder for folder in implied if folder.is_dir() and any(folder.iterdir())]
    for prefix in PREFIXES:
        found += [folder for folder in _nearest_mirrors(prefix) if folder not in found]
    return tuple(found)


def addresses(mirror: Path) -> tuple[str, ...]:
    """The provider source addresses that a mirror serves for this machine, packed or unpacked, sorted."""
    unpacked = mirror.glob(f"*/*/*/*/{target()}")
    packed = mirror.glob(f"*/*/*/terraform-provider-*_{target()}.zip")
    folders = [path.parent.parent for path in unpacked] + [path.parent for path in packed]
    return tuple(sorted({folder.relative_to(mirror).as_posix() for folder in folders}))


def find_package(address: str, version: str, mirrors: Iterable[Path]) -> Package | None:
    """The unpacked package of exactly that version in the first mirror that has it."""
    for mirror in mirrors:
        folder = mirror / address / version / target()
        if folder.is_dir():
            return Package(address, version, folder)
    return None


def versions(address: str, mirrors: Iterable[Path]) -> tuple[str, ...]:
    """All versions of a provider in these mirrors, unpacked, sorted as text."""
    found = {path.parent.name for mirror in mirrors for path in (mirror / address).glob(f"*/{target()}")}
    return tuple(sorted(found))


def package_hash(folder: Path) -> str:
    """The `h1:` hash of an unpacked package, as Terraform records it in lock files.

    It is the base64 SHA-256 of a text with one line `SHA-256  NAME` a file, sorted by name:
    https://developer.hashicorp.com/terraform/language/files/dependency-lock#h1
    """
    lines = []
    # by the whole name: paths themselves sort folder by folder
    for name in sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()):
        with (folder / name).open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        lines.append(f"{digest}  {name}\n")
    summary = hashlib.sha256("".join(lines).encode()).digest()
    return f"h1:{base64.b64encode(summary).decode()}"


def verify(package: Package, locked: LockedProvider, known: PlanCache | None = None) -> None:
    """Raise TerraformError unless the package is one that the lock file allows.

    `known` keeps hashes: a package whose files have kept their inodes, sizes and times since is not read again.
    """
    found = _remembered_hash(package.folder, known) if known else package_hash(package.folder)
    if found not in locked.hashes:
        raise TerraformError(
            f"{package.address} {package.version} has the hash {found}, which the lock file does not list",
            where=str(package.folder),
            remedy="restore the package, or record it: terraform providers lock.",
        )


def _remembered_hash(folder: Path, known: PlanCache) -> str:
    looks = []
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        status = file.stat()
        # nobody can set the time of the last change of an inode, so a file that was replaced looks different
        looks.append((str(file), status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns))
    key = hashlib.sha256(repr(looks).encode()).hexdigest()
    kept = known.load(key)
    if kept is not None:
        return kept.decode()
    found = package_hash(folder)
    with contextlib.suppress(CacheError):  # it is read again the next time, and that is all
        known.store(key, found.encode())
    return found


def _nearest_mirrors(prefix: Path) -> Sequence[Path]:
    level = [prefix]
    for _ in range(DEPTH_BELOW_PREFIX):
        level = [child for folder in level for child in _folders(folder)]
        mirrors = sorted(folder for folder in level if (folder / DEFAULT_HOST).is_dir())
        if mirrors:
            return mirrors
    return ()


def _folders(folder: Path) -> list[Path]:
    try:
        with os.scandir(folder) as entries:
            return [Path(entry.path) for entry in entries if entry.is_dir(follow_symlinks=False)]
    except OSError:
        return []

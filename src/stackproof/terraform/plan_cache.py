"""Plans of stacks that have not changed, kept for this user only.

An entry is one file: a line with the SHA-256 of the rest, then the rest. It is written beside and moved into place,
so a reader meets a whole entry or none, and an entry that was damaged is taken for none.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from stackproof.errors import CacheError

KEPT_ENTRIES = 120
ASK_AGAIN_SECONDS = 0.05
WITHOUT = "use another folder (`cache` in [tool.stackproof]), or go without: --plan-cache=off."


class PlanCache:
    """A folder of entries by key. Raises CacheError where it cannot be written."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def load(self, key: str) -> bytes | None:
        """The entry for a key; None where there is none, or only a damaged one."""
        try:
            raw = self._file(key).read_bytes()
        except OSError:
            return None
        digest, _, payload = raw.partition(b"\n")
        return payload if hashlib.sha256(payload).hexdigest().encode() == digest else None

    def store(self, key: str, payload: bytes) -> None:
        """Keep an entry, readable by this user alone."""
        self._prepare()
        temporary = None
        try:
            handle, name = tempfile.mkstemp(dir=self._folder, prefix=".writing-")
            temporary = Path(name)
            with os.fdopen(handle, "wb") as stream:
                stream.write(hashlib.sha256(payload).hexdigest().encode() + b"\n")
                stream.write(payload)
            temporary.replace(self._file(key))
        except OSError as error:
            raise CacheError(
                f"the plan cannot be kept: {error.strerror}", where=str(self._folder), remedy=WITHOUT
            ) from None
        finally:
            if temporary is not None:
                temporary.unlink(missing_ok=True)
        self._forget_oldest()

    def forget(self, key: str) -> None:
        """Drop the entry for a key, if there is one."""
        with contextlib.suppress(OSError):
            self._file(key).unlink(missing_ok=True)

    @contextlib.contextmanager
    def locked(self, key: str, *, given_up: Callable[[], bool] = lambda: False) -> Iterator[Path]:
        """Let one process at a time make the entry for a key, and give it the folder.

        The lock goes with its holder, however it ends. Raises CacheError where it was waited for until `given_up`.
        """
        self._prepare()
        try:
            handle = os.open(self._folder / f"{key}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise CacheError(f"cannot be used: {error.strerror}", where=str(self._folder), remedy=WITHOUT) from None
        try:
            while not _taken(handle):
                if given_up():
                    raise CacheError("another process holds it, and the wait was given up", where=str(self._folder))
                time.sleep(ASK_AGAIN_SECONDS)
            yield self._folder
        finally:
            os.close(handle)

    def _prepare(self) -> None:
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise CacheError(f"cannot be made: {error.strerror}", where=str(self._folder), remedy=WITHOUT) from None

    def _file(self, key: str) -> Path:
        return self._folder / f"{key}.plan"

    def _forget_oldest(self) -> None:
        with contextlib.suppress(OSError):
            entries = sorted(self._folder.glob("*.plan"), key=lambda file: file.stat().st_mtime, reverse=True)
            for entry in entries[KEPT_ENTRIES:]:
                entry.unlink(missing_ok=True)
                entry.with_suffix(".lock").unlink(missing_ok=True)
            an_hour_ago = time.time() - 3600
            for leftover in self._folder.glob(".writing-*"):
                if leftover.stat().st_mtime < an_hour_ago:
                    leftover.unlink(missing_ok=True)


def _taken(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def default_cache_folder() -> Path:
    """`stackproof` below XDG_CACHE_HOME: https://specifications.freedesktop.org/basedir-spec/latest/."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "stackproof"

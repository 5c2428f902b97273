from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackproof.errors import CacheError
from stackproof.terraform import plan_cache
from stackproof.terraform.plan_cache import PlanCache, default_cache_folder

REMEDY = "Use another folder (`cache` in [tool.stackproof]), or go without: --plan-cache=off."
NOBODY = 65534


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cache/plans"


@pytest.fixture
def cache(folder: Path) -> PlanCache:
    return PlanCache(folder)


def process(code: str, *arguments: object) -> subprocess.Popen[str]:
    """A Python of its own that has a cache, made of its first argument."""
    words = ["import sys", "from pathlib import Path", "from stackproof.terraform.plan_cache import PlanCache"]
    program = "\n".join([*words, "cache = PlanCache(Path(sys.argv[1]))", code])
    return subprocess.Popen(
        [sys.executable, "-c", program, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


class TestEntries:
    @pytest.mark.parametrize("payload", [b"{}", b"", b"\n\n", b"\x00\xff", b"x" * 1_000_000])
    def test_what_is_stored_is_loaded(self, cache: PlanCache, payload: bytes) -> None:
        cache.store("key", payload)
        assert cache.load("key") == payload

    def test_each_key_has_its_own_entry_and_the_last_one_counts(self, cache: PlanCache) -> None:
        cache.store("a", b"first")
        cache.store("b", b"other")
        cache.store("a", b"second")
        assert (cache.load("a"), cache.load("b"), cache.load("c")) == (b"second", b"other", None)

    def test_a_forgotten_entry_is_gone(self, cache: PlanCache) -> None:
        cache.store("a", b"x")
        cache.forget("a")
        cache.forget("never there")
        assert cache.load("a") is None

    def test_looking_for_an_entry_makes_no_folder(self, cache: PlanCache, folder: Path) -> None:
        assert cache.load("a") is None
        cache.forget("a")
        assert not folder.exists()

    def test_only_the_user_can_read_folder_entries_and_locks(self, cache: PlanCache, folder: Path) -> None:
        before = os.umask(0)
        try:
            cache.store("a", b"x")
            with cache.locked("a"):
                pass
        finally:
            os.umask(before)
        assert folder.stat().st_mode & 0o777 == 0o700
        assert {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()} == {
            "a.plan": 0o600,
            "a.lock": 0o600,
        }

    def test_entries_are_private_in_a_folder_that_is_not(self, cache: PlanCache, folder: Path) -> None:
        folder.mkdir(parents=True)
        folder.chmod(0o777)
        cache.store("a", b"x")
        assert (folder / "a.plan").stat().st_mode & 0o777 == 0o600

    def test_the_oldest_entries_make_room(
        self, cache: PlanCache, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(plan_cache, "KEPT_ENTRIES", 2)
        for age, key in enumerate(["new", "old", "older"]):
            cache.store(key, b"x")
            os.utime(folder / f"{key}.plan", (time.time() - 100 * (age + 1),) * 2)
        cache.store("newest", b"x")
        assert names(folder) == ["new.plan", "newest.plan"]


class TestDamagedEntries:
    def test_an_entry_cut_anywhere_is_none(self, cache: PlanCache, folder: Path) -> None:
        cache.store("a", b"payload")
        whole = (folder / "a.plan").read_bytes()
        for length in range(len(whole)):
            (folder / "a.plan").write_bytes(whole[:length])
            assert cache.load("a") is None

    @given(position=st.integers(min_value=0), bit=st.integers(0, 7))
    def test_an_entry_with_one_bit_turned_is_none(self, position: int, bit: int) -> None:
        with tempfile.TemporaryDirectory() as name:
            cache = PlanCache(Path(name))
            cache.store("a", b"payload")
            raw = bytearray((Path(name) / "a.plan").read_bytes())
            raw[position % len(raw)] ^= 1 << bit
            (Path(name) / "a.plan").write_bytes(raw)
            assert cache.load("a") is None

    @pytest.mark.parametrize("content", [b"", b"\n", b"{}", b"no digest\n{}", b"\x00" * 100, b"0" * 64 + b"\n{}"])
    def test_a_foreign_file_is_none_and_can_be_replaced(self, cache: PlanCache, folder: Path, content: bytes) -> None:
        folder.mkdir(parents=True)
        (folder / "a.plan").write_bytes(content)
        assert cache.load("a") is None
        cache.store("a", b"mended")
        assert cache.load("a") == b"mended"

    def test_a_folder_in_an_entrys_place_is_none(self, cache: PlanCache, folder: Path) -> None:
        (folder / "a.plan").mkdir(parents=True)
        assert cache.load("a") is None
        with pytest.raises(CacheError, match="the plan cannot be kept"):
            cache.store("a", b"x")
        assert names(folder) == ["a.plan"]


class TestWriting:
    def test_a_reader_meets_a_whole_entry_while_others_write(self, cache: PlanCache) -> None:
        payloads = [letter * 300_000 for letter in (b"a", b"b")]
        cache.store("key", payloads[0])
        ended = threading.Event()

        def write() -> None:
            for number in range(60):
                cache.store("key", payloads[number % 2])
            ended.set()

        writer = threading.Thread(target=write)
        writer.start()
        seen = set()
        while not ended.is_set():
            seen.add(cache.load("key"))
        writer.join()
        assert seen <= set(payloads)

    def test_a_writer_that_dies_halfway_leaves_the_old_entry(self, cache: PlanCache, folder: Path) -> None:
        cache.store("a", b"old")
        # the kernel ends the process in the middle of its write
        dying = process(
            "import resource, signal\n"
            "signal.signal(signal.SIGXFSZ, signal.SIG_DFL)\n"
            "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
            "cache.store('a', b'x' * 100_000)\n",
            folder,
        )
        dying.communicate(timeout=30)
        assert dying.returncode == -signal.SIGXFSZ
        (half,) = folder.glob(".writing-*")
        assert half.stat().st_size == 4096
        assert cache.load("a") == b"old"

    def test_what_a_dead_writer_left_is_cleared_away_after_an_hour(self, cache: PlanCache, folder: Path) -> None:
        folder.mkdir(parents=True)
        for name, age in ((".writing-dead", 3700), (".writing-alive", 60)):
            (folder / name).touch()
            os.utime(folder / name, (time.time() - age,) * 2)
        cache.store("a", b"x")
        assert names(folder) == [".writing-alive", "a.plan"]

    def test_a_full_disk_is_one_line_and_leaves_nothing_behind(self, cache: PlanCache, folder: Path) -> None:
        cache.store("a", b"old")
        full = process(
            "import resource\n"
            "from stackproof.errors import CacheError\n"
            "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
            "try:\n    cache.store('a', b'x' * 100_000)\n"
            "except CacheError as error:\n    print(error)\n",
            folder,
        )
        out, err = full.communicate(timeout=30)
        assert err == ""
        assert out == f"{folder}: the plan cannot be kept: File too large. {REMEDY}\n"
        assert names(folder) == ["a.plan"]
        assert cache.load("a") == b"old"

    def test_a_disk_that_fills_with_the_last_byte_is_one_line_too(
        self, cache: PlanCache, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def replace(self: Path, _: Path) -> Path:
            raise OSError(28, os.strerror(28), str(self))

        monkeypatch.setattr(Path, "replace", replace)
        with pytest.raises(CacheError, match="the plan cannot be kept: No space left on device"):
            cache.store("a", b"x")
        assert names(folder) == []


@pytest.fixture
def unwritable() -> Iterator[Path]:
    """A folder that this process may read but not write, even where root runs the tests."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o555)
        if os.geteuid() == 0:
            os.seteuid(NOBODY)
            try:
                yield folder
            finally:
                os.seteuid(0)
        else:
            yield folder
        folder.chmod(0o700)


class TestUnwritableFolders:
    def test_a_folder_that_cannot_be_written_is_one_line(self, unwritable: Path) -> None:
        with pytest.raises(CacheError) as caught:
            PlanCache(unwritable).store("a", b"x")
        assert str(caught.value) == f"{unwritable}: the plan cannot be kept: Permission denied. {REMEDY}"
        assert names(unwritable) == []

    def test_a_folder_that_cannot_be_made_is_one_line(self, unwritable: Path) -> None:
        with pytest.raises(CacheError) as caught:
            PlanCache(unwritable / "plans").store("a", b"x")
        assert str(caught.value) == f"{unwritable / 'plans'}: cannot be made: Permission denied. {REMEDY}"

    def test_a_lock_that_cannot_be_made_is_one_line(self, unwritable: Path) -> None:
        with (
            pytest.raises(CacheError, match=r"cannot be used: Permission denied\. Use another folder"),
            PlanCache(unwritable).locked("a"),
        ):
            pass

    def test_a_file_in_the_folders_place_is_one_line(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        with pytest.raises(CacheError, match="cannot be made: File exists"):
            PlanCache(tmp_path / "file").store("a", b"x")
        assert PlanCache(tmp_path / "file").load("a") is None


HOLD = """
import time
with cache.locked("a"):
    print("held", flush=True)
    time.sleep(60)
"""


class TestLocks:
    def test_a_second_process_waits_until_a_killed_holder_is_gone(self, cache: PlanCache, folder: Path) -> None:
        holder = process(HOLD, folder)
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        got_it = threading.Event()

        def wait_for_it() -> None:
            with cache.locked("a"):
                got_it.set()

        waiting = threading.Thread(target=wait_for_it)
        waiting.start()
        assert not got_it.wait(0.2)
        holder.kill()
        holder.communicate()
        assert got_it.wait(10)
        waiting.join()

    def test_another_keys_lock_is_free(self, cache: PlanCache) -> None:
        with cache.locked("a"), cache.locked("b"):
            pass

    def test_a_lock_is_free_again_after_an_error(self, cache: PlanCache) -> None:
        with pytest.raises(RuntimeError), cache.locked("a"):
            raise RuntimeError
        with cache.locked("a"):
            pass

    def test_entries_can_be_stored_and_loaded_under_the_lock(self, cache: PlanCache) -> None:
        with cache.locked("a"):
            cache.store("a", b"x")
            assert cache.load("a") == b"x"


def test_the_cache_lies_where_xdg_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert default_cache_folder() == tmp_path / "xdg/stackproof"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert default_cache_folder() == tmp_path / ".cache/stackproof"

"""Timing whole commands in turn, so that a machine that slows down slows all of them."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

SAMPLE_SECONDS = 0.05


@dataclass(frozen=True)
class Candidate:
    """A command to time: its words, where it runs, and its environment."""

    name: str
    argv: Sequence[str]
    folder: Path
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))


@dataclass
class Figures:
    """What one candidate took: seconds of each run, and the most memory (MB) that all its processes had at once."""

    seconds: list[float] = field(default_factory=list)
    megabytes: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)


def in_turn(candidates: Sequence[Candidate], rounds: int, *, warm_up: bool = True) -> dict[str, Figures]:
    """Run every candidate once a round; a first round that is not counted warms the disk's cache.

    Raises SystemExit with its output where a candidate fails: a failed command has no time.
    """
    figures = {candidate.name: Figures() for candidate in candidates}
    for number in range(rounds + warm_up):
        counted = number >= warm_up
        for candidate in candidates:
            seconds, megabytes = _run(candidate)
            print(
                f"  {'round' if counted else 'warm-up'} {number + 1 - warm_up}: {candidate.name} {seconds:.2f} s",
                file=sys.stderr,
            )
            if counted:
                figures[candidate.name].seconds.append(seconds)
                figures[candidate.name].megabytes.append(megabytes)
    return figures


def _run(candidate: Candidate) -> tuple[float, float]:
    began = time.perf_counter()
    process = subprocess.Popen(
        candidate.argv,
        cwd=candidate.folder,
        env=dict(candidate.environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    peak: list[float] = [0.0]
    watcher = threading.Thread(target=_watch, args=(process.pid, peak), daemon=True)
    watcher.start()
    output, _ = process.communicate()
    seconds = time.perf_counter() - began
    watcher.join()
    if process.returncode != 0:
        raise SystemExit(f"{candidate.name} failed:\n{output[-4000:]}")
    return seconds, peak[0]


def _watch(pid: int, peak: list[float]) -> None:
    try:
        root = psutil.Process(pid)
        while root.is_running() and root.status() != psutil.STATUS_ZOMBIE:
            total = 0
            for process in [root, *root.children(recursive=True)]:
                try:
                    total += process.memory_info().rss
                except psutil.NoSuchProcess:
                    continue
            peak[0] = max(peak[0], total / 1e6)
            time.sleep(SAMPLE_SECONDS)
    except psutil.NoSuchProcess:
        return

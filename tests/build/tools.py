"""The commands that a build calls, as stand-ins on PATH."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

NAMES = ("aws", "docker", "python", "sleep")

PASSWORD = "the-password-of-the-registry"

ALWAYS = 10**6


@dataclass(frozen=True)
class Call:
    """One call: its words, and what it was given on standard input where it reads a password there."""

    words: tuple[str, ...]
    stdin: str

    @property
    def line(self) -> str:
        """The words as one would type them."""
        return " ".join(self.words)

    def options(self, name: str) -> list[str]:
        """The values of an option, in order."""
        return [value for option, value in pairwise(self.words) if option == name]


@dataclass
class Tools:
    """The stand-ins in a folder; they print nothing and succeed, where they are not told otherwise."""

    folder: Path
    answers: dict[str, dict[str, str | int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        (self.folder / "bin").mkdir(parents=True)
        code = Path(__file__).with_name("stand_in.py").read_text()
        for name in NAMES:
            script = self.folder / "bin" / name
            # without site, which nothing here needs and which takes half of the time
            script.write_text(f"#!{sys.executable} -IS\n{code}")
            script.chmod(0o755)
        self.say("aws ecr get-login-password", PASSWORD)
        self.has_images()

    @property
    def path(self) -> str:
        """A search path that finds the stand-ins first, then the system's commands."""
        return f"{self.folder / 'bin'}:/usr/bin:/bin"

    def say(self, start: str, text: str) -> None:
        """Let every call that begins so print something."""
        self.answers[start] = {"text": text, "failures": 0}

    def fail(self, start: str, times: int = ALWAYS) -> None:
        """Let calls that begin so fail, always or the first times."""
        self.answers[start] = {"text": "", "failures": times}

    def has_images(self, *tagged: Sequence[str]) -> None:
        """Let the registry hold images with these tags; one without any tag is always among them."""
        images = [{"imageDigest": "sha256:0"}, *({"imageTags": list(tags)} for tags in tagged)]
        self.say("aws ecr describe-images", json.dumps({"imageDetails": images}))

    def prepare(self) -> None:
        """Write down what the stand-ins have to answer."""
        query = find_spec("jmespath")
        assert query
        assert query.origin
        plan = {"answers": self.answers, "libraries": str(Path(query.origin).parents[1])}
        (self.folder / "answers.json").write_text(json.dumps(plan))

    def calls(self, start: str = "") -> list[Call]:
        """What was called, in order, of that which begins so."""
        file = self.folder / "calls.jsonl"
        lines = file.read_text().splitlines() if file.exists() else []
        every = [Call(tuple(call["words"]), call["stdin"]) for call in map(json.loads, lines)]
        return [call for call in every if call.line.startswith(start)]

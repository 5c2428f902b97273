"""The Dockerfile, read: its stages, and what each instruction of them says."""

from __future__ import annotations

import io
import json
import re
import shlex
from dataclasses import dataclass
from pathlib import Path

from dockerfile_parse import DockerfileParser

FILE = Path(__file__).resolve().parents[2] / "Dockerfile"


@dataclass(frozen=True)
class Instruction:
    """One instruction, its continuation lines joined."""

    name: str
    value: str

    @property
    def words(self) -> list[str]:
        """The value as a command line: a JSON list as it stands, else split as a shell would."""
        return json.loads(self.value) if self.value.startswith("[") else shlex.split(self.value)


@dataclass(frozen=True)
class Stage:
    """What is between one FROM and the next."""

    instructions: tuple[Instruction, ...]

    @property
    def base(self) -> str:
        return self.instructions[0].words[0]

    def all(self, name: str) -> list[Instruction]:
        return [instruction for instruction in self.instructions if instruction.name == name]

    def one(self, name: str) -> Instruction:
        (instruction,) = self.all(name)
        return instruction

    def pairs(self, name: str) -> dict[str, str]:
        """What all ENV, LABEL or ARG instructions set."""
        return dict(word.split("=", 1) for instruction in self.all(name) for word in instruction.words)


def stages(text: str | None = None) -> list[Stage]:
    """The stages, in order."""
    source = io.BytesIO((FILE.read_text() if text is None else text).encode())
    found: list[list[Instruction]] = []
    for part in DockerfileParser(fileobj=source).structure:
        if part["instruction"] == "COMMENT":
            continue
        if part["instruction"] == "FROM":
            found.append([])
        found[-1].append(Instruction(part["instruction"], re.sub(r"\s+", " ", part["value"]).strip()))
    return [Stage(tuple(instructions)) for instructions in found]

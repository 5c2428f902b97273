"""Terraform's own errors, with its own file and line, whichever way it prints them.

As JSON messages: https://developer.hashicorp.com/terraform/internals/machine-readable-ui
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stackproof.errors import TerraformError
from stackproof.terraform.children import Completed

_PLACE = re.compile(r"^\s*on (?P<file>.+?) line (?P<line>\d+)")
_PREAMBLE = "Terraform encountered problems during initiali"
_TAIL_LINES = 3
_TAIL_CHARACTERS = 500


@dataclass(frozen=True)
class Diagnostic:
    """One error: its summary, its detail, and where Terraform says it is (None where it says nothing)."""

    summary: str
    detail: str = ""
    file: str | None = None
    line: int | None = None
    address: str | None = None

    def sentence(self) -> str:
        """Summary and detail on one line."""
        detail = " ".join(self.detail.split())
        return f"{self.summary}: {detail}" if detail else self.summary


class TerraformFailed(TerraformError):
    """Terraform ended with an error; `diagnostics` holds all that it said, the first one makes the message."""

    def __init__(self, command: str, folder: Path, diagnostics: Sequence[Diagnostic]) -> None:
        first = diagnostics[0]
        more = f" (and {len(diagnostics) - 1} more)" if len(diagnostics) > 1 else ""
        where = _shown_place(folder, first) if first.file else str(folder)
        super().__init__(f"terraform {command} failed: {first.sentence()}{more}", where=where)
        self.diagnostics = tuple(diagnostics)


def failure(command: str, folder: Path, done: Completed) -> TerraformFailed:
    """The error for a command that ended with an error; `folder` is the root module as the user knows it."""
    found = errors(done.stdout) or _from_text(done.stdout + done.stderr)
    if not found:
        tail = " ".join((done.stderr or done.stdout).strip().split("\n")[-_TAIL_LINES:])[-_TAIL_CHARACTERS:]
        found = [Diagnostic(f"exit code {done.code}", tail)]
    # Terraform's order changes from run to run; the message that is shown must not
    found.sort(key=lambda diagnostic: (diagnostic.file is None, diagnostic.file or "", diagnostic.line or 0))
    return TerraformFailed(command, folder, found)


def errors(output: str) -> list[Diagnostic]:
    """The errors that Terraform told in JSON."""
    return [
        Diagnostic(
            said.get("summary", ""),
            said.get("detail", ""),
            (place := said.get("range") or {}).get("filename"),
            place.get("start", {}).get("line"),
            said.get("address"),
        )
        for said in _said(output)
        if said.get("severity") == "error"
    ]


def _said(output: str) -> Iterator[dict[str, Any]]:
    """The diagnostics in a document, as `validate` prints them, or in messages of a line each, as `plan` does."""
    try:
        yield from json.loads(output)["diagnostics"]
    except (ValueError, LookupError, TypeError):
        for line in output.splitlines():
            if '"diagnostic"' in line:
                with contextlib.suppress(ValueError, KeyError):
                    yield json.loads(line)["diagnostic"]


def _from_text(output: str) -> list[Diagnostic]:
    found = []
    # the frame around a diagnostic, where it is drawn at all
    lines = [line.lstrip("│╷╵ ").rstrip() if line[:1] in "│╷╵" else line.rstrip() for line in output.splitlines()]
    starts = [number for number, line in enumerate(lines) if line.startswith("Error: ")]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=False):
        # a long summary is wrapped; the first empty line ends it
        after = next((number for number in range(start, end) if not lines[number]), end)
        place = next((match for line in lines[after:end] if (match := _PLACE.match(line))), None)
        detail = [
            line for line in lines[after:end] if line and not _PLACE.match(line) and not re.match(r"\s*\d+:", line)
        ]
        found.append(
            Diagnostic(
                " ".join(lines[start:after]).removeprefix("Error: "),
                "\n".join(detail),
                place["file"] if place else None,
                int(place["line"]) if place else None,
            )
        )
    # what `init` says before the errors it means
    return [said for said in found if not said.summary.startswith(_PREAMBLE)] or found


def _shown_place(folder: Path, diagnostic: Diagnostic) -> str:
    assert diagnostic.file is not None
    return f"{(folder / diagnostic.file).resolve()}:{diagnostic.line}"

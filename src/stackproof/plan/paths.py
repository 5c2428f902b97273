"""Paths to a value inside a resource: `network_configuration[0].assign_public_ip`, `tags["aws:team"]`."""

from __future__ import annotations

import functools
import re

from stackproof.errors import PlanError

Step = str | int

_STEP = re.compile(
    r"""
    (?: (?:^|\.) (?P<name>[^.\[\]"]+)       # .name, or name at the start
      | \[ (?P<index>\d+) \]                 # [0]
      | \[ "(?P<key>(?:[^"\\]|\\.)*)" \]     # ["any text"]
    )
    """,
    re.VERBOSE,
)


@functools.lru_cache(maxsize=4096)
def parse_path(path: str) -> tuple[Step, ...]:
    """The steps of a path: text for an attribute or map key, an int for an index.

    Raises PlanError for text that is not a path.
    """
    steps: list[Step] = []
    position = 0
    while position < len(path):
        match = _STEP.match(path, position)
        if match is None:
            raise PlanError(f"{path!r} is not a path", remedy='write it like rule[0].name or tags["key"].')
        if match["name"] is not None:
            steps.append(match["name"])
        elif match["index"] is not None:
            steps.append(int(match["index"]))
        else:
            steps.append(re.sub(r'\\(["\\])', r"\1", match["key"]))
        position = match.end()
    if not steps:
        raise PlanError("a path is empty", remedy="name an attribute.")
    return tuple(steps)


def format_path(steps: tuple[Step, ...]) -> str:
    """The text of a path, such that `parse_path` gives its steps again."""
    text = ""
    for step in steps:
        if isinstance(step, int):
            text += f"[{step}]"
        elif re.fullmatch(r'[^.\[\]"]+', step) and (not text or re.match(r"[\w-]+$", step)):
            text += f".{step}" if text else step
        else:
            quoted = re.sub(r'(["\\])', r"\\\1", step)
            text += f'["{quoted}"]'
    return text

"""Exceptions that are written beside a resource, as checkov knows them: `#checkov:skip=SP_ENC_001:reason`.

https://www.checkov.io/2.Basics/Suppressing%20and%20Skipping%20Policies.html
One in a module call is for everything that the call makes.
"""

from __future__ import annotations

import functools
import re

from stackproof.plan import Place, Resource
from stackproof.policy.exceptions import Exemption
from stackproof.terraform import hcl

_COMMENT = re.compile(r"(?:#|//|/\*)\s*checkov:skip=\s*([A-Za-z0-9_,]+)(?::([^\n]*))?")

Skip = tuple[str, str, Place]
"""A rule's id, the reason, and where it is written."""


def skips(resource: Resource) -> tuple[Exemption, ...]:
    """The exceptions beside a resource and beside the module calls that lead to it.

    One without a reason has an empty one.
    """
    places = [*resource.module_calls, *([resource.place] if resource.place else [])]
    return tuple(
        Exemption(rule, resource.address, reason, where=str(place))
        for block in places
        for rule, reason, place in _in_block(hcl.parse_file(block.file), block.line)
    )


@functools.lru_cache(maxsize=4096)
def _in_block(source: hcl.Source, line: int) -> tuple[Skip, ...]:
    block = next((block for block in source.blocks if block.line == line), None)
    if block is None:
        return ()
    text = source.text.decode("utf-8", errors="replace").splitlines()[block.line - 1 : block.end_line]
    return tuple(
        (rule.strip(), (found[2] or "").strip(" :*/"), Place(source.file, block.line + number))
        for number, written in enumerate(text)
        for found in _COMMENT.finditer(written)
        for rule in found[1].split(",")
    )

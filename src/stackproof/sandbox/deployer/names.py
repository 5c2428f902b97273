"""Names in ARNs: what the caller chose, and what AWS or Terraform made up and will make up anew."""

from __future__ import annotations

import re
from collections.abc import Iterable

from stackproof.sandbox.api.calls import Call
from stackproof.sandbox.deployer.parameters import flat

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_ID = re.compile(r"[a-z]+(-[a-z]+)*-(?=[0-9a-f]*\d)([0-9a-f]{8}|[0-9a-f]{17})")
_NUMBER = re.compile(r"[0-9a-f]{16,}|[A-Z0-9]{10,}")
_UNIQUE = re.compile(r"20\d{16}[0-9a-f]{8}")
"""What Terraform's providers append to a `name_prefix`: the time and a counter."""


class Names:
    """The names of a run: those that were in an answer before they were in a request were chosen by AWS."""

    def __init__(self, calls: Iterable[Call]) -> None:
        self._chosen: set[str] = set()
        self._asked: set[str] = set()
        for call in calls:
            self._asked.update(parameter.value for parameter in flat(call.parameters))
            self._chosen.update(value for value in call.answer.values() if value not in self._asked)

    def pattern(self, value: str) -> str:
        """A name as a policy has it: `*` for one that AWS chose, and for what Terraform appended to a prefix."""
        if value in self._chosen and not self._is_asked(value):
            return "*"
        if _UUID.fullmatch(value) or _ID.fullmatch(value) or _NUMBER.fullmatch(value):
            return "*"
        return _UNIQUE.sub("*", escaped(value))

    def _is_asked(self, value: str) -> bool:
        """Whether a name is part of what was asked for, as AWS makes `path/name` of two parameters."""
        return any(part in self._asked for part in re.split(r"[/:]", value) if len(part) > 1)


def escaped(name: str) -> str:
    """A name in which `*`, `?` and `$` mean themselves.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-specialchars
    """
    return re.sub(r"[*?$]", lambda found: f"${{{found[0]}}}", name)

"""What is wrong with a deployment, in a sentence for people."""

from __future__ import annotations


class Problem(Exception):
    """`subject` (an address, a service) did `what`; `detail` is what it said last.

    A `final` problem does not go away by waiting. Tests that raise it fail with its sentence alone.
    """

    def __init__(self, subject: str, what: str, *, detail: str = "", final: bool = False) -> None:
        super().__init__(subject, what, detail)
        self.subject = subject
        self.what = what
        self.detail = detail
        self.final = final

    def __str__(self) -> str:
        return f"{self.subject} {self.what}{f' (last: {self.detail})' if self.detail else ''}"


def require(holds: object, subject: str, what: str, *, detail: str = "") -> None:
    """Raise Problem unless `holds`."""
    if not holds:
        raise Problem(subject, what, detail=detail)

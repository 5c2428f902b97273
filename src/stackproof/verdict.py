"""The three verdicts, and the exception that stands for the third."""

from __future__ import annotations

from enum import StrEnum


class Verdict(StrEnum):
    """What a question asked of a stack is answered with.

    `UNDECIDED` is not a softer pass: it says that the deciding value is known only after apply.
    """

    PASS = "pass"  # noqa: S105
    FAIL = "fail"
    UNDECIDED = "undecided"

    @classmethod
    def worst(cls, verdicts: list[Verdict]) -> Verdict:
        """The verdict of a whole: one fail fails it, else one undecided leaves it undecided.

        Raises ValueError for an empty list, since nothing asked proves nothing.
        """
        if not verdicts:
            raise ValueError("no verdict to take the worst of")
        order = [cls.PASS, cls.UNDECIDED, cls.FAIL]
        return max(verdicts, key=order.index)


class Undecided(Exception):
    """Raised where a comparison depends on a value that Terraform knows only after apply.

    Terraform plans such values as unknown ("known after apply"); a comparison with one is neither true nor false.
    """

    def __init__(self, address: str, path: str, reason: str = "known after apply") -> None:
        super().__init__(address, path, reason)
        self.address = address
        self.path = path
        self.reason = reason

    def __str__(self) -> str:
        subject = f"{self.address}: {self.path}" if self.path else self.address
        return f"{subject} is undecided ({self.reason})"

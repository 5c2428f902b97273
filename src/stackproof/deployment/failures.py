"""What goes wrong between Terraform and its state, said with what to do about it."""

from __future__ import annotations

import re
from pathlib import Path

from stackproof.errors import TerraformError
from stackproof.terraform.diagnostics import TerraformFailed

ERRORED_STATE = "errored.tfstate"
"""Where Terraform puts a state that it could not send: https://developer.hashicorp.com/terraform/cli/state/recover."""

_LOCK_FIELD = re.compile(r"^[ \t]*(ID|Operation|Who|Created):[ \t]*(\S.*?)[ \t]*$", re.MULTILINE)


class StateLocked(TerraformError):
    """Another run holds the lock of a state; `lock_id` is what `terraform force-unlock` wants to be told."""

    def __init__(self, where: str, lock_id: str, holder: str) -> None:
        super().__init__(
            f"the state is locked by {holder}",
            where=where,
            remedy=f"wait for that run; where it is dead for certain, `terraform force-unlock {lock_id}`.",
        )
        self.lock_id = lock_id


class StateNotSaved(TerraformError):
    """What an apply has made could not be written to the backend; `file` holds it."""

    def __init__(self, where: str, file: Path, reason: str) -> None:
        super().__init__(
            f"the state could not be saved ({reason}), and what was made is known to {file} alone",
            where=where,
            remedy=f"when the bucket can be reached again, in the root module: `terraform state push {file}`.",
        )
        self.file = file


def locked(error: TerraformFailed, where: str) -> StateLocked | None:
    """The lock that an error speaks of, None where it speaks of none."""
    for diagnostic in error.diagnostics:
        if "state lock" in diagnostic.summary:
            told = dict(_LOCK_FIELD.findall(diagnostic.detail))
            if "ID" in told:
                holder = told.get("Who", "somebody")
                if "Created" in told:
                    holder += f" since {told['Created']}"
                if "Operation" in told:
                    holder += f" (for {told['Operation'].removeprefix('OperationType')})"
                return StateLocked(where, told["ID"], holder)
    return None

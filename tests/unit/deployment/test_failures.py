"""What goes wrong between Terraform and its state, told with who is in the way and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from stackproof.deployment.failures import StateNotSaved, locked
from stackproof.terraform.diagnostics import Diagnostic, TerraformFailed

WHERE = "s3://states/runs/a/stack/dev.tfstate"

# as Terraform 1.11.4 tells it of the S3 backend with both of its locks
HELD = """Error message: operation error DynamoDB: PutItem, https response error StatusCode: 400, RequestID: A1,
ConditionalCheckFailedException: The conditional request failed
Lock Info:
  ID:        6a5d8a24-7d4a-2f5e-6d55-0c6a1f1d3d5b
  Path:      states/runs/a/stack/dev.tfstate
  Operation: OperationTypeApply
  Who:       ann@laptop
  Version:   1.11.4
  Created:   2026-11-24 10:20:30.123456789 +0000 UTC
  Info:


Terraform acquires a state lock to protect the state from being written
by multiple users at the same time. Please resolve the issue above and try
again. For most commands, you can disable locking with the "-lock=false"
flag, but this is not recommended."""

UNREADABLE = """Error message: operation error DynamoDB: PutItem, https response error StatusCode: 400,
ResourceNotFoundException: Requested resource not found

Terraform acquires a state lock to protect the state from being written
by multiple users at the same time."""


def failed(*diagnostics: Diagnostic) -> TerraformFailed:
    return TerraformFailed("apply", Path("/stack"), diagnostics)


def test_a_lock_names_its_holder_since_when_what_for_and_how_to_take_it_away() -> None:
    lock = locked(failed(Diagnostic("Error acquiring the state lock", HELD)), WHERE)
    assert lock is not None
    assert lock.lock_id == "6a5d8a24-7d4a-2f5e-6d55-0c6a1f1d3d5b"
    assert str(lock) == (
        f"{WHERE}: the state is locked by ann@laptop since 2026-11-24 10:20:30.123456789 +0000 UTC (for Apply). "
        "Wait for that run; where it is dead for certain, "
        "`terraform force-unlock 6a5d8a24-7d4a-2f5e-6d55-0c6a1f1d3d5b`."
    )


def test_a_lock_is_found_among_other_errors() -> None:
    lock = locked(failed(Diagnostic("Another", "ID: 1"), Diagnostic("Error acquiring the state lock", HELD)), WHERE)
    assert lock is not None
    assert lock.lock_id.startswith("6a5d8a24")


@pytest.mark.parametrize("fields", ["", "  Path:\n  Operation:\n  Who:      \n  Version:   1.11.4\n  Created:\n"])
def test_a_lock_whose_holder_is_not_told_is_still_told(fields: str) -> None:
    lock = locked(failed(Diagnostic("Error acquiring the state lock", f"Lock Info:\n  ID: 1234\n{fields}")), WHERE)
    assert str(lock) == (
        f"{WHERE}: the state is locked by somebody. "
        "Wait for that run; where it is dead for certain, `terraform force-unlock 1234`."
    )


@pytest.mark.parametrize(
    "diagnostic",
    [
        Diagnostic("Error acquiring the state lock", UNREADABLE),
        Diagnostic("Error acquiring the state lock"),
        Diagnostic("creating IAM Role", HELD),
    ],
    ids=["no lock is told", "nothing is told", "another error"],
)
def test_an_error_that_names_no_lock_is_none(diagnostic: Diagnostic) -> None:
    assert locked(failed(diagnostic), WHERE) is None


def test_a_state_that_could_not_be_saved_says_where_it_is_and_how_to_push_it() -> None:
    error = StateNotSaved(WHERE, Path("/kept/state"), "terraform apply failed: Failed to save state")
    assert error.file == Path("/kept/state")
    assert str(error) == (
        f"{WHERE}: the state could not be saved (terraform apply failed: Failed to save state), "
        "and what was made is known to /kept/state alone. "
        "When the bucket can be reached again, in the root module: `terraform state push /kept/state`."
    )

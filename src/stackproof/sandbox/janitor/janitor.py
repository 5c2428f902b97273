"""Looks for what expired runs left, and removes it where that is asked for."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from stackproof.errors import SandboxError, StackproofError
from stackproof.sandbox.account import Account, NoAccount
from stackproof.sandbox.clients import Clients
from stackproof.sandbox.janitor.kept import find_files, find_kept
from stackproof.sandbox.janitor.leftovers import Kind, Leftover
from stackproof.sandbox.janitor.regions import GLOBAL_REGION, Regions
from stackproof.sandbox.janitor.removal import NoWayError, command, delete
from stackproof.sandbox.janitor.tagged import find_tagged
from stackproof.sandbox.remote_state import TABLE, RemoteState
from stackproof.sandbox.runs import Records, SandboxRun
from stackproof.settings import Sandbox

Destroy = Callable[[SandboxRun], None]
"""Destroys what a run's state knows; raises StackproofError where that fails."""

PATIENCE_SECONDS = 600.0
"""How long what holds a resource may take to go: a NAT gateway takes minutes."""

_ASK_AGAIN_SECONDS = 5.0
_WAITING = ("DependencyViolation", "InUse", "DeleteConflict", "Conflict", "Contains", "NotEmpty", "InvalidState")
_GONE = ("NoSuch", "NotFound", "NonExistent", "DoesNotExist", "ServiceNotActive", "ClusterNotFound")


class CheckedAccount(Account, Protocol):
    """An account in a region, which raises StackproofError when checked where it may not be used."""

    @property
    def region(self) -> str:
        """The region that it is spoken to in."""
        ...

    def check(self) -> None:
        """Refuse an account that is not, or no longer, the one that was meant."""
        ...


@dataclass(frozen=True)
class Found:
    """What runs left: of those that have expired, of those that are still living, and what is to be left alone."""

    expired: tuple[Leftover, ...]
    living: tuple[Leftover, ...]
    excluded: tuple[Leftover, ...]


@dataclass(frozen=True)
class Cleaned:
    """What was removed, and what could not be, each with the reason and the command that removes it."""

    removed: tuple[Leftover, ...]
    left: tuple[tuple[Leftover, str, str], ...]


class Janitor:
    """Finds and removes what runs left in one account, in these regions.

    A run is expired when all that is known of it is: tags, record, state and locks. Without the tags of a run, or
    with an expiry that cannot be read, nothing is ever removed. `exclude` are globs on ARN, name or run; `only` is the
    one run to look for. The account is checked once more right before the first removal. Without one, only the kept
    files below `cache` are looked at.
    """

    def __init__(
        self,
        account: CheckedAccount | None,
        sandbox: Sandbox,
        *,
        cache: Path | None = None,
        exclude: Sequence[str] = (),
        only: str | None = None,
        now: datetime | None = None,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        self._account = account
        self._sandbox = sandbox
        self._cache = cache
        self._exclude = tuple(exclude)
        self._only = only
        self._now = now
        self._patience = patience
        reached: Account = account or NoAccount()
        self._region = account.region if account else sandbox.region
        self._clients = Regions(reached)
        self._states = RemoteState(reached, account_id=str(reached.account_id), region=self._region)
        self._records = Records(reached, self._states.bucket)

    def look(self) -> Found:
        """Everything that runs left; raises SandboxError where the account cannot be asked."""
        found = find_files(self._cache, self._sandbox) if self._cache else []
        if self._account is not None:
            with _asking("asked for what runs left"):
                found += find_kept(self._clients(self._region), self._records, self._states.bucket, self._sandbox)
                found += find_tagged(self._clients, (self._region, *self._sandbox.regions))
        found = [leftover for leftover in found if self._only in (None, leftover.run)]
        living = self._living(found)
        excluded = self._excluded(found)
        rest = [leftover for leftover in found if leftover not in excluded]
        return Found(
            tuple(leftover for leftover in rest if leftover.run not in living),
            tuple(leftover for leftover in rest if leftover.run in living),
            tuple(excluded),
        )

    def clean(self, found: Found, destroy: Destroy, say: Callable[[str], None] = lambda _: None) -> Cleaned:
        """Remove what is expired, of each run first what its state knows."""
        removed: list[Leftover] = []
        left: list[tuple[Leftover, str, str]] = []
        if found.expired and self._account is not None:
            self._account.check()
        for run in dict.fromkeys(leftover.run for leftover in found.expired):
            of_run = [leftover for leftover in found.expired if leftover.run == run]
            say(f"{run}: {len(of_run)} left of it")
            done = self._clean_run(of_run, destroy, say)
            removed += done.removed
            left += done.left
        return Cleaned(tuple(removed), tuple(left))

    def _excluded(self, found: Iterable[Leftover]) -> Sequence[Leftover]:
        """What a pattern fits, and what is kept of the runs of that: to destroy by its state would take it along."""
        fitting = [leftover for leftover in found if leftover.fits(self._exclude)]
        held = {leftover.run for leftover in fitting}
        kept = [one for one in found if one.run in held and one.kind is not Kind.RESOURCE and one not in fitting]
        return [*fitting, *kept]

    def _living(self, found: Sequence[Leftover]) -> Collection[str]:
        now = self._now or datetime.now(UTC)
        # a state and a file say only when they were last written: that counts where nothing says more
        said = {one.run for one in found if one.kind in (Kind.RECORD, Kind.RESOURCE)}
        telling = [one for one in found if one.run not in said or one.kind not in (Kind.STATE, Kind.FILE)]
        return {one.run for one in telling if one.expires is None or one.expires > now}

    def _clean_run(self, of_run: Sequence[Leftover], destroy: Destroy, say: Callable[[str], None]) -> Cleaned:
        by_kind = {kind: [leftover for leftover in of_run if leftover.kind is kind] for kind in Kind}
        removed: list[Leftover] = []
        left: list[tuple[Leftover, str, str]] = []
        for lock in by_kind[Kind.LOCK]:
            self._unlock(lock)
            removed.append(lock)
        for state in by_kind[Kind.STATE]:
            why = self._destroy(state, destroy, say)
            if why:
                left.append((state, why, _destroying(state)))
            else:
                removed.append(state)
        gone, stuck = self._delete(by_kind[Kind.RESOURCE], say)
        removed += gone
        left += [(resource, why, command(resource.name)) for resource, why in stuck]
        for one in (*by_kind[Kind.RECORD], *by_kind[Kind.FILE]):
            # they tell whoever comes next of what could not be removed
            if left:
                left.append((one, "something of its run is left", ""))
            else:
                self._forget(one)
                removed.append(one)
        return Cleaned(tuple(removed), tuple(left))

    def _forget(self, kept: Leftover) -> None:
        if kept.kind is Kind.RECORD:
            self._records.remove(kept.run)
        else:
            Path(kept.name).unlink(missing_ok=True)

    def _unlock(self, lock: Leftover) -> None:
        clients = self._clients(self._region)
        with _asking("freed of a lock"):
            if lock.name.startswith("s3://"):
                bucket, key = lock.name.removeprefix("s3://").split("/", 1)
                clients("s3").delete_object(Bucket=bucket, Key=key)
            else:
                clients("dynamodb").delete_item(TableName=TABLE, Key={"LockID": {"S": lock.name}})

    def _destroy(self, state: Leftover, destroy: Destroy, say: Callable[[str], None]) -> str:
        """Destroy what a state knows, and the state; gives why that could not be done."""
        assert state.made is not None
        if state.others:
            say(f"{state.run}: destroying {state.detail}")
            try:
                destroy(state.made)
            except StackproofError as error:
                return str(error)
        with _asking("freed of a state"):
            self._states.remove(state.made.state_key)
        return ""

    def _delete(
        self, resources: Sequence[Leftover], say: Callable[[str], None]
    ) -> tuple[list[Leftover], list[tuple[Leftover, str]]]:
        """Delete again and again what others still hold, until nothing moves any more."""
        pending, gone = dict.fromkeys(resources, ""), []
        stuck: list[tuple[Leftover, str]] = []
        deadline = time.monotonic() + self._patience
        while pending:
            before = len(pending)
            for resource in list(pending):
                outcome = _deleted(self._clients(resource.name.split(":")[3] or GLOBAL_REGION), resource.name)
                if outcome is None:
                    gone.append(resource)
                    say(f"{resource.run}: removed {resource.name}")
                elif outcome.may_pass:
                    pending[resource] = outcome.why
                    continue
                else:
                    stuck.append((resource, outcome.why))
                del pending[resource]
            if pending and len(pending) == before:
                if time.monotonic() >= deadline:
                    break
                time.sleep(_ASK_AGAIN_SECONDS)
        return gone, [*stuck, *pending.items()]


@dataclass(frozen=True)
class _Refusal:
    why: str
    may_pass: bool


def _deleted(clients: Clients, arn: str) -> _Refusal | None:
    """Why something is not deleted; None where it is, or was not there any more."""
    from botocore.exceptions import BotoCoreError, ClientError  # type: ignore[import-untyped]

    try:
        delete(clients, arn)
    except NoWayError:
        return _Refusal("no way to delete it is known here", may_pass=False)
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "no code")
        if any(word in code for word in _GONE):
            return None
        return _Refusal(code, may_pass=any(word in code for word in _WAITING))
    except BotoCoreError as error:
        return _Refusal(str(error), may_pass=False)
    return None


def _destroying(state: Leftover) -> str:
    """The command that destroys what a state knows; Terraform has to be told where it is."""
    if state.made is None:
        return ""
    bucket = state.name.removeprefix("s3://").split("/", 1)[0]
    return (
        f"terraform init -backend-config=bucket={bucket} -backend-config=key={state.made.state_key}, terraform destroy"
    )


@contextmanager
def _asking(what: str) -> Iterator[None]:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise SandboxError(
            f"the account cannot be {what}: {error}",
            where="AWS",
            remedy="look at the credentials, and at what they may do.",
        ) from None

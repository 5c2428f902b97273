"""A stack tried in an account of its own: what was proved of it, and the figures of that."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any, TypeVar

from stackproof.analysis.drift import Drift, find_drift, require_no_changes
from stackproof.deployment.deployment import Deployment, Means, Run
from stackproof.deployment.orphans import lost_routes, orphans, remove
from stackproof.deployment.report import Report
from stackproof.errors import SandboxError, StackproofError
from stackproof.plan.change import Action
from stackproof.plan.model import Plan
from stackproof.sandbox.account import Account
from stackproof.sandbox.api.calls import Call
from stackproof.sandbox.clients import Clients
from stackproof.sandbox.emulated.account import EmulatedAccount
from stackproof.sandbox.leaks import Leak, Leaks, find_leaks
from stackproof.sandbox.leaks.counted import CountedBefore
from stackproof.sandbox.proxy.faults import Fault, Faults
from stackproof.sandbox.proxy.fence import Fence
from stackproof.sandbox.proxy.proxy import Proxy
from stackproof.sandbox.proxy.recording import Recording
from stackproof.sandbox.proxy.upstream import Unreachable
from stackproof.sandbox.real import EXPIRED, RealAccount
from stackproof.sandbox.remote_state import RemoteState
from stackproof.sandbox.runs import Records, SandboxRun, TaggingAccount
from stackproof.settings import Environment, Stack
from stackproof.terraform.operations import Operations, Progress

Made = TypeVar("Made")

Tampering = Callable[[Clients], object]
"""A change made behind Terraform's back, by boto3."""


BeforeWrite = Callable[["Trial", Environment, Mapping[str, Any]], object]
"""What speaks against an apply, asked before anything is written."""


class DriftNotSeen(StackproofError):
    """Something was changed in the account, and no plan says so."""


class FaultsUnused(StackproofError):
    """A fault befell no call, so that what was survived proves nothing."""


class UpdateNotContained(StackproofError):
    """An update did not change what it was meant to, or something else besides."""


class Trial:
    """One stack in one environment in an account, through a proxy that records every call.

    A context manager. `run` names it and marks all that it makes. `before_write` gets environment and variables of an
    apply that is not like the one before, and raises what speaks against it; `before_apply` does what an operator does
    between making a part of the stack and the rest. Terraform acts as `deployer`, where that is another identity in the
    account than the one that makes ready and counts. The account itself is opened and closed by the caller. What every
    check came to is in `report`.
    """

    def __init__(
        self,
        stack: Stack,
        environment: Environment,
        account: Account,
        means: Means,
        run: SandboxRun,
        *,
        region: str,
        variables: Mapping[str, Any] | None = None,
        before_write: BeforeWrite | None = None,
        before_apply: Callable[[Trial], object] | None = None,
        on_progress: Callable[[str, Progress], object] | None = None,
        deployer: Account | None = None,
    ) -> None:
        self.run = run
        self.recording = Recording()
        self.report = Report(stack.name, environment.name)
        self.account = account
        self.clients = Clients(account)
        """boto3 clients in the account, past the proxy: what they ask is not recorded."""
        self._counted = CountedBefore(account)
        tagging = TaggingAccount(deployer or account, run)
        fence = [Fence.around(account)] if isinstance(account, RealAccount) else []
        self.proxy = Proxy(tagging, interceptors=[*fence, self._counted], observers=[self.recording, self._note])
        self._before_write = before_write
        self._before_apply = before_apply
        self._ended = ExitStack()
        self._states = RemoteState(account, account_id=account.account_id or "", region=region)
        self._records = Records(account, self._states.bucket)
        self._means = means
        self._is_alive = False
        self._has_expired = False
        self._known_unserved = 0
        self._given: Mapping[str, Any] = {}
        self.deployment = Deployment(
            stack,
            environment,
            self.proxy,
            means,
            self._states,
            key=run.state_key,
            variables=variables,
            on_progress=on_progress,
        )

    def __enter__(self) -> Trial:
        self._ended.enter_context(self.proxy)
        self._ended.enter_context(self.deployment)
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.close()
        if isinstance(self.account, EmulatedAccount):
            # with the account, all is gone that they know of
            for file in self.deployment.unsaved:
                file.unlink(missing_ok=True)

    @property
    def stack(self) -> Stack:
        """The stack that is tried."""
        return self.deployment.stack

    @property
    def is_alive(self) -> bool:
        """Whether anything was applied that is not destroyed yet."""
        return self._is_alive

    @property
    def environment(self) -> Environment:
        """The environment that it is in now."""
        return self.deployment.environment

    def client(self, service: str) -> Any:  # noqa: ANN401  # boto3 makes its clients' classes as it runs
        """A boto3 client of a service in the account; what it asks is not recorded."""
        return self.clients(service)

    def prepare(self) -> None:
        """Make what has to be there before the stack can be applied; done by the first apply, if not before.

        Raises SandboxError with what speaks against writing to the account.
        """
        self._prepare(self.environment, {})

    def _prepare(self, environment: Environment, variables: Mapping[str, Any]) -> None:
        is_other = not self._is_alive or variables or environment is not self.environment
        self._given = {**self._given, **variables}
        if self._before_write is not None and is_other:
            self._before_write(self, environment, self._given)
        if not self._is_alive:
            self._states.make()
            self._records.write(self.run)
            self._is_alive = True
            if self._before_apply is not None:
                self._before_apply(self)

    def apply(
        self,
        variables: Mapping[str, Any] | None = None,
        *,
        environment: Environment | None = None,
        **options: Any,  # noqa: ANN401
    ) -> Run:
        """Apply the stack (see Deployment.apply), for the first time with what comes before.

        Raises TerraformError, or SandboxError where the account itself is the reason.
        """
        self._prepare(environment or self.environment, variables or {})
        run = self._asked(
            lambda: self.deployment.apply(variables, environment=environment, given_up=self._is_hopeless, **options)
        )
        if not self.report.resources:
            self.report.resources = len(run.operations)
            self.report.seconds = run.seconds
            self.report.critical_path = run.critical_path
        return run

    def plan(self, variables: Mapping[str, Any] | None = None, *, environment: Environment | None = None) -> Plan:
        """What Terraform would change now (see Deployment.plan)."""
        return self._asked(lambda: self.deployment.plan(variables, environment=environment))

    def require_no_changes(self) -> Plan:
        """Idempotence: raises StackNotSettled naming every attribute that a plan would change; gives the plan."""
        plan = self.plan()
        self.report.idempotent = False
        require_no_changes(plan)
        self.report.idempotent = True
        return plan

    def update(self, variables: Mapping[str, Any], *, updated: Iterable[str] = (), replaced: Iterable[str] = ()) -> Run:
        """Apply other variables; raises UpdateNotContained where other resources change, or in another way."""
        run = self.apply(variables)
        made_anew = {operation.address for operation in run.operations if operation.action != "update"}
        found = {"updated": {operation.address for operation in run.operations} - made_anew, "replaced": made_anew}
        told = []
        for way, wanted in (("updated", set(updated)), ("replaced", set(replaced))):
            told += [f"{address} was {way}" for address in sorted(found[way] - wanted)]
            told += [f"{address} was not {way}" for address in sorted(wanted - found[way])]
        if told:
            raise UpdateNotContained(
                f"the update did not stay where it was meant to: {'; '.join(told)}", where=str(self)
            )
        return run

    def tamper(self, changes: Mapping[str, Tampering]) -> Mapping[str, Drift]:
        """Change things behind Terraform's back, by the address that has to be told of; gives what a plan says of each.

        Raises DriftNotSeen naming the addresses of which the plan says nothing.
        """
        for change in changes.values():
            change(self.clients)
        seen = {drift.address: drift for drift in find_drift(self.plan())}
        missed = [address for address in changes if address not in seen]
        self.report.drift = len(changes) - len(missed), len(changes)
        if missed:
            raise DriftNotSeen(
                f"changed outside Terraform, and no plan says so: {', '.join(missed)}",
                where=str(self),
                remedy="look whether the attribute is set in the configuration.",
            )
        return {address: seen[address] for address in changes}

    def replacements(self, plan: Plan) -> tuple[str, ...]:
        """The addresses that a plan would replace or delete."""
        gone = (Action.REPLACE, Action.DELETE)
        return tuple(address for address, change in plan.changes.items() if change.action in gone)

    def destroy(self, **options: Any) -> Run:  # noqa: ANN401
        """Destroy all that the state knows (see Deployment.destroy)."""
        run = self._asked(lambda: self.deployment.destroy(given_up=self._is_hopeless, **options))
        if not self.deployment.state().get("resources"):
            self._states.remove(self.run.state_key)
            self._records.remove(self.run.id)
            self._is_alive = False
        return run

    @contextmanager
    def faults(self, *faults: Fault, seed: int = 0) -> Iterator[Faults]:
        """Have these faults befall the calls of Terraform; raises FaultsUnused where one of them never did."""
        injected = Faults(faults, seed=seed)
        # first, so that whoever counts sees only what the account is really asked
        self.proxy.interceptors.insert(0, injected)
        try:
            yield injected
        finally:
            self.proxy.interceptors.remove(injected)
        if injected.unused:
            raise FaultsUnused(
                f"never befell a call: {', '.join(map(str, injected.unused))}",
                where=str(self),
                remedy="name a service and action that the stack calls, or look for fewer calls to spare.",
            )

    @contextmanager
    def rival(self) -> Iterator[Deployment]:
        """The same stack with the same state in other hands, such as those of a colleague."""
        with Deployment(
            self.stack, self.environment, self.proxy, self._means, self._states, key=self.run.state_key
        ) as rival:
            rival.take_over(self.deployment)
            yield rival

    @contextmanager
    def again(self, account: Account, *, deployer: Account | None = None) -> Iterator[Trial]:
        """The same from its beginning in another account, under the same names; Terraform acts as `deployer` there."""
        with Trial(
            self.stack,
            self.environment,
            account,
            self._means,
            self.run,
            region=self._states.region,
            before_write=self._before_write,
            before_apply=self._before_apply,
            deployer=deployer,
        ) as again:
            again.deployment.take_over(self.deployment)
            yield again

    def leaks(self) -> Leaks:
        """What the account holds now that it did not hold before; while the stack is there, that is the stack.

        In a real account others act as well: what no recorded call made counts where it goes by the name of the run.
        """
        found = find_leaks(self.account, self._counted.census, self.recording, self._counted.clients)
        if not isinstance(self.account, RealAccount):
            return found
        return replace(
            found,
            leaks=tuple(leak for leak in found.leaks if self._is_own(leak)),
            going=tuple(leak for leak in found.going if self._is_own(leak)),
        )

    def _is_own(self, leak: Leak) -> bool:
        names = {leak.item.identity, leak.item.arn, *leak.item.names, *(value for _, value in leak.item.kind.inputs)}
        return leak.call is not None or any(self.run.id in name for name in names)

    def orphans(self) -> tuple[Leak, ...]:
        """What was made without the state knowing."""
        state = self.deployment.state()
        routes = lost_routes(self.recording, state, self.clients, region=self._states.region)
        return orphans(self.leaks(), state, **self._place) + routes

    def require_no_orphans(self) -> None:
        """Raise SandboxError naming what was made without the state knowing, such as what was made twice."""
        found = self.orphans()
        if found:
            raise SandboxError(
                f"made, and not in the state: {'; '.join(map(str, found))}",
                where=str(self),
                remedy="import them into the state, or remove them.",
            )

    def remove_orphans(self) -> tuple[Leak, ...]:
        """Remove what was made without the state knowing, so that it can be made again; gives what that was.

        Raises SandboxError naming what cannot be removed.
        """
        found = self.orphans()
        left = remove(found, self.clients, **self._place)
        if left:
            raise SandboxError(f"cannot be removed: {'; '.join(map(str, left))}", where=str(self))
        return found

    def require_nothing_left(self) -> None:
        """Raise SandboxError naming everything that is still there, and how to remove it."""
        leaks = self.leaks()
        self.report.leaks = len(leaks.leaks)
        leaks.require_none()

    def __str__(self) -> str:
        return f"{self.stack.name} in {self.environment.name}"

    @property
    def _place(self) -> dict[str, str]:
        return {"account_id": self.account.account_id or "", "region": self._states.region}

    @property
    def _lost(self) -> SandboxError | None:
        """Why no call will be answered as it should any more; what a client may try again is not that."""
        trouble = self.proxy.trouble
        return None if isinstance(trouble, Unreachable) and not trouble.final else trouble

    def _is_hopeless(self, operations: Operations) -> bool:
        """Whether there is nothing to wait for: an API that is not there, or credentials that have expired."""
        if self._lost is not None or self._has_expired:
            return True
        return bool(self._unserved) and any(not operation.succeeded for operation in operations.done)

    @property
    def _unserved(self) -> Sequence[Call]:
        """What the account turned out not to serve since the last command began."""
        return self.proxy.unserved[self._known_unserved :]

    def _note(self, call: Call) -> None:
        self._has_expired |= call.error in EXPIRED

    def _asked(self, ask: Callable[[], Made]) -> Made:
        self._has_expired = False
        self._known_unserved = len(self.proxy.unserved)
        try:
            made = ask()
        except StackproofError as error:
            raise self._why_the_account_fails() or error from None
        finally:
            self.report.calls = len(self.recording)
        failing = self._why_the_account_fails()
        if failing is not None:
            raise failing
        return made

    def _why_the_account_fails(self) -> SandboxError | None:
        """What says more than whatever Terraform makes of it."""
        if isinstance(self.account, EmulatedAccount):
            try:
                self.account.require_running()
            except SandboxError as ended:
                return ended
        if self._lost is not None:
            return self._lost
        if self._has_expired:
            return SandboxError(
                "the credentials expired in the middle of it",
                where=str(self),
                remedy="get new ones, such as by `aws sso login`, and do it again; the next run says what is orphaned.",
            )
        if self._unserved:
            failed = [one.address for one in self.deployment.operations.done if not one.succeeded]
            return SandboxError(
                f"the emulated account does not serve {', '.join(sorted(set(map(str, self._unserved))))}",
                where=", ".join(failed) or str(self),
                remedy="leave the resource out of the trial by a variable, or try the stack in a real account.",
            )
        return None

"""A stack tried in an account of its own: what was proved of it, and the figures of that."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any, TypeVar

from stackproof.analysis.drift import Drift, find_drift, require_no_changes
from stackproof.deployment.deployment import Deployment, Means, Run
from stackproof.errors import SandboxError, StackproofError
from stackproof.plan.change import Action
from stackproof.plan.model import Plan
from stackproof.sandbox.account import Account
from stackproof.sandbox.clients import Clients
from stackproof.sandbox.proxy import Interceptor, Proxy
from stackproof.sandbox.recording import Recording
from stackproof.sandbox.remote_state import RemoteState
from stackproof.settings import Environment, Stack
from stackproof.terraform.operations import Operation, Progress

Made = TypeVar("Made")

TOLD_SECONDS = 1.0
"""Resources of a critical path that took less kept nobody."""

Tampering = Callable[[Clients], object]
"""A change made behind Terraform's back, by boto3."""


class DriftNotSeen(StackproofError):
    """Something was changed in the account, and no plan says so."""


@dataclass
class Report:
    """The figures of one trial; what was not asked is None, `drift` and `faults` are (seen, made)."""

    stack: str
    environment: str
    resources: int = 0
    seconds: float = 0.0
    calls: int = 0
    idempotent: bool | None = None
    drift: tuple[int, int] | None = None
    leaks: int | None = None
    faults: tuple[int, int] | None = None
    critical_path: Sequence[Operation] = field(default_factory=tuple)

    def lines(self) -> Iterator[tuple[str, str]]:
        """What was asked and what it came to, each by its name."""
        yield "applied", f"{self.resources} resources in {self.seconds:.0f} s"
        yield "API calls", f"{self.calls:,}"
        if self.idempotent is not None:
            yield "idempotent", "yes" if self.idempotent else "NO"
        if self.drift is not None:
            yield "drift", f"{self.drift[0]} of {self.drift[1]} seen"
        if self.leaks is not None:
            yield "leaks", str(self.leaks)
        if self.faults is not None:
            yield "faults", f"{self.faults[0]} of {self.faults[1]} survived"
        slow = [operation for operation in self.critical_path if operation.seconds >= TOLD_SECONDS]
        if slow:
            yield "critical path", " > ".join(f"{one.address} {one.seconds:.0f} s" for one in slow)


class Trial:
    """One stack in one environment in an account, through a proxy that records every call.

    A context manager. `before_apply` does what an operator does between making a part of the stack and the rest;
    `interceptors` stand in the way of calls. The account itself is opened and closed by the caller. What every check
    came to is in `report`.
    """

    def __init__(
        self,
        stack: Stack,
        environment: Environment,
        account: Account,
        means: Means,
        *,
        region: str,
        variables: Mapping[str, Any] | None = None,
        key: str | None = None,
        interceptors: Sequence[Interceptor] = (),
        before_apply: Callable[[Trial], object] | None = None,
        on_progress: Callable[[str, Progress], object] | None = None,
    ) -> None:
        self.recording = Recording()
        self.proxy = Proxy(account, interceptors=interceptors, observers=[self.recording])
        self.report = Report(stack.name, environment.name)
        self.account = account
        self.clients = Clients(account)
        """boto3 clients in the account, past the proxy: what they ask is not recorded."""
        self._before_apply = before_apply
        self._ended = ExitStack()
        self._state = RemoteState(account, account_id=account.account_id or "", region=region)
        self.deployment = Deployment(
            stack,
            environment,
            self.proxy,
            means,
            self._state,
            key=key,
            variables=variables,
            on_progress=on_progress,
        )

    def __enter__(self) -> Trial:
        self._ended.enter_context(self.proxy)
        self._ended.enter_context(self.deployment)
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.close()

    @property
    def stack(self) -> Stack:
        """The stack that is tried."""
        return self.deployment.stack

    @property
    def environment(self) -> Environment:
        """The environment that it is in now."""
        return self.deployment.environment

    def client(self, service: str) -> Any:  # noqa: ANN401  # boto3 makes its clients' classes as it runs
        """A boto3 client of a service in the account; what it asks is not recorded."""
        return self.clients(service)

    def apply(self, variables: Mapping[str, Any] | None = None, **options: Any) -> Run:  # noqa: ANN401
        """Apply the stack (see Deployment.apply), for the first time with what comes before.

        Raises TerraformError, or SandboxError where the account itself is the reason.
        """
        if not self.deployment.runs:
            self._state.make()
            if self._before_apply is not None:
                self._before_apply(self)
        run = self._asked(lambda: self.deployment.apply(variables, **options))
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

    def update(self, variables: Mapping[str, Any], addresses: Iterable[str]) -> Run:
        """Apply other variables; raises SandboxError where any but these resources change, or one is replaced."""
        run = self.apply(variables)
        wanted, changed = set(addresses), {operation.address for operation in run.operations}
        told = []
        if changed - wanted:
            told.append(f"changed besides: {', '.join(sorted(changed - wanted))}")
        if wanted - changed:
            told.append(f"not changed: {', '.join(sorted(wanted - changed))}")
        replaced = sorted(operation.address for operation in run.operations if operation.action in ("delete", "create"))
        if replaced:
            told.append(f"made anew or deleted: {', '.join(replaced)}")
        if told:
            raise SandboxError(f"the update did not stay where it was meant to: {'; '.join(told)}", where=str(self))
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
        run = self._asked(lambda: self.deployment.destroy(**options))
        self.report.calls = len(self.recording)
        return run

    def __str__(self) -> str:
        return f"{self.stack.name} in {self.environment.name}"

    def _asked(self, ask: Callable[[], Made]) -> Made:
        try:
            return ask()
        except StackproofError:
            if self.proxy.trouble is not None:
                raise self.proxy.trouble from None
            raise
        finally:
            self.report.calls = len(self.recording)

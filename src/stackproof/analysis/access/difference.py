"""What one stack allows and another does not: to whom, which actions, on what, and a request that shows it.

Nothing that is new is left out. Both sides are compared point by point: the globs of all statements divide actions and
resources into classes that no statement tells apart, which is exact, also for NotAction, NotResource and denies. What
was changed is walked through, and what stands on both sides is not.

Too much may be reported, and is then marked as not exact, where

- conditions are compared and neither implies the other by itself (see `implication`), or a deny is left only under a
  condition that takes several others to rule out;
- a resource policy names a principal that another of its statements meant already by its account or by NotPrincipal;
- a policy variable stands where it was a value;
- only actions that AWS does not have yet are new.

A document that is not known on one side gives an entry that is undecided. Service control policies, session policies
and the policies of other accounts are no part of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from stackproof.analysis.access import actions, globs
from stackproof.analysis.access.classes import classes
from stackproof.analysis.access.documents import Condition, Effect, Policy, PolicyKind, Principal, Statement, Text
from stackproof.analysis.access.identities import Identity, Role
from stackproof.analysis.access.implication import contradict, implies
from stackproof.analysis.access.witnesses import Witness, find_witness
from stackproof.plan import Place

if TYPE_CHECKING:
    from stackproof.analysis.access.access import Access

_VARIABLE = re.compile(r"\$\{([^{}]*)\}")
EVERYBODY = Principal("AWS", "*")


@dataclass(frozen=True, eq=False)
class NewAccess:
    """Something that one stack allows to a principal and the other does not.

    `principal` is a role's or user's address, or whom a resource or trust policy names; `on` is the resource whose
    policy it is, "" for identity policies. `statement` allows it, None where only a document is not known. `was` is a
    statement of the other side that stood against it. An entry is `exact` where the witness was checked on both sides.
    """

    principal: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    conditions: tuple[Condition, ...]
    kind: PolicyKind
    reason: str
    on: str = ""
    statement: Statement | None = None
    was: Statement | None = None
    witness: Witness | None = None
    exact: bool = False
    undecided: bool = False

    @property
    def place(self) -> Place | None:
        """File and line of the statement that allows it."""
        return self.statement.place if self.statement else None

    def __str__(self) -> str:
        what = f"{', '.join(self.actions)} on {', '.join(self.resources)}" if self.actions else self.kind
        return f"{self.principal}: {what} ({self.reason}{f'; {self.place}' if self.place else ''})"

    def as_dict(self) -> dict[str, Any]:
        """As JSON data."""
        return {
            "principal": self.principal,
            "kind": str(self.kind),
            "on": self.on,
            "actions": list(self.actions),
            "resources": list(self.resources),
            "conditions": [_shown(condition) for condition in self.conditions],
            "reason": self.reason,
            "statement": str(self.statement) if self.statement else "",
            "place": str(self.place or ""),
            "was": str(self.was) if self.was else "",
            "witness": self.witness.as_dict() if self.witness else None,
            "exact": self.exact,
            "undecided": self.undecided,
        }


def new_access(base: Access, head: Access) -> tuple[NewAccess, ...]:
    """What `head` allows and `base` does not, by principal and statement; empty where nothing is new."""
    return tuple(_Comparison(base, head).entries())


def lost_access(base: Access, head: Access) -> tuple[NewAccess, ...]:
    """What `base` allowed and `head` does not."""
    return new_access(head, base)


class _Comparison:
    def __init__(self, base: Access, head: Access) -> None:
        self._base = base
        self._head = head

    def entries(self) -> Iterator[NewAccess]:
        identities = self._base.identities
        before = [*identities.roles, *identities.users]
        for identity in (*self._head.identities.roles, *self._head.identities.users):
            former = self._former(identity, before)
            yield from self._of_identity(identity, former)
            if isinstance(identity, Role):
                trust = former.trust if isinstance(former, Role) else None
                yield from self._of_resource(identity.address, [identity.trust], [trust] if trust else [])
        on_base = {self._now(address): policies for address, policies in identities.resource_policies.items()}
        for address, policies in self._head.identities.resource_policies.items():
            yield from self._of_resource(address, policies, on_base.get(address, ()))
        for service, policies in self._head.identities.service_policies.items():
            yield from self._of_resource(service, policies, identities.service_policies.get(service, ()))

    @cached_property
    def _moved(self) -> Mapping[str, str]:
        """Former addresses to those of now."""
        moved = {}
        for resource in self._head.stack:
            former = resource.change.previous_address
            if former:
                moved[former] = resource.address
        return moved

    def _now(self, address: str) -> str:
        return self._moved.get(address, address)

    def _former(self, identity: Identity, before: Sequence[Identity]) -> Identity | None:
        """The same role or user on the other side: at its address, or with its ARN or name."""
        for other in before:
            if self._now(other.address) == identity.address and type(other) is type(identity):
                return other
        same = [
            other
            for other in before
            if type(other) is type(identity)
            and isinstance(other.name, str)
            and other.name
            and isinstance(identity.name, str)
            and other.name == identity.name
        ]
        return same[0] if len(same) == 1 else None

    def _of_identity(self, identity: Identity, former: Identity | None) -> Iterator[NewAccess]:
        label = identity.address
        unknown = [policy for policy in identity.policies if policy.undecided]
        for policy in unknown:
            yield _undecided(label, policy, f"{policy} is not known: {policy.undecided}")
        lost = [policy for policy in former.policies if policy.undecided] if former else []
        if lost:
            yield _undecided(label, lost[0], f"what it allowed is not known: {lost[0]}: {lost[0].undecided}")
        mine = [*_statements(identity.policies), *self._denied_by_resources(self._head, identity, surely=True)]
        head = _Side(mine, _boundary(identity))
        base = _Side([], None)
        if former:
            theirs = [*_statements(former.policies), *self._denied_by_resources(self._base, former, surely=False)]
            base = _Side(theirs, _boundary(former))
        why = "" if former else "the principal is new"
        for found in _Walk(head, base).findings():
            yield self._entry(found, label, PolicyKind.IDENTITY, why=why)

    def _denied_by_resources(self, access: Access, identity: Identity, *, surely: bool) -> Iterator[Statement]:
        """What policies of resources deny a role or user, each statement with the resource that it is on."""
        principal = Principal("AWS", identity.arn)
        for address, policies in access.identities.resource_policies.items():
            for statement in _statements(policies):
                if statement.effect is Effect.DENY and _is_about(statement, principal, surely=surely):
                    arn = access.stack[address].get("arn")
                    on = (str.__str__(arn),) if isinstance(arn, str) else ("*",)
                    implied = not statement.resources and not statement.not_resources
                    yield replace(statement, resources=on) if implied else statement

    def _of_resource(self, address: str, policies: Sequence[Policy], before: Sequence[Policy]) -> Iterator[NewAccess]:
        for policy in policies:
            if policy.undecided:
                yield _undecided(address, policy, f"{policy} is not known: {policy.undecided}")
        for policy in before:
            if policy.undecided:
                yield _undecided(address, policy, f"what it allowed is not known: {policy.undecided}")
        mine, theirs = _statements(policies), _statements(before)
        kind = policies[0].kind if policies else PolicyKind.RESOURCE
        for principal in _named(mine):
            head = _Side([s for s in mine if _is_about(s, principal, surely=s.effect is Effect.DENY)], None)
            base = _Side([s for s in theirs if _is_about(s, principal, surely=s.effect is Effect.ALLOW)], None)
            for found in _Walk(head, base).findings():
                yield self._entry(found, _label(principal), kind, on=address)
        yield from self._of_gone_denies(address, mine, theirs, kind)
        for statement in mine:
            if statement.not_principals is None or statement.effect is Effect.DENY:
                continue
            if not any(_same(statement, other) for other in theirs):
                yield NewAccess(
                    principal="everybody but " + ", ".join(_label(p) for p in statement.not_principals),
                    actions=tuple(map(_text, statement.actions or statement.not_actions)),
                    resources=tuple(map(_text, statement.resources or statement.not_resources)) or (address,),
                    conditions=statement.conditions,
                    kind=kind,
                    reason="a statement with NotPrincipal is new or changed",
                    on=address,
                    statement=statement,
                )

    def _of_gone_denies(
        self, address: str, mine: Sequence[Statement], theirs: Sequence[Statement], kind: PolicyKind
    ) -> Iterator[NewAccess]:
        """What a resource's policy denied whoever is allowed by policies that this stack does not have."""
        for deny in theirs:
            if deny.effect is Effect.ALLOW or kind is PolicyKind.TRUST:
                continue
            anything = replace(
                deny,
                effect=Effect.ALLOW,
                actions=("*",),
                not_actions=(),
                resources=("*",),
                not_resources=(),
                conditions=(),
            )
            head = _Side([anything, *(s for s in mine if _denies_no_less(s, deny))], None)
            if any(_Walk(head, _Side([anything, deny], None)).findings()):
                yield NewAccess(
                    principal=", ".join(_label(p) for p in deny.principals or ()) or "everybody but some",
                    actions=tuple(map(_text, deny.actions or deny.not_actions)),
                    resources=tuple(map(_text, deny.resources or deny.not_resources)) or (address,),
                    conditions=(),
                    kind=kind,
                    reason="a deny is gone or narrower, for whoever is allowed elsewhere",
                    on=address,
                    was=deny,
                )

    def _entry(self, found: _Finding, principal: str, kind: PolicyKind, *, on: str = "", why: str = "") -> NewAccess:
        witness = find_witness(
            self._head,
            self._base,
            principal=principal,
            on=on,
            statement=found.statement,
            points=found.points,
            was=found.was,
        )
        reason = why or found.reason
        if found.is_fictional:
            reason += "; only actions that AWS does not have yet are new"
        return NewAccess(
            principal=principal,
            actions=found.actions,
            resources=found.resources or ((on,) if on else ()),
            conditions=found.statement.conditions,
            kind=kind,
            reason=reason,
            on=on,
            statement=found.statement,
            was=found.was,
            witness=witness,
            exact=witness is not None and witness.is_proven,
            undecided=found.is_undecided,
        )


@dataclass(eq=False)
class _Side:
    """The statements about one principal on one side, and those of its boundary where it has one."""

    statements: Sequence[Statement]
    boundary: Sequence[Statement] | None

    @property
    def allows(self) -> list[Statement]:
        return [statement for statement in self.statements if statement.effect is Effect.ALLOW]

    @property
    def denies(self) -> list[Statement]:
        every = (*self.statements, *(self.boundary or ()))
        return [statement for statement in every if statement.effect is Effect.DENY]

    @property
    def limits(self) -> list[Statement] | None:
        """What the boundary allows; None without one."""
        if self.boundary is None:
            return None
        return [statement for statement in self.boundary if statement.effect is Effect.ALLOW]


@dataclass(eq=False)
class _Finding:
    """A statement that newly allows something, with the points at which it does."""

    statement: Statement
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    points: tuple[tuple[str, str], ...]
    reason: str
    was: Statement | None = None
    is_fictional: bool = False
    is_undecided: bool = False


@dataclass
class _Gathered:
    points: list[tuple[str, str]] = field(default_factory=list)
    actions: dict[str, None] = field(default_factory=dict)
    resources: dict[str, None] = field(default_factory=dict)
    reason: str = ""
    was: Statement | None = None
    is_fictional: bool = True


class _Walk:
    """Walks through what was changed for one principal."""

    def __init__(self, head: _Side, base: _Side) -> None:
        self._head = head
        self._base = base

    def findings(self) -> Iterator[_Finding]:
        changed = [s for s in self._head.allows if not any(_same(s, other) for other in self._base.allows)]
        gone = [s for s in self._base.denies if not any(_same(s, other) for other in self._head.denies)]
        if self._is_boundary_changed():
            changed = list(self._head.allows)
        for statement in changed:
            yield from self._of_allow(statement)
        for deny in gone:
            yield from self._of_former_deny(deny)

    def _is_boundary_changed(self) -> bool:
        mine, theirs = self._head.limits, self._base.limits
        if mine is None or theirs is None:
            return mine is None and theirs is not None
        return not all(any(_same(s, other) for other in theirs) for s in mine)

    def _of_allow(self, statement: Statement) -> Iterator[_Finding]:
        if _has_unknown(statement):
            patterns = _patterns(statement.actions), _patterns(statement.resources)
            yield _Finding(statement, *patterns, points=(), reason="a part of it is not known", is_undecided=True)
            return
        gathered = _Gathered()
        self._gather(statement, _regions(statement), gathered, None)
        if gathered.points:
            yield _found(statement, gathered)

    def _of_former_deny(self, deny: Statement) -> Iterator[_Finding]:
        region = _regions(deny, widened=True)
        for statement in self._head.allows:
            gathered = _Gathered()
            self._gather(statement, region, gathered, deny)
            if gathered.points:
                yield _found(statement, gathered, deny)

    def _gather(
        self,
        statement: Statement,
        region: tuple[Sequence[str], Sequence[str]],
        into: _Gathered,
        deny: Statement | None,
    ) -> None:
        every = [*self._head.allows, *self._head.denies, *self._base.allows, *self._base.denies]
        every += [*(self._head.limits or ()), *(self._base.limits or ())]
        action_patterns = {p for s in every for p in _action_patterns(s)}
        resource_patterns = {p for s in every for p in _resource_patterns(s)}
        for action_region in region[0]:
            for action_class, text in _classes(action_region, action_patterns):
                if not _is_in(statement, action_class):
                    continue
                reachable = [s for s in every if _is_in(s, action_class)]
                if not any(s in reachable for s in self._head.allows):
                    continue
                is_real, action = _real(action_region, action_class, action_patterns, text)
                for resource_region in region[1]:
                    for resource_class, resource in _classes(resource_region, resource_patterns):
                        if not _is_on(statement, resource_class, may=True):
                            continue
                        reason, was = self._is_new(statement, reachable, resource_class, deny)
                        if reason:
                            into.points.append((action, resource))
                            into.actions.setdefault(actions.spelled(action_region))
                            into.resources.setdefault(resource_region)
                            into.reason = into.reason or reason
                            into.was = into.was or was
                            into.is_fictional = into.is_fictional and not is_real

    def _is_new(
        self, statement: Statement, reachable: Sequence[Statement], resource: frozenset[str], deny: Statement | None
    ) -> tuple[str, Statement | None]:
        """Why a request of this class may be new, and what stood against it; "" where it was allowed before."""
        here = [s for s in reachable if _is_on(s, resource, may=s in self._base.denies)]
        conditions = [statement.conditions]
        limits = self._head.limits
        if limits is not None:
            conditions = [(*statement.conditions, *s.conditions) for s in limits if s in here]
        head_denies = [s for s in self._head.denies if s in here]
        if any(not s.conditions for s in head_denies):
            return "", None
        for given in conditions:
            reason, was = self._was_not(given, here, head_denies, deny)
            if reason:
                return reason, was
        return "", None

    def _was_not(
        self,
        given: Sequence[Condition],
        here: Sequence[Statement],
        head_denies: Sequence[Statement],
        deny: Statement | None,
    ) -> tuple[str, Statement | None]:
        for own in [s for s in self._base.denies if s in here]:
            if contradict(given, own.conditions):
                continue
            if not any(implies(own.conditions, s.conditions) for s in head_denies):
                return ("a deny is gone or narrower" if own is deny or deny is None else "a deny is narrower"), own
        allows = [s for s in self._base.allows if s in here]
        covering = [s for s in allows if implies(given, s.conditions)]
        if not covering:
            if not allows:
                return "nothing allowed it", None
            return "its conditions are wider or changed", allows[0]
        limits = self._base.limits
        if limits is None:
            return "", None
        within = [s for s in limits if s in here]
        if any(implies(given, s.conditions) for s in within):
            return "", None
        return "the permissions boundary is gone or wider", within[0] if within else None


def _found(statement: Statement, gathered: _Gathered, deny: Statement | None = None) -> _Finding:
    names, resources = tuple(gathered.actions), tuple(gathered.resources)
    if deny is not None and statement.actions and statement.resources:
        # of what the deny is about, the part that the statement allows
        names = _common(map(_text, statement.actions), _lowered(deny.actions), str.lower) or names
        resources = _common(map(_text, statement.resources), map(_widened, deny.resources)) or resources
    return _Finding(
        statement,
        tuple(map(_readable, names)),
        tuple(map(_readable, resources)),
        tuple(gathered.points),
        gathered.reason,
        gathered.was,
        gathered.is_fictional,
    )


def _common(patterns: Iterable[str], others: Iterable[str], form: Callable[[str], str] = str) -> tuple[str, ...]:
    others = tuple(others)
    return tuple(pattern for pattern in patterns if any(globs.overlaps(form(pattern), other) for other in others))


def _classes(region: str, patterns: Iterable[str]) -> list[tuple[frozenset[str], str]]:
    try:
        return [(matched, text) for matched, text in classes(region, patterns).items()]
    except OverflowError:
        # too many to tell apart: taken as matched by none, which reports too much rather than too little
        return [(frozenset(), region)]


def _real(region: str, matched: frozenset[str], patterns: Iterable[str], witness: str) -> tuple[bool, str]:
    """An action that AWS has and that is of the class; whether there is one, and its name, else the witness."""
    if globs.is_plain(region):
        return actions.is_known(region), actions.spelled(region)
    for action in actions.expand(region):
        lowered = action.lower()
        if all(globs.matches(pattern, lowered) is (pattern in matched) for pattern in patterns):
            return True, action
    return False, witness


def _is_in(statement: Statement, action_class: frozenset[str]) -> bool:
    if statement.not_actions:
        return not any(pattern in action_class for pattern in _lowered(statement.not_actions))
    return any(pattern in action_class for pattern in _lowered(statement.actions))


def _is_on(statement: Statement, resource_class: frozenset[str], *, may: bool) -> bool:
    """Whether a statement is about a class of resources; with `may`, a policy variable can be anything."""
    if statement.not_resources:
        # for what a variable excepts, nobody can be sure
        forms = (
            [_fixed(t) for t in statement.not_resources]
            if not may
            else [_fixed(t) for t in statement.not_resources if "${" not in _text(t)]
        )
        return not any(form in resource_class for form in forms)
    if not statement.resources:
        return True
    return any(
        _fixed(text) in resource_class or (may and _widened(text) in resource_class) for text in statement.resources
    )


def _action_patterns(statement: Statement) -> Iterator[str]:
    yield from _lowered(statement.actions)
    yield from _lowered(statement.not_actions)


def _resource_patterns(statement: Statement) -> Iterator[str]:
    for text in (*statement.resources, *statement.not_resources):
        yield _fixed(text)
        yield _widened(text)


def _regions(statement: Statement, *, widened: bool = False) -> tuple[Sequence[str], Sequence[str]]:
    """The globs for the actions and resources of a statement; of what NotAction leaves, everything is looked at."""
    form = _widened if widened else _fixed
    resources = tuple(dict.fromkeys(map(form, statement.resources))) or ("*",)
    return tuple(dict.fromkeys(_lowered(statement.actions))) or ("*",), resources


def _lowered(texts: Iterable[Text]) -> list[str]:
    return [_text(text).lower() for text in texts]


def _fixed(text: Text) -> str:
    """A pattern in which a policy variable stands for itself."""
    return _VARIABLE.sub(lambda match: f"\ue100{match[1].lower()}\ue101", _text(text))


def _widened(text: Text) -> str:
    return _VARIABLE.sub("*", _text(text))


def _readable(pattern: str) -> str:
    return re.sub("\ue100([^\ue101]*)\ue101", r"${\1}", pattern)


def _text(text: Text) -> str:
    # an unknown part could be anything, and is looked at as such
    return text if isinstance(text, str) else "*"


def _patterns(texts: Iterable[Text]) -> tuple[str, ...]:
    return tuple(text if isinstance(text, str) else "(known after apply)" for text in texts)


def _statements(policies: Iterable[Policy]) -> list[Statement]:
    return [statement for policy in policies for statement in policy.statements]


def _boundary(identity: Identity) -> list[Statement] | None:
    return None if identity.boundary is None else list(identity.boundary.statements)


def _has_unknown(statement: Statement) -> bool:
    values = [value for condition in statement.conditions for value in condition.values]
    texts = (*statement.actions, *statement.not_actions, *statement.resources, *statement.not_resources, *values)
    return not all(isinstance(text, str) for text in texts)


def _same(one: Statement, other: Statement) -> bool:
    """Whether two statements say the same, in whatever order, and both are known."""
    return one.effect is other.effect and not _has_unknown(one) and _key(one) == _key(other)


def _key(statement: Statement) -> tuple[object, ...]:
    conditions = frozenset(
        (c.operator.lower(), c.key.lower(), frozenset(map(_text, c.values))) for c in statement.conditions
    )
    principals = [
        None if group is None else frozenset((p.kind, _text(p.value)) for p in group)
        for group in (statement.principals, statement.not_principals)
    ]
    return (
        frozenset(_lowered(statement.actions)),
        frozenset(_lowered(statement.not_actions)),
        frozenset(map(_text, statement.resources)),
        frozenset(map(_text, statement.not_resources)),
        conditions,
        *principals,
    )


def _named(statements: Iterable[Statement]) -> list[Principal]:
    """Every principal that a statement allows something to, each once."""
    found = {}
    for statement in statements:
        if statement.effect is Effect.ALLOW:
            for principal in statement.principals or ():
                found[principal.kind, _label(principal)] = principal
    return list(found.values())


def _is_about(statement: Statement, principal: Principal, *, surely: bool) -> bool:
    """Whether a statement is about a principal; where not `surely`, also if it may be."""
    if statement.not_principals is not None:
        return not surely
    for other in statement.principals or ():
        if isinstance(other.value, str) and isinstance(principal.value, str):
            if (other.kind, other.value) == (principal.kind, principal.value) or other == EVERYBODY:
                return True
            if not surely and statement.effect is Effect.DENY and other.kind == principal.kind == "AWS":
                return True
        elif not surely:
            return True
    return False


def _denies_no_less(statement: Statement, deny: Statement) -> bool:
    """Whether a statement denies everybody whom another one denies."""
    if statement.effect is Effect.ALLOW:
        return False
    if deny.principals is None or statement.principals is None:
        return _key(statement)[-2:] == _key(deny)[-2:]
    return all(_is_about(statement, principal, surely=True) for principal in deny.principals)


def _label(principal: Principal) -> str:
    if principal == EVERYBODY:
        return "*"
    return principal.value if isinstance(principal.value, str) else f"{principal.value.address}.{principal.value.path}"


def _undecided(principal: str, policy: Policy, reason: str) -> NewAccess:
    return NewAccess(
        principal=principal, actions=(), resources=(), conditions=(), kind=policy.kind, reason=reason, undecided=True
    )


def _shown(condition: Condition) -> str:
    return f"{condition} = {', '.join(map(_text, condition.values))}"


__all__ = ["NewAccess", "Witness", "lost_access", "new_access"]

"""Whether a principal may do something: on a resource of the stack, or on anything that there could be."""

from __future__ import annotations

import functools
import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from stackproof.analysis.access.catalog import actions
from stackproof.analysis.access.comparison.rules import Rule
from stackproof.analysis.access.documents.documents import Effect, Statement
from stackproof.analysis.access.escalations.methods import ACTIONS
from stackproof.analysis.access.evaluation.context import Given
from stackproof.analysis.access.evaluation.evaluation import Answer, Decision
from stackproof.analysis.access.evaluation.parties import ARN_PARTS
from stackproof.analysis.access.evaluation.policies import Policies
from stackproof.analysis.access.gathering.collection import Identity
from stackproof.analysis.access.matrix.matrix import Entitlements
from stackproof.analysis.access.matrix.spelling import loosened
from stackproof.analysis.access.patterns import globs
from stackproof.analysis.access.patterns.regions import ALL, Box, Region, Texts, gap
from stackproof.errors import PlanError
from stackproof.verdict import Undecided

NOWHERE = Texts(())

MOST_TRIED = 10
"""So many known ARNs may be met when one that is not known is looked for."""


class Known:
    """ARNs, some with wildcards for what is not known of them."""

    def __init__(self, arns: Iterable[str]) -> None:
        self._plain: set[str] = set()
        self._globs: list[str] = []
        for arn in arns:
            self._plain.add(arn)
            if not globs.is_plain(arn):
                self._globs.append(arn)

    def holds(self, arn: str) -> bool:
        """Whether an ARN is, or may be, one of them."""
        return arn in self._plain or any(globs.matches(each, arn) for each in self._globs)


@dataclass(frozen=True, eq=False)
class Right:
    """That something is allowed, by these statements; `doubt` is why it may not be."""

    statements: tuple[Statement, ...] = ()
    doubt: str = ""

    def __and__(self, other: Right) -> Right:
        statements = dict.fromkeys((*self.statements, *other.statements))
        return Right(tuple(statements), self.doubt or other.doubt)


class Rights:
    """What one principal may do, as far as its policies can be read."""

    def __init__(self, access: Policies, identity: Identity, entitlements: Entitlements) -> None:
        self._access = access
        self._identity = identity
        self._entitlements = entitlements
        self._allows = [*entitlements.rules(identity.policies, Effect.ALLOW), *entitlements.granted(identity)]
        boundary = (identity.boundary,) if identity.boundary else ()
        denies = entitlements.rules((*identity.policies, *boundary), Effect.DENY)
        self._denies = [rule for rule in denies if not rule.doubt and not rule.statement.conditions]
        self._meant: dict[str, frozenset[str]] = {}
        self._home = entitlements.home(identity)

    def about(self, action: str) -> list[Rule]:
        """The statements that can be read and allow an action on something."""
        key = action.lower()
        if key in ACTIONS:
            return self._by_action.get(key, [])
        return [rule for rule in self._allows if key in rule.box.actions]

    @cached_property
    def _by_action(self) -> dict[str, list[Rule]]:
        found: dict[str, list[Rule]] = defaultdict(list)
        for rule in self._allows:
            for action in _needed_by_methods(rule.box.actions):
                found[action].append(rule)
        return found

    def mentions(self, action: str) -> bool:
        """Whether a statement that can be read allows the action on something."""
        return bool(self.about(action))

    def meant(self, action: str) -> frozenset[str]:
        """The addresses of the resources on which an action may be allowed, which alone are worth asking about."""
        key = action.lower()
        if key not in self._meant:
            addresses = (each for rule in self.about(action) for each in self._entitlements.meant(action, rule))
            self._meant[key] = frozenset(addresses)
        return self._meant[key]

    def on(self, action: str, resource: str, context: Mapping[str, Given] | None = None) -> Right | None:
        """The right to an action on a resource, by its address or ARN; None where there is none."""
        if not self.mentions(action):
            return None
        decision = ask(self._access, self._identity.address, action, resource, context)
        if decision is None or decision.verdict is Answer.DENY:
            return None
        doubt = decision.reason if decision.verdict is Answer.UNDECIDED else ""
        return Right((decision.statement,) if decision.statement else (), doubt)

    def is_denied(self, action: str, arn: str) -> bool:
        """Whether a statement of its own denies it an action on an ARN, whatever else allows it."""
        return any(arn in box.resources for box in self._taken(action))

    def somewhere(
        self, wanted: Sequence[str], within: Sequence[str] = (), context: Mapping[str, Given] | None = None
    ) -> Right | None:
        """The right to all of these actions on something that there could be, on the same where they share a type.

        `within` are patterns that ARNs which have such forms must match, too.
        """
        if not all(map(self.mentions, wanted)):
            return None
        found = Right()
        for forms, needing in _places(wanted):
            right = self._on_one(needing, self._own(forms), within, context)
            if right is None:
                return None
            found &= right
        return found

    def any_of(
        self,
        groups: Iterable[Sequence[str]],
        within: Sequence[str] = (),
        context: Mapping[str, Given] | None = None,
    ) -> Right | None:
        """The right to one action of each group, as by `somewhere`; the first that is sure, else the first."""
        choices = [[action for action in group if self.mentions(action)] for group in groups]
        rights = (self.somewhere(choice, within, context) for choice in itertools.product(*choices))
        maybe = None
        for right in rights:
            if right is not None and not right.doubt:
                return right
            maybe = maybe or right
        return maybe

    def elsewhere(self, action: str, known: Known, context: Mapping[str, Given]) -> Iterator[tuple[str, Right]]:
        """The patterns by which an action is allowed on something without a known ARN, each with the right."""
        forms = tuple(actions.resource_types(action).values())
        # a role of another account can be assumed, but not be passed or changed
        places = Texts(forms) if action == "sts:AssumeRole" else self._own(forms)
        for rule in self.about(action):
            # what is not known may well be in the stack
            for some in rule.box.resources.parts() if not rule.doubt else ():
                arn = self._unknown([places, some], action, known)
                right = self.on(action, arn, context) if arn else None
                if right is not None:
                    yield loosened(str(some)), right

    def _own(self, forms: Iterable[str]) -> Texts:
        """ARNs of these forms in the account of the principal; documents may be AWS's, which are in none."""
        partition, account = self._home
        found = []
        for form in forms:
            _, _, service, region, owner, name = form.split(":", ARN_PARTS - 1)
            owners = [account if owner == "*" else owner, *([""] if service == "ssm" else [])]
            found += [f"arn:{partition}:{service}:{region}:{each}:{name}" for each in owners]
        # names have no colons in them: what would be an instance by its form is no image
        return Texts(tuple(form.replace("*", globs.PART) for form in found))

    def _unknown(self, sides: Sequence[Texts], action: str, known: Known) -> str | None:
        """An ARN on which an action is not denied, and which is not a known one."""
        taken = self._taken(action)
        for _ in range(MOST_TRIED):
            arn = _text(sides, taken)
            if arn is None or not known.holds(arn):
                return arn
            taken.append(Box(ALL, Texts((arn,))))
        return None

    def _on_one(
        self, needing: Sequence[str], forms: Texts, within: Sequence[str], context: Mapping[str, Given] | None
    ) -> Right | None:
        """The right to several actions on one resource with an ARN of one of these forms."""
        limits = [Texts((pattern,)) for pattern in within if _text([forms, Texts((pattern,))], ())]
        taken = [box for action in needing for box in self._taken(action)]
        maybe = None
        sides = [[rule.box.resources for rule in self.about(action)] for action in needing]
        for allowed in itertools.product(*sides):
            arn = _text([forms, *limits, *allowed], taken) if forms != NOWHERE else "*"
            if arn is None:
                continue
            rights = [self.on(action, arn, context) for action in needing]
            known = [right for right in rights if right is not None]
            if len(known) == len(rights):
                right = functools.reduce(Right.__and__, known)
                if not right.doubt:
                    return right
                maybe = maybe or right
        return maybe

    def _taken(self, action: str) -> list[Box]:
        """Where an action is denied."""
        return [Box(ALL, deny.box.resources) for deny in self._denies if action.lower() in deny.box.actions]


@functools.lru_cache(maxsize=1 << 14)
def _needed_by_methods(some: Texts) -> frozenset[str]:
    """The actions that methods need, among these."""
    found = {pattern for pattern in some.patterns if pattern in ACTIONS}
    for pattern in some.patterns:
        if not globs.is_plain(pattern):
            head, _ = globs.fixed(pattern)
            found |= {each for each in ACTIONS if each.startswith(head) and globs.matches(pattern, each)}
    return ACTIONS - found if some.is_rest else frozenset(found)


def ask(
    access: Policies, principal: str, action: str, resource: str, context: Mapping[str, Given] | None
) -> Decision | None:
    """What IAM says; None where such an action is not for such a resource."""
    try:
        return access.can(principal, action, resource, context)
    except PlanError:
        return None


def _text(sides: Sequence[Texts], taken: Sequence[Box]) -> str | None:
    """A text that is in all of these and not taken."""
    try:
        found = gap(Region((ALL,), tuple(sides)), taken)
    except Undecided:
        return None
    return found.resource if found else None


def _places(wanted: Sequence[str]) -> Iterator[tuple[tuple[str, ...], list[str]]]:
    """The forms of ARNs on which the actions have to be allowed, each with the actions that are done to the same."""
    by_form: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for action in wanted:
        required = actions.resource_types(action, required=True)
        for forms in [[form] for form in required.values()] or [list(actions.resource_types(action).values())]:
            by_form[tuple(forms)].append(action)
    yield from by_form.items()

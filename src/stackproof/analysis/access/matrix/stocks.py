"""Which resources of a stack a pattern of ARNs means, for an action."""

from __future__ import annotations

import functools
import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator

from stackproof.analysis.access.catalog import actions
from stackproof.analysis.access.comparison.symbols import arn_pattern
from stackproof.analysis.access.evaluation.parties import ARN_PARTS, Parties
from stackproof.analysis.access.patterns import globs
from stackproof.errors import PlanError
from stackproof.plan import Resource, Stack

_ENDS = ("", "/*", ":*")
"""What follows the ARN of a resource in the ARNs of its parts, such as objects or log streams."""

_LAST = chr(0x10FFFF)


class Stock:
    """The resources of one stack by their ARNs."""

    def __init__(self, stack: Stack, parties: Parties) -> None:
        self._by_arn: dict[str, list[str]] = defaultdict(list)
        self._meant: dict[tuple[tuple[str, ...], str, str], tuple[str, ...]] = {}
        for resource in stack.resources():
            arn = _arn(parties, resource)
            if arn:
                self._by_arn[arn].append(resource.address)
        self._plain: dict[str, list[str]] = defaultdict(list)
        self._globs: dict[str, list[str]] = defaultdict(list)
        for arn in sorted(self._by_arn):
            (self._plain if globs.is_plain(arn) else self._globs)[_service(arn)].append(arn)
        self._services = {*self._plain, *self._globs}
        self._has_any = functools.cache(self._asked_for)

    def meant(self, action: str, pattern: str) -> tuple[str, ...]:
        """The addresses of the resources that, or whose parts, an action on such ARNs is for.

        Of a pattern of actions, only the service counts.
        """
        if not self._has_any(action.partition(":")[0].lower()):
            return ()
        forms = tuple(actions.resource_types(action).values())
        if not forms and globs.is_plain(action):
            return ()
        service = "" if forms else action.partition(":")[0]
        key = (forms, service, pattern)
        if key not in self._meant:
            arns = (arn for arn in self._near(pattern, forms, service) if _is_meant(arn, pattern, forms))
            self._meant[key] = tuple(dict.fromkeys(address for arn in arns for address in self._by_arn[arn]))
        return self._meant[key]

    def _asked_for(self, service: str) -> bool:
        """Whether something in the stack is of a kind that a service has actions for."""
        if not globs.is_plain(service):
            return True
        return any(_service(form) in self._services for form in actions.arn_forms(service))

    def _near(self, pattern: str, forms: tuple[str, ...], service: str) -> Iterator[str]:
        """The ARNs that begin like the pattern, those whose parts do, and those that are not known."""
        services = {_service(form) for form in forms}
        if not forms:
            services = {name for name in self._services if globs.matches(service, name)}
        head, _ = globs.fixed(pattern)
        for name in sorted(services):
            plain = self._plain.get(name, [])
            first = bisect_left(plain, head)
            yield from plain[first : bisect_left(plain, head + _LAST, lo=first)]
            yield from self._globs.get(name, ())
        for end in re.finditer("[:/]", head):
            if head[: end.start()] in self._by_arn:
                yield head[: end.start()]


def is_effective(action: str, pattern: str) -> bool:
    """Whether there are requests for an action, one that is known, on such ARNs.

    What can be asked of no resource in particular is asked of `*`, in S3 of any bucket.
    """
    if pattern == "*":
        return True
    forms = actions.resource_types(action)
    if not forms:
        in_s3 = action.lower().startswith("s3:") and globs.overlaps(pattern, "arn:*:s3:::*")
        return in_s3 or globs.matches(pattern, "*")
    return any(_is_of(pattern, form) for form in forms.values())


def _is_meant(arn: str, pattern: str, forms: tuple[str, ...]) -> bool:
    # what follows the slash of an identity is its name
    parts = [arn] if ":iam:" in arn else [arn + end for end in _ENDS]
    return any(
        globs.overlaps(part, pattern) and (not forms or any(_is_of(part, form) for form in forms)) for part in parts
    )


@functools.lru_cache(maxsize=1 << 14)
def _is_of(pattern: str, form: str) -> bool:
    """Whether such ARNs are of a form: not where all are of a longer one, as those of objects are of no bucket."""
    pairs = zip(pattern.split(":", ARN_PARTS - 1), form.split(":", ARN_PARTS - 1), strict=False)
    # where a form has a region or an account, no ARN is without
    if not all(globs.overlaps(one, other) and (bool(one) or not other) for one, other in pairs):
        return False
    return not any(globs.includes((longer,), pattern) for longer in _longer(form))


@functools.cache
def _longer(form: str) -> tuple[str, ...]:
    """The forms of parts of what has this one."""
    return tuple(other for other in actions.arn_forms(_service(form)) if other.startswith((f"{form}/", f"{form}:")))


def _service(arn: str) -> str:
    return arn.split(":")[2]


def _arn(parties: Parties, resource: Resource) -> str:
    try:
        arn = parties.arn(resource)
    except PlanError:
        return ""
    return (arn if globs.is_plain(arn) else arn_pattern(arn) or "") if arn.count(":") >= ARN_PARTS - 1 else ""

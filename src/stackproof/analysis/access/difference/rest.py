"""What cannot be compared: documents that are not known, and resources whose effect on access is not evaluated."""

from __future__ import annotations

from collections.abc import Iterator

from stackproof.analysis.access.difference.bundles import Bundle
from stackproof.analysis.access.difference.news import NewAccess, unknown
from stackproof.analysis.access.documents.documents import PolicyKind
from stackproof.analysis.access.evaluation.policies import Policies


def undecided(label: str, mine: Bundle, theirs: Bundle, *, on: str = "") -> Iterator[NewAccess]:
    """Entries for documents that are not known on one side or on both, but for the same outside of the stack."""
    unknown_now = [policy for policy in mine.policies if policy.undecided]
    unknown_before = [policy for policy in theirs.policies if policy.undecided]
    same = {p.managed_arn for p in unknown_now} & {p.managed_arn for p in unknown_before} - {None}
    for policy in unknown_now:
        if policy.managed_arn not in same:
            yield unknown(label, policy.kind, f"{policy} is not known: {policy.undecided}", on=on)
    if not any(policy.managed_arn not in same for policy in unknown_now):
        for policy in unknown_before:
            if policy.managed_arn not in same:
                reason = f"what it was before is not known: {policy}: {policy.undecided}"
                yield unknown(label, policy.kind, reason, on=on)


def unmodelled(base: Policies, head: Policies) -> Iterator[NewAccess]:
    """Entries for what of the head is new or changed, and grants or limits access in a way that is not evaluated."""
    for note in head.unmodelled:
        address = note.partition(": ")[0]
        if address in head.stack and not _is_same(base, head, address):
            yield unknown(address, PolicyKind.RESOURCE, f"new or changed, and not compared: {note}", on=address)


def _is_same(base: Policies, head: Policies, address: str) -> bool:
    """Whether a resource has the arguments that it had, as far as they are known, and any policy in it is known."""
    if address not in base.stack:
        return False
    mine, theirs = head.stack[address], base.stack[address]
    if any("polic" in name and mine.is_unknown(name) for name in mine.arguments):
        return False
    before, after = (each.raw_values[0] or {} for each in (theirs, mine))
    return all(before.get(name) == after.get(name) for name in {**before, **after} if not name.startswith("tags"))

"""No role or user can give itself more rights than it has."""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Mapping, Sequence

from stackproof.analysis.access import Access
from stackproof.analysis.access.escalations.ways import Escalation
from stackproof.policy.rule import About, Case, Rule, Severity
from stackproof.verdict import Undecided


class NoEscalation(Rule):
    about = About(
        id="SP_IAM_008",
        title="No role or user can give itself more rights than it has",
        severity=Severity.HIGH,
        types=("aws_iam_role", "aws_iam_user"),
        why="its policies limit nothing: whoever gets hold of it gets the rights of the stronger role, too",
        remedy="take away one of the rights, limit it to other resources, or add the way to the option `allowed`, "
        "as principal, method and target",
        source="https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html",
        options={"allowed": ()},
    )

    def judge(self, case: Case) -> None:
        if not case.stack.environment:
            raise Undecided(case.resource.address, "", "the HCL alone does not tell all that it may do")
        allowed = [tuple(way) for way in case.options["allowed"]]
        for way in _ways(case.facts.access).get(case.resource.address, ()):
            if way.key not in allowed:
                what, at = f"{way.method}: {way.target}", next(iter(way.places), None)
                if way.undecided:
                    case.undecided(f"perhaps it can {what} ({way.undecided})", at=at)
                else:
                    case.fail(f"it can {what}", at=at)


@functools.lru_cache(maxsize=1)
def _ways(access: Access) -> Mapping[str, Sequence[Escalation]]:
    """The ways of each principal of a stack, looked for once."""
    found: dict[str, list[Escalation]] = defaultdict(list)
    for way in access.escalations():
        found[way.principal].append(way)
    return found


check = NoEscalation()

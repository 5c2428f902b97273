"""Whether a condition keeps a statement to requests that it names.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
"""

from __future__ import annotations

import re

from stackproof.analysis.access.documents.operators import Operator, Quantifier, parse_operator
from stackproof.analysis.access.documents.statements import Condition, Statement
from stackproof.verdict import Undecided

OWN = re.compile(r"\$\{aws:Resource(Account|OrgID|OrgPaths)\}", re.IGNORECASE)
"""Policy variables for the account and the organization of the resource itself."""

PARTICULAR = re.compile(
    r"arn:[^:]*:[^:]*:[^:]*:[^:*?$]+:.+"  # an ARN in one account
    r"|o-[^*?$]+/.*|(?-i:A[A-Z0-9]{15,}):.+"  # a part of an organization, sessions of one role
    r"|(?!false$|[\d.]+/0*[0-7]$|[\da-f:.]*:[\da-f:.]*/0*(\d|1[0-5])$)[^*?$]+",
    re.IGNORECASE,
)
"""Values that mean somebody in particular: no network wider than a /8, or a /16 of IPv6, and no "false"."""

WHO = ("Arn", "IpAddress", "String")
"""The comparisons that tell one from another; numbers and dates only tell which come before which."""


def limited(
    statement: Statement,
    keys: re.Pattern[str],
    values: re.Pattern[str] = PARTICULAR,
    *,
    comparisons: tuple[str, ...] = ("",),
) -> bool:
    """Whether any condition of a statement limits it, as `limits` tells.

    Raises Undecided where none does for certain and one may.
    """
    doubt: Undecided | None = None
    for condition in statement.conditions:
        try:
            if limits(condition, keys, values, comparisons=comparisons):
                return True
        except Undecided as error:
            doubt = doubt or error
    if doubt:
        raise doubt
    return False


def limits(
    condition: Condition,
    keys: re.Pattern[str],
    values: re.Pattern[str] = PARTICULAR,
    *,
    comparisons: tuple[str, ...] = ("",),
    negated: bool = False,
) -> bool:
    """Whether a condition holds only for requests in which one of these keys has one of these values.

    The patterns match whole keys and values; where a value names the account or organization of the resource by a
    policy variable, they see "0" in its place. `comparisons` are how the names of operators may begin. With `negated`
    the condition has to hold for all other requests, as that of a Deny does.

    Raises Undecided where a plan does not know a value, or the condition at all.
    """
    operator = parse_operator(condition.operator)
    return (
        (not condition.key or keys.fullmatch(condition.key) is not None)
        and (operator is None or _names(operator, comparisons, negated=negated))
        and all(values.fullmatch(OWN.sub("0", str(value))) for value in condition.values)
    )


def _names(operator: Operator, comparisons: tuple[str, ...], *, negated: bool) -> bool:
    """Whether an operator is one that needs one of the values, or with `negated` none of them.

    Null looks at no value. ForAllValues holds for requests without the key as well, and so does IfExists, which makes
    a negated operator no narrower: that holds for them in any case.
    """
    return (
        operator.comparison.startswith(comparisons)
        and operator.comparison != "Null"
        and operator.quantifier is not Quantifier.ALL
        and operator.negated is negated
        and (negated or not operator.if_exists)
    )

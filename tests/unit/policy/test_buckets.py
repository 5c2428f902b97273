"""How a bucket is encrypted is found in the bucket, and in the resources that say it of the bucket."""

from __future__ import annotations

from stackproof.policy.about import About, Severity
from stackproof.policy.buckets import ENCRYPTION, encryption_rules
from stackproof.policy.case import Case
from stackproof.policy.facts import Facts

from .planned import Planned, plan_of

ABOUT = About("T_005", "title", Severity.LOW, "why", "remedy", "https://example.com")
RULES = {"rule": [{"bucket_key_enabled": True}, {"bucket_key_enabled": False}]}


def rules(*entries: Planned) -> list[tuple[str, str]]:
    """The rules of the first of some buckets, asked for while another is judged."""
    stack = plan_of(*entries, Planned("aws_s3_bucket.judged", {"bucket": "judged"})).resolved
    case = Case(ABOUT, stack["aws_s3_bucket.judged"], Facts(stack), {})
    return [(holder.address, path) for holder, path in encryption_rules(case, stack[entries[0].address])]


def test_rules_are_in_the_bucket_and_in_resources_for_it() -> None:
    found = rules(
        Planned("aws_s3_bucket.a", {"bucket": "a", "server_side_encryption_configuration": [RULES]}),
        Planned(f"{ENCRYPTION}.a", {"bucket": "a", **RULES}),
        Planned(f"{ENCRYPTION}.of_another", {"bucket": "judged", **RULES}),
    )
    assert found == [
        ("aws_s3_bucket.a", "server_side_encryption_configuration[0].rule[0]"),
        ("aws_s3_bucket.a", "server_side_encryption_configuration[0].rule[1]"),
        (f"{ENCRYPTION}.a", "rule[0]"),
        (f"{ENCRYPTION}.a", "rule[1]"),
    ]


def test_a_bucket_of_which_nothing_is_said_has_none() -> None:
    assert rules(Planned("aws_s3_bucket.a", {"bucket": "a"})) == []

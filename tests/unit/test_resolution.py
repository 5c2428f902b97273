"""What is kept of an evaluation: values of what the plan leaves unknown, nothing sensitive, and what not to trust."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from stackproof.plan.resolution.arns import Location
from stackproof.plan.resolution.overrides import Evaluation
from stackproof.plan.resolution.resolution import Resolution, read_evaluation
from stackproof.plan.resolution.tokens import Mint
from stackproof.plan.wiring import Feed

PLACE = Location("aws", "eu-west-1", "123456789012")
MINT = Mint("dev")
VPC, QUEUE, DNS = Feed("aws_vpc.a", "id"), Feed("aws_sqs_queue.a", "arn"), Feed("aws_lb.a", "dns_name")
TOKEN = {
    feed: MINT.token(feed, type=feed.address.split(".")[0], arguments={"name": "q"}, location=PLACE)
    for feed in (VPC, QUEUE, DNS)
}


def change(address: str, **detail: Any) -> dict[str, Any]:
    kind = address.split(".")[-2]
    mode = "data" if "data." in address else "managed"
    return {"address": address, "mode": mode, "type": kind, "change": {"after": {}, "after_unknown": {}, **detail}}


def made(address: str, sensitive: Any = None, **values: Any) -> dict[str, Any]:
    return {"address": address, "values": values, "sensitive_values": sensitive or {}}


def read(
    *evaluated: Mapping[str, Any],
    changes: tuple[Mapping[str, Any], ...] = (),
    hidden: tuple[Feed, ...] = (),
    outputs: Mapping[str, Any] | None = None,
) -> Resolution:
    # the tokens are what their own attributes are evaluated to
    own = [made("aws_vpc.a", id=TOKEN[VPC]), made("aws_sqs_queue.a", arn=TOKEN[QUEUE])]
    evaluation = Evaluation("", MINT.tokens, frozenset(hidden), PLACE.account, is_whole=True)
    module = {
        "resources": own,
        "child_modules": [{"resources": evaluated[:1]}, {"child_modules": [{"resources": evaluated[1:]}]}],
    }
    return read_evaluation({"resource_changes": changes}, evaluation, module, outputs or {})


def test_only_what_the_plan_leaves_unknown_is_kept() -> None:
    found = read(
        made("aws_x.a", name="known", ids=[TOKEN[VPC]], part={"a": 1, "b": TOKEN[VPC]}, nothing=None),
        made("module.m.aws_x.b", name="b"),
        changes=(
            change(
                "aws_x.a", after={"name": "known"}, after_unknown={"ids": True, "part": {"b": True}, "nothing": True}
            ),
            change("module.m.aws_x.b", after={"name": "b"}),
            change("aws_x.missing", after_unknown={"id": True}),
            change("aws_x.gone", after=None, after_unknown=False),
        ),
    )
    assert found.values == {
        "aws_x.a": {"ids": [TOKEN[VPC]], "part": {"a": 1, "b": TOKEN[VPC]}},
        "module.m.aws_x.b": {},
    }
    assert found.reason == ""


def test_of_sensitive_values_nothing_is_kept_but_the_tokens_in_them() -> None:
    found = read(
        made(
            "aws_x.a",
            {"url": True, "users": [{"password": True}], "whole": {"secret": [True]}},
            url=f"hush@{TOKEN[VPC]}",
            users=[{"name": "n", "password": "hush"}],
            whole={"secret": ["hush", "open"]},
            planned={"a": "hush", "b": f"hush {TOKEN[QUEUE]} hush {TOKEN[VPC]}"},
        ),
        changes=(
            change(
                "aws_x.a",
                after_unknown=dict.fromkeys(("url", "users", "whole", "planned"), True),
                after_sensitive={"planned": True},
            ),
        ),
        outputs={"open": {"value": TOKEN[VPC]}, "secret": {"value": "hush", "sensitive": True}},
    )
    assert "hush" not in json.dumps(found.as_data())
    values = found.values["aws_x.a"]
    assert values["url"] == TOKEN[VPC]
    assert values["planned"] == f"{TOKEN[QUEUE]} {TOKEN[VPC]}"
    assert values["users"][0]["name"] == "n"
    assert values["whole"]["secret"][1] == "open"
    assert found.outputs == {"open": TOKEN[VPC], "secret": None}


def test_a_resource_whose_values_are_all_sensitive_keeps_none() -> None:
    detail = change("aws_x.a", after_unknown={"a": True}, after_sensitive=True)
    assert "hush" not in json.dumps(read(made("aws_x.a", a="hush"), changes=(detail,)).as_data())


def test_tokens_that_were_not_taken_stand_for_nothing() -> None:
    configured = made("aws_lb.a", dns_name=f"{TOKEN[VPC]}.example.com")
    assert read(configured).tokens.feeds.keys() == {VPC, QUEUE}
    assert read(made("aws_lb.a", dns_name=TOKEN[DNS])).tokens.feeds.keys() == {VPC, QUEUE, DNS}


def test_what_no_token_stands_for_is_not_to_be_trusted_unless_the_configuration_sets_it() -> None:
    hidden = (Feed("aws_lb.a", "subnets"), Feed("aws_lb.b", "subnets"), Feed("aws_lb.c", "subnets"))
    found = read(made("aws_lb.a", subnets=[TOKEN[VPC]]), made("aws_lb.b", subnets=["x"]), hidden=hidden)
    assert found.hidden == set(hidden[1:])


def test_known_values_that_were_evaluated_to_something_else_are_not_to_be_trusted() -> None:
    planned = {"timeout": 60, "same": 1, "ids": ["a"], "made_up": None, "nothing": None}
    detail = change("aws_x.a", after=planned, after_unknown={"id": True})
    evaluated = made("aws_x.a", timeout=None, same=1, ids=["a"], made_up="x1y2", nothing=None, id="x")
    assert read(evaluated, changes=(detail,)).hidden == {Feed("aws_x.a", "timeout"), Feed("aws_x.a", "made_up")}


def test_an_empty_list_for_which_a_data_source_says_null_is_as_good_as_any() -> None:
    document, resource = "data.aws_iam_policy_document.a", "aws_x.a"
    planned = {"override_policy_documents": [], "source_policy_documents": [], "policy_id": "p"}
    details = [change(address, after=planned, after_unknown={"json": True}) for address in (document, resource)]
    evaluated = [made(address, source_policy_documents=["{}"]) for address in (document, resource)]
    assert read(*evaluated, changes=tuple(details)).hidden == {
        Feed(document, "source_policy_documents"),
        Feed(resource, "source_policy_documents"),
        Feed(document, "policy_id"),
        Feed(resource, "policy_id"),
        Feed(resource, "override_policy_documents"),
    }


def test_what_a_provider_reads_again_may_say_null_for_an_empty_list() -> None:
    address = "data.aws_iam_policy_document.a"
    planned = {"sources": [], "version": "2012-10-17"}
    detail = change(address, mode="data", after=planned, after_unknown={"json": True})
    assert read(made(address, sources=None, version="2012-10-17", json="{}"), changes=(detail,)).hidden == frozenset()
    found = read(made(address, sources=None, version="2008-10-17", json="{}"), changes=(detail,))
    assert found.hidden == {Feed(address, "version")}


def test_the_hash_of_a_document_with_tokens_in_it_is_not_kept() -> None:
    address = "data.aws_iam_policy_document.a"
    detail = change(address, after_unknown={"id": True, "json": True})
    assert read(made(address, id="123", json="{}"), changes=(detail,)).values == {address: {"json": "{}"}}


@pytest.mark.parametrize(
    "resolution",
    [
        Resolution(reason="no"),
        Resolution(
            values={"aws_x.a": {"id": [TOKEN[VPC]]}},
            outputs={"a": 1},
            tokens=MINT.tokens,
            hidden=frozenset({Feed("aws_x.a", "b")}),
        ),
    ],
)
def test_a_resolution_is_kept_as_data(resolution: Resolution) -> None:
    again = Resolution.from_data(json.loads(json.dumps(resolution.as_data())))
    assert again.as_data() == resolution.as_data()
    assert (again.reason, again.hidden) == (resolution.reason, resolution.hidden)

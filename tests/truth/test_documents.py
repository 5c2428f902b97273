"""The comparison of documents finds what is wrong and nothing else, on documents that are made up."""

from __future__ import annotations

import json
from typing import Any

import pytest

from stackproof.plan import Plan
from stackproof.plan.resolution.resolution import Resolution
from stackproof.plan.resolution.tokens import Token, Tokens
from stackproof.plan.wiring import Feed

from .arguments import Argument
from .documents import Compared, compare, read_stored
from .state import Instance, State

ROLE = Feed("aws_iam_role.r", "arn")
MARK = "0123456789abcdef"
TOKENS = Tokens([Token(f"arn:aws:iam::1:role/r-{MARK}", MARK, ROLE, added=f"-{MARK}")])
STATE = State({"aws_iam_role.r": Instance("aws_iam_role.r", "managed", "aws_iam_role", "r", {"arn": "arn:real"})})
ADDRESS = "aws_sns_topic_policy.p"


def comparison(planned: Any, stored: Any, *, type: str = "aws_sns_topic_policy", path: str = "policy") -> Compared:
    """A document that was planned like this, tokens in it, against what is stored."""
    address = f"{type}.p"
    change = {"actions": ["create"], "before": None, "after": {}, "after_unknown": {path: True}}
    raw = {"address": address, "mode": "managed", "type": type, "name": "p", "change": change}
    evaluated = {address: {path: json.dumps(planned)}} if planned is not None else {}
    written = [
        {"mode": "managed", "type": "aws_iam_role", "name": "r"},
        {"mode": "managed", "type": type, "name": "p", "expressions": {path: {"references": [str(ROLE)]}}},
    ]
    configuration = {"root_module": {"resources": written}}
    document = {"format_version": "1.2", "resource_changes": [raw], "configuration": configuration}
    plan = Plan(document, environment="dev", resolution=lambda: Resolution(values=evaluated, tokens=TOKENS))
    return compare(STATE, {Argument(address, path, ()): stored}, plan.resolved, TOKENS)


def policy(**statement: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]}


PLANNED = policy(Action=["a:B", "a:C"], Principal={"AWS": f"arn:aws:iam::1:role/r-{MARK}"}, Resource="*")


def test_what_the_state_tells_takes_the_place_of_tokens() -> None:
    stored = policy(Action=["a:B", "a:C"], Principal={"AWS": "arn:real"}, Resource="*")
    assert comparison(PLANNED, stored).disagreements == ()
    assert len(comparison(PLANNED, stored).documents) == 1


def test_tokens_within_texts_and_in_keys_are_replaced_too() -> None:
    token = f"arn:aws:iam::1:role/r-{MARK}"
    stored = {"k": "x/arn:real/y", "arn:real:sub": [["arn:real"]]}
    assert comparison({"k": f"x/{token}/y", f"{token}:sub": [[token]]}, stored).disagreements == ()


@pytest.mark.parametrize(
    "stored",
    [
        {**policy(Action=["a:C", "a:B"], Principal={"AWS": ["arn:real"]}, Resource=["*"])},
        {
            "Version": "2012-10-17",
            "Statement": policy(Action=["a:B", "a:C"], Principal={"AWS": "arn:real"}, Resource="*")["Statement"][0],
        },
    ],
    ids=["lists", "one statement"],
)
def test_what_means_the_same_agrees(stored: Any) -> None:
    assert comparison(PLANNED, stored).disagreements == ()


@pytest.mark.parametrize(
    "stored",
    [
        policy(Action=["a:B"], Principal={"AWS": "arn:real"}, Resource="*"),
        policy(Action=["a:B", "a:C", "a:D"], Principal={"AWS": "arn:real"}, Resource="*"),
        policy(Action=["a:B", "a:C"], Principal={"AWS": "arn:other"}, Resource="*"),
        policy(Action=["a:B", "a:C"], Principal={"AWS": "arn:real"}, Resource="*", Condition={}),
        policy(Action=["a:B", "a:C"], Principal={"AWS": "arn:real"}, Resource="*", Effect="Deny"),
    ],
    ids=["less", "more", "another role", "a condition", "another effect"],
)
def test_what_means_something_else_is_reported(stored: Any) -> None:
    [told] = comparison(PLANNED, stored).disagreements
    assert told.startswith(f"{ADDRESS} policy: planned")


def test_a_document_that_is_not_known_is_undecided_and_not_reported() -> None:
    compared = comparison(None, policy())
    assert ([argument.address for argument in compared.undecided], compared.disagreements) == ([ADDRESS], ())


def test_what_a_service_adds_to_a_document_is_no_disagreement() -> None:
    where = {"type": "aws_ecs_task_definition", "path": "container_definitions"}
    planned = [{"role": f"arn:aws:iam::1:role/r-{MARK}", "ports": [1, 2]}]
    stored = [{"role": "arn:real", "ports": [1, 2], "cpu": 0}]
    assert comparison(planned, stored, **where).disagreements == ()
    wrong_role, wrong_order = [{"role": "r", "ports": [1, 2]}], [{"role": "arn:real", "ports": [2, 1]}]
    for wrong in (wrong_role, wrong_order, [{"role": "arn:real"}], stored * 2):
        assert len(comparison(planned, wrong, **where).disagreements) == 1


def no_client(service: str) -> Any:
    raise AssertionError(service)


def test_a_document_that_nobody_knows_how_to_read_is_an_error() -> None:
    state = State({"aws_x.x": Instance("aws_x.x", "managed", "aws_x", "x", {})})
    for path, text, is_read in (("policy", '{"a": 1}', True), ("policy", "a name", False), ("note", "{}", False)):
        arguments = (Argument("aws_x.x", path, (text,)),)
        if is_read:
            with pytest.raises(KeyError, match="aws_x"):
                read_stored(state, arguments, no_client)
        else:
            assert read_stored(state, arguments, no_client) == {}

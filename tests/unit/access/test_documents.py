"""Reading policy documents: what they say, what AWS would refuse, and what a plan does not know of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from stackproof.analysis.access.documents.documents import Effect, Policy, PolicyKind, Principal, parse_policy
from stackproof.errors import PlanError
from stackproof.plan import Place
from stackproof.plan.values import Sensitive, Unknown
from stackproof.plan.wiring import Feed, Traced

HOLDER = "aws_s3_bucket_policy.logs"
STATEMENT = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::logs/*"}


def parsed(document: object, kind: PolicyKind = PolicyKind.RESOURCE, **more: Any) -> Policy:
    return parse_policy(document, kind=kind, holder=HOLDER, **more)


def with_statement(**changes: Any) -> dict[str, Any]:
    statement = {name: value for name, value in {**STATEMENT, **changes}.items() if value is not None}
    return {"Version": "2012-10-17", "Statement": [statement]}


def test_a_statement_is_read_in_all_its_elements() -> None:
    document = with_statement(
        Sid="Read",
        Action=["s3:GetObject", "s3:ListBucket"],
        Principal={"AWS": ["123456789012", "arn:aws:iam::123456789012:role/a"], "Service": "ec2.amazonaws.com"},
        Condition={"Bool": {"aws:SecureTransport": True}, "NumericLessThan": {"s3:max-keys": [10, "20"]}},
    )
    (statement,) = parsed(json.dumps(document)).statements
    assert statement.effect is Effect.ALLOW
    assert statement.sid == "Read"
    assert statement.actions == ("s3:GetObject", "s3:ListBucket")
    assert statement.resources == ("arn:aws:s3:::logs/*",)
    assert statement.principals == (
        Principal("AWS", "123456789012"),
        Principal("AWS", "arn:aws:iam::123456789012:role/a"),
        Principal("Service", "ec2.amazonaws.com"),
    )
    conditions = [(condition.operator, condition.key, condition.values) for condition in statement.conditions]
    assert conditions == [
        ("Bool", "aws:SecureTransport", ("true",)),
        ("NumericLessThan", "s3:max-keys", ("10", "20")),
    ]


def test_what_a_statement_does_not_have_is_empty() -> None:
    document = with_statement(NotAction="s3:Put*", NotResource=["a", "b"], Action=None, Resource=None)
    (statement,) = parsed(document).statements
    assert (statement.actions, statement.not_actions) == ((), ("s3:Put*",))
    assert (statement.resources, statement.not_resources) == ((), ("a", "b"))
    assert statement.not_principals is None
    assert statement.conditions == ()


def test_a_policy_may_be_one_statement_instead_of_a_list() -> None:
    (statement,) = parsed({"Version": "2012-10-17", "Statement": STATEMENT}).statements
    assert statement.number == 0


def test_everybody_is_the_same_in_both_spellings() -> None:
    (short,) = parsed(with_statement(Principal="*")).statements
    (long,) = parsed(with_statement(Principal={"AWS": "*"})).statements
    assert short.principals == long.principals == (Principal("AWS", "*"),)


def test_a_document_without_a_version_has_the_old_one() -> None:
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html
    assert parsed({"Statement": [STATEMENT]}).version == "2008-10-17"
    assert parsed(with_statement()).version == "2012-10-17"


def test_a_statement_of_a_resource_policy_needs_no_resource() -> None:
    (statement,) = parsed(with_statement(Resource=None)).statements
    assert statement.resources == ()


def test_a_statement_says_where_it_is() -> None:
    place = Place(Path("iam.tf"), 7)
    policy = parsed(
        {"Version": "2012-10-17", "Statement": [STATEMENT, {**STATEMENT, "Sid": "Second"}]},
        place=Place(Path("iam.tf"), 1),
        statement_place=lambda number: place if number else None,
    )
    first, second = policy.statements
    assert str(first) == f"Statement[0] of resource policy {HOLDER} (iam.tf:1)"
    assert str(second) == f'Statement[1] "Second" of resource policy {HOLDER} (iam.tf:7)'


def test_a_policy_of_aws_is_named_by_its_arn() -> None:
    arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    policy = parsed(with_statement(Principal=None), PolicyKind.IDENTITY, managed_arn=arn)
    assert str(policy) == f"identity policy {arn}"


def test_a_document_that_is_not_known_is_undecided_and_says_why() -> None:
    policy = parsed(Unknown(HOLDER, "policy"))
    assert policy.statements == ()
    assert policy.undecided == "known after apply"
    assert parsed(Sensitive(HOLDER, "policy")).undecided == "sensitive"


def test_an_element_that_is_not_known_stays_so_beside_known_ones() -> None:
    unknown = Unknown("data.aws_iam_policy_document.a", "statement[0].resources[1]")
    document = with_statement(Resource=["arn:aws:s3:::logs", unknown], Action=unknown)
    (statement,) = parsed(document).statements
    assert statement.resources[0] == "arn:aws:s3:::logs"
    assert statement.resources[1] is unknown
    assert statement.actions[0] is unknown


@pytest.mark.parametrize("element", ["Principal", "Condition"])
def test_a_principal_or_condition_that_is_not_known_is_there_all_the_same(element: str) -> None:
    unknown = Unknown("data.aws_iam_policy_document.a", "statement[0]")
    (statement,) = parsed(with_statement(**{element: unknown})).statements
    found = [principal.value for principal in statement.principals or ()]
    found += [value for condition in statement.conditions for value in condition.values]
    assert any(value is unknown for value in found)


def test_a_sensitive_text_is_an_unknown_one() -> None:
    (statement,) = parsed(with_statement(Resource=Sensitive(HOLDER, "policy"))).statements
    (resource,) = statement.resources
    assert isinstance(resource, Unknown)
    assert resource.reason == "sensitive"


@pytest.mark.parametrize("statement", [Unknown("a", "b"), {**STATEMENT, "Effect": Unknown("a", "b")}])
def test_a_statement_that_is_not_known_leaves_the_others_but_the_policy_undecided(statement: object) -> None:
    policy = parsed({"Version": "2012-10-17", "Statement": [statement, STATEMENT]})
    assert [each.number for each in policy.statements] == [1]
    assert "Statement[0]" in policy.undecided


def test_texts_with_tokens_become_ordinary_ones() -> None:
    arn = Traced("arn:aws:s3:::logs", (Feed("aws_s3_bucket.logs", "arn"),), HOLDER, "policy")
    document = with_statement(Resource=arn, Sid=arn, Principal={"AWS": arn}, Condition={"ArnLike": {"a:b": arn}})
    (statement,) = parsed(document).statements
    texts = [*statement.resources, statement.sid, *statement.conditions[0].values]
    texts += [principal.value for principal in statement.principals or ()]
    assert [type(text) for text in texts] == [str] * 4


@pytest.mark.parametrize(
    ("document", "what"),
    [
        ("{not json", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[]", "JSON object, not a list"),
        ('"text"', "JSON object, not a text"),
        ({"Version": "2012-10-17"}, "no Statement"),
        ({"Statement": "all"}, "Statement is a text"),
        ({"Statement": [3]}, r"Statement\[0\] is a number"),
        ({**with_statement(), "Version": "2012-10-18"}, "Version is '2012-10-18'"),
        ({**with_statement(), "Statements": []}, "Statements is not an element"),
        (with_statement(Effect="allow"), "Effect is 'allow'"),
        (with_statement(Effect=None), "Effect is None"),
        (with_statement(Actions="s3:*"), "Actions is not an element"),
        (with_statement(NotAction="s3:*"), "both Action and NotAction"),
        (with_statement(Action=None), "neither Action nor NotAction"),
        (with_statement(Action=[]), "Action is empty"),
        (with_statement(Action=[3]), "Action holds a number"),
        (with_statement(NotResource="*"), "both Resource and NotResource"),
        (with_statement(NotPrincipal="*"), "both Principal and NotPrincipal"),
        (with_statement(Principal=None), "neither Principal nor NotPrincipal"),
        (with_statement(Principal="123456789012"), "Principal is '123456789012'"),
        (with_statement(Principal={"Role": "a"}), "Role is not an element"),
        (with_statement(Principal={"AWS": "arn:aws:iam::*:role/x"}), "no wildcards or variables"),
        (with_statement(Principal={"AWS": "arn:aws:iam::123456789012:role/${aws:username}"}), "no wildcards"),
        (with_statement(Condition=["a"]), "Condition is a list"),
        (with_statement(Condition={"StringEquals": "a"}), "StringEquals is a text"),
        (with_statement(Condition={"StringEquals": {"aws:a": {}}}), "holds an object"),
        (with_statement(Condition={"StringEqual": {"aws:a": "b"}}), "StringEqual is no condition operator"),
        (with_statement(Condition={"NullIfExists": {"aws:a": "true"}}), "NullIfExists is no condition operator"),
        ('{"Version": "2012-10-17", "Statement": [], "Statement": []}', "Statement stands twice"),
    ],
)
def test_what_is_no_policy_is_refused_with_its_place(document: object, what: str) -> None:
    with pytest.raises(PlanError, match=what) as caught:
        parsed(document, path="policy", place=Place(Path("bucket.tf"), 12))
    assert caught.value.where == f"{HOLDER}: policy (bucket.tf:12)"


def test_a_misspelt_operator_comes_with_the_right_one() -> None:
    with pytest.raises(PlanError, match="Did you mean StringEquals"):
        parsed(with_statement(Condition={"StringEqual": {"aws:a": "b"}}))


@pytest.mark.parametrize(
    ("kind", "changes", "what"),
    [
        (PolicyKind.IDENTITY, {}, "no identity policy has Principal"),
        (PolicyKind.BOUNDARY, {"Principal": None, "Resource": None}, "neither Resource nor NotResource"),
        (PolicyKind.IDENTITY, {"Principal": None, "NotPrincipal": "*"}, "policy has NotPrincipal"),
        (PolicyKind.TRUST, {}, "no trust policy has Resource"),
        (PolicyKind.TRUST, {"Resource": None, "Principal": None, "NotPrincipal": "*"}, "policy has NotPrincipal"),
    ],
)
def test_a_policy_has_the_elements_of_its_kind(kind: PolicyKind, changes: dict[str, Any], what: str) -> None:
    with pytest.raises(PlanError, match=what):
        parsed(with_statement(**changes), kind)


def test_a_document_may_be_large() -> None:
    policy = parsed({"Version": "2012-10-17", "Statement": [STATEMENT] * 5000})
    assert policy.statements[-1].number == 4999

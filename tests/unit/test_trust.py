"""A value is trusted where every token that feeds it shows, and where what it is made of is trusted, too."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from stackproof.plan.paths import Step, parse_path
from stackproof.plan.references.references import References
from stackproof.plan.resolution.arns import Location
from stackproof.plan.resolution.tokens import Mint
from stackproof.plan.resolution.trust import Trust
from stackproof.plan.wiring import Feed, Wiring

MINT = Mint("dev")
A, B = Feed("aws_vpc.a", "id"), Feed("aws_vpc.b", "id")
TOKEN = {
    feed: MINT.token(feed, type="aws_vpc", arguments={}, location=Location("aws", "eu-west-1", "123456789012"))
    for feed in (A, B)
}
NAME = ("name",)


@dataclass
class Written:
    """References as they would be read from a configuration: what feeds an attribute, by `ADDRESS.ATTRIBUTE`."""

    wirings: Mapping[str, Wiring] = field(default_factory=dict)
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def wiring(self, address: str, steps: tuple[Step, ...]) -> Wiring:
        return self.wirings.get(f"{address}.{steps[0] if steps else ''}", Wiring())

    def arguments(self, address: str) -> tuple[str, ...]:
        return self.names.get(address, ())


def trust(
    wirings: Mapping[str, Wiring],
    *,
    evaluated: Mapping[str, Any] | None = None,
    unknown: Mapping[str, Any] | None = None,
    hidden: Iterable[Feed] = (),
    pure: Iterable[str] = (),
    names: Mapping[str, tuple[str, ...]] | None = None,
) -> Trust:
    own = {feed.address: {"id": text} for feed, text in TOKEN.items()}
    references = cast(References, Written(wirings, names or {}))
    marks = {address: dict.fromkeys(values, True) for address, values in (evaluated or {}).items()}
    return Trust({**own, **(evaluated or {})}, unknown or marks, MINT.tokens, hidden, references, frozenset(pure))


def test_a_value_in_which_all_its_tokens_show_is_trusted() -> None:
    both = trust({"aws_x.a.name": Wiring((A, B))})
    assert both.deserves("aws_x.a", NAME, f"{TOKEN[A]}/{TOKEN[B]}")
    assert not both.deserves("aws_x.a", NAME, f"{TOKEN[A]}/hash")
    assert not both.deserves("aws_x.a", NAME, 17)


def test_a_value_whose_feeds_are_a_superset_may_lack_some() -> None:
    either = trust({"aws_x.a.name": Wiring((A, B), exact=False)})
    assert either.deserves("aws_x.a", NAME, TOKEN[A])


def test_what_cannot_be_followed_is_not_trusted() -> None:
    found = trust({"aws_x.a.name": Wiring((A,), exact=False, complete=False)})
    assert not found.deserves("aws_x.a", NAME, TOKEN[A])


def test_what_has_no_token_need_not_show() -> None:
    assert trust({"aws_x.a.name": Wiring((A, Feed("aws_y.a", "name")))}).deserves("aws_x.a", NAME, TOKEN[A])


@pytest.mark.parametrize(
    ("hidden", "path", "answer"),
    [
        ("count", "count", False),
        ("count", "count[0].a", False),
        ("count[0].a", "count", False),
        ("count[0].a", "count[1].a", True),
        ("count", "name", True),
    ],
)
def test_what_is_hidden_is_not_trusted_nor_any_part_or_whole_of_it(hidden: str, path: str, answer: bool) -> None:
    found = trust({}, hidden=[Feed("aws_x.a", hidden)])
    assert found.deserves("aws_x.a", parse_path(path), "x") is answer


def test_what_is_made_of_something_hidden_is_not_trusted_however_far_away() -> None:
    wirings = {
        "aws_x.a.name": Wiring((Feed("aws_x.b", "name"), A)),
        "aws_x.b.name": Wiring((Feed("aws_x.c", "ids"),)),
        "aws_x.c.ids": Wiring((Feed("aws_x.d", "count"), A), exact=False),
    }
    evaluated = {"aws_x.b": {"name": TOKEN[A]}, "aws_x.c": {"ids": [TOKEN[A]]}}
    assert trust(wirings, evaluated=evaluated).deserves("aws_x.a", NAME, TOKEN[A])
    far = trust(wirings, evaluated=evaluated, hidden=[Feed("aws_x.d", "count")])
    assert not far.deserves("aws_x.a", NAME, TOKEN[A])


def test_what_is_made_of_a_hash_is_not_trusted() -> None:
    wirings = {"aws_x.a.name": Wiring((Feed("aws_x.b", "name"),)), "aws_x.b.name": Wiring((A, B))}
    shown, hashed = f"{TOKEN[A]} {TOKEN[B]}", f"{TOKEN[A]} hash"
    assert trust(wirings, evaluated={"aws_x.b": {"name": shown}}).deserves("aws_x.a", NAME, shown)
    assert not trust(wirings, evaluated={"aws_x.b": {"name": hashed}}).deserves("aws_x.a", NAME, hashed)


@pytest.mark.parametrize("nothing", [None, [], {}, "absent"])
def test_what_only_a_provider_makes_is_not_trusted(nothing: object) -> None:
    wirings = {"aws_x.a.name": Wiring((Feed("aws_x.b", "blocks[0].id"), A), exact=False)}
    values = {} if nothing == "absent" else {"blocks": nothing}
    unknown = {"aws_x.b": {"blocks": True}}
    assert not trust(wirings, evaluated={"aws_x.b": values}, unknown=unknown).deserves("aws_x.a", NAME, TOKEN[A])
    made = {"aws_x.b": {"blocks": [{"id": TOKEN[A]}]}}
    assert trust(wirings, evaluated=made, unknown=unknown).deserves("aws_x.a", NAME, TOKEN[A])


def test_what_only_a_provider_makes_within_what_is_known_is_not_trusted() -> None:
    unknown = {"aws_x.b": {"disks": [{"id": True, "size": False}]}}
    evaluated = {"aws_x.b": {"disks": [{"id": None, "size": 8}]}}
    for attribute, answer in (("disks[0].id", False), ("disks", False), ("disks[0].size", True)):
        wirings = {"aws_x.a.name": Wiring((Feed("aws_x.b", attribute), A))}
        found = trust(wirings, evaluated=evaluated, unknown=unknown)
        assert found.deserves("aws_x.a", NAME, TOKEN[A]) is answer


def test_a_whole_resource_is_trusted_where_nothing_of_it_is_hidden() -> None:
    wirings = {"aws_x.a.name": Wiring((Feed("aws_x.b", ""), A))}
    assert trust(wirings).deserves("aws_x.a", NAME, TOKEN[A])
    assert not trust(wirings, hidden=[Feed("aws_x.b", "count")]).deserves("aws_x.a", NAME, TOKEN[A])


def test_what_leads_back_to_itself_is_decided_by_the_rest() -> None:
    wirings = {"aws_x.a.name": Wiring((Feed("aws_x.b", "name"),)), "aws_x.b.name": Wiring((Feed("aws_x.a", "name"),))}
    evaluated = {"aws_x.a": {"name": "x"}, "aws_x.b": {"name": "x"}}
    assert trust(wirings, evaluated=evaluated).deserves("aws_x.a", NAME, "x")


def test_a_document_is_as_trusted_as_its_statements() -> None:
    address = "data.aws_iam_policy_document.a"
    wirings = {f"{address}.statement": Wiring((A, B)), "aws_x.a.policy": Wiring((Feed(address, "json"),))}
    answers = []
    for statement in (f"{TOKEN[A]} {TOKEN[B]}", f"{TOKEN[A]} hash"):
        evaluated = {address: {"statement": [statement], "json": statement}}
        found = trust(wirings, evaluated=evaluated, pure=[address], names={address: ("statement",)})
        answers.append(
            (found.deserves(address, ("json",), statement), found.deserves("aws_x.a", ("policy",), statement))
        )
    assert answers == [(True, True), (False, False)]


def test_a_text_without_tokens_is_known_where_a_provider_computed_it_from_arguments() -> None:
    address = "data.aws_iam_policy_document.a"
    wirings = {"aws_x.a.policy": Wiring((Feed(address, "json"),))}
    found = trust(wirings, evaluated={address: {"json": "{}"}}, pure=[address])
    assert found.is_computed_from_arguments("aws_x.a", ("policy",), "{}")
    assert found.is_computed_from_arguments(address, ("json",), "{}")
    assert not found.is_computed_from_arguments("aws_x.a", ("policy",), "other")
    assert not found.is_computed_from_arguments("aws_x.a", ("name",), "{}")

"""The comparison of wiring and values finds what is wrong and nothing else, on states that are made up."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from stackproof.plan.wiring import Feed, Wiring

from .arguments import Argument
from .state import Instance, State, texts
from .wirings import Checked, check

VALUES: Mapping[str, Mapping[str, Any]] = {
    'aws_subnet.a["x"]': {"id": "subnet-00001", "vpc_id": "vpc-00001", "size": 80},
    'aws_subnet.a["y"]': {"id": "subnet-00002", "vpc_id": "vpc-00001", "size": 8080},
    "aws_vpc.v": {"id": "vpc-00001", "owner_id": "123456789012", "name": "network"},
    "aws_iam_role.r": {"arn": "arn:aws:iam::123456789012:role/network"},
    "aws_iam_role.s": {"arn": "arn:aws:iam::123456789012:role/other", "name": "network", "owner_id": "123456789012"},
    "aws_share.s": {"arn": "arn:aws:ram:us-east-1:123456789012:share/vpc-00001"},
    "data.aws_iam_policy_document.d": {"json": '{"a": ["arn:aws:iam::123456789012:role/other"]}'},
    "aws_x.x": {},
}
ABOVE = {
    "aws_subnet.a": {"aws_vpc.v"},
    "data.aws_iam_policy_document.d": {"aws_iam_role.s"},
    "aws_x.x": {"aws_subnet.a", "aws_vpc.v", "aws_iam_role.s", "aws_share.s", "data.aws_iam_policy_document.d"},
}
STATE = State(
    {address: Instance(address, "managed", "aws", "a", values) for address, values in VALUES.items()},
    {block: frozenset(sources) for block, sources in ABOVE.items()},
)
X, Y, VPC = Feed('aws_subnet.a["x"]', "id"), Feed('aws_subnet.a["y"]', "id"), Feed("aws_vpc.v", "id")
ROLE, SHARE = Feed("aws_iam_role.s", "arn"), Feed("aws_share.s", "arn")


def checked(value: Any, *feeds: Feed, **more: Any) -> Checked:
    """The comparison for one argument of aws_x.x that was applied as this value and is said to be wired like this."""
    argument = Argument("aws_x.x", "argument", texts(value))
    return check(STATE, [argument], lambda address, path: Wiring(feeds, **more) if (address, path) else Wiring())


def told(value: Any, *feeds: Feed, **more: Any) -> list[str]:
    return [found.what for found in checked(value, *feeds, **more).disagreements]


def test_a_true_wiring_is_not_reported() -> None:
    assert told("subnet-00001", X) == []
    assert told(["subnet-00001", "subnet-00002"], X, Y) == []
    assert told("nothing of anybody") == []


def test_the_wrong_instance_is_reported_from_both_sides() -> None:
    missing, refuted = told("subnet-00001", Y)
    assert missing.startswith(f"{X.address} feeds it by value (subnet-00001)")
    assert refuted.startswith(f"{Y} does not feed it by value")


def test_a_feed_too_few_is_reported() -> None:
    [missing] = told("subnet-00001,subnet-00002", X)
    assert missing.startswith(Y.address)


def test_a_feed_too_many_is_reported() -> None:
    [refuted] = told("subnet-00001", X, Y)
    assert refuted.startswith(str(Y))


def test_the_wrong_attribute_is_reported() -> None:
    assert len(told("subnet-00001", Feed(X.address, "vpc_id"))) == 2


def test_an_attribute_that_is_not_there_is_reported() -> None:
    assert told("other", Feed("aws_vpc.v", "arn")) != []


def test_a_superset_may_name_more_but_not_leave_out() -> None:
    assert told("subnet-00001", X, Y, exact=False) == []
    assert len(told("subnet-00001", Y, exact=False)) == 1
    assert told("subnet-00001", Y, exact=False, complete=False) == []


def test_what_a_superset_is_certain_of_is_looked_for() -> None:
    [refuted] = told("subnet-00001", X, Y, exact=False, certain=(Y,))
    assert refuted.startswith(str(Y))


def test_an_id_belongs_to_whom_the_others_have_it_from() -> None:
    [missing, _] = told("vpc-00001", ROLE)
    assert missing.startswith("aws_vpc.v feeds it by value")
    assert told("vpc-00001", VPC) == []
    assert told("vpc-00001", Feed(X.address, "vpc_id")) == []


def test_a_value_of_several_that_have_it_from_nobody_tells_nothing() -> None:
    assert told("network") == []
    assert told("123456789012") == []


def test_a_value_of_an_instance_to_which_no_reference_leads_tells_nothing() -> None:
    assert told("arn:aws:iam::123456789012:role/network") == []


def test_a_part_of_a_longer_word_tells_nothing() -> None:
    assert told("subnet-00001-and-more") == []
    assert told("subnet-000011") == []
    assert told("my-subnet-00001") == []
    assert len(told("/subnet-00001/")) == 1


def test_a_part_of_something_else_s_identity_tells_nothing() -> None:
    assert told("arn:aws:ram:us-east-1:123456789012:share/vpc-00001", SHARE) == []


def test_what_has_a_value_not_from_its_owner_does_not_explain_it() -> None:
    [missing] = told("vpc-00001", SHARE)
    assert missing.startswith("aws_vpc.v feeds it by value")


def test_values_in_documents_and_in_base64_are_seen() -> None:
    assert len(told('{"Resource": "subnet-00001"}')) == 1
    assert len(told(base64.b64encode(b"#!/bin/sh\nexport SUBNET=subnet-00001\n").decode())) == 1


def test_the_form_of_a_document_does_not_matter() -> None:
    document = Feed("data.aws_iam_policy_document.d", "json")
    assert told('{ "a":\n["arn:aws:iam::123456789012:role/other"] }', document) == []


def test_a_data_source_that_has_a_value_from_its_owner_explains_it() -> None:
    document = '{"a": ["arn:aws:iam::123456789012:role/other"]}'
    assert told(document, ROLE) == []
    assert told(document, Feed("data.aws_iam_policy_document.d", "json")) == []
    assert len(told(document, Feed("data.aws_iam_policy_document.d", "id"))) == 2


def test_short_values_are_looked_for_as_whole_words() -> None:
    assert told("port 80", Feed(X.address, "size")) == []
    assert len(told("port 8080", Feed(X.address, "size"))) == 1


def test_a_piece_of_a_feed_s_value_is_enough() -> None:
    assert told("role/other", ROLE) == []


def test_figures_count_what_was_compared() -> None:
    found = checked("subnet-00001", X)
    assert (len(found.named), found.exact, found.feeds, found.undecided) == (1, 1, 1, 0)
    found = checked("subnet-00001", X, Y, exact=False)
    assert (len(found.named), found.exact, found.feeds, found.undecided) == (1, 0, 0, 1)
    found = checked("nothing of anybody")
    assert (len(found.named), found.exact, found.feeds, found.undecided) == (0, 0, 0, 0)

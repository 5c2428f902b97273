"""Tokens are well-formed, all different, the same in every run, and found again in whatever text is made of them."""

from __future__ import annotations

import base64
import ipaddress
import json
import re
import urllib.parse
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stackproof.plan.resolution.arns import Location
from stackproof.plan.resolution.tokens import Mint, Tokens
from stackproof.plan.wiring import Feed, Traced

PLACE = Location("aws", "eu-west-1", "123456789012")
VPC = Feed("aws_vpc.this", "id")
VPC_ARN = Feed("aws_vpc.this", "arn")
ROLE_ARN = Feed("module.a[0].aws_iam_role.this", "arn")

DIGITS = re.compile(r"[0-9a-f]{16}")


def minted(*feeds: Feed, environment: str = "dev", arguments: Mapping[str, Any] | None = None) -> dict[Feed, str]:
    return made(Mint(environment), *feeds, arguments=arguments)


def made(mint: Mint, *feeds: Feed, arguments: Mapping[str, Any] | None = None) -> dict[Feed, str]:
    return {
        feed: mint.token(feed, type=feed.address.split(".")[-2], arguments=arguments or {}, location=PLACE)
        for feed in feeds
    }


def token(type: str, attribute: str, **arguments: object) -> str:
    (text,) = minted(Feed(f"{type}.this", attribute), arguments=arguments).values()
    return text


@pytest.mark.parametrize(
    ("type", "attribute", "form"),
    [
        ("aws_vpc", "id", r"vpc-0[0-9a-f]{16}"),
        ("aws_subnet", "id", r"subnet-0[0-9a-f]{16}"),
        ("aws_security_group", "id", r"sg-0[0-9a-f]{16}"),
        ("aws_vpc", "default_security_group_id", r"sg-0[0-9a-f]{16}"),
        ("aws_instance", "primary_network_interface_id", r"eni-0[0-9a-f]{16}"),
        ("aws_lb", "zone_id", r"Z[0-9A-F]{16}"),
        ("aws_lb", "dns_name", r"[0-9a-f]{16}\.eu-west-1\.amazonaws\.com"),
        ("aws_api_gateway_stage", "invoke_url", r"https://[0-9a-f]{16}\.eu-west-1\.amazonaws\.com"),
        ("aws_glue_job", "arn", r"arn:aws:glue:eu-west-1:123456789012:glue-job/[0-9a-f]{16}"),
        ("aws_glue_job", "id", r"glue-job-[0-9a-f]{16}"),
        ("aws_lb", "ip_address_type", r"[0-9a-f]{16}"),
    ],
)
def test_a_token_has_the_form_of_its_kind(type: str, attribute: str, form: str) -> None:
    assert re.fullmatch(form, token(type, attribute))


def test_a_token_for_an_address_is_one_that_no_network_has() -> None:
    assert ipaddress.ip_address(token("aws_eip", "public_ip")) in ipaddress.ip_network("198.18.0.0/15")
    assert ipaddress.IPv4Network(token("aws_vpc", "cidr_block")).subnet_of(ipaddress.IPv4Network("198.18.0.0/15"))
    documentation = ipaddress.ip_network("2001:db8::/32")
    assert ipaddress.ip_address(token("aws_instance", "ipv6_address")) in documentation
    assert ipaddress.ip_network(token("aws_vpc", "ipv6_cidr_block")).network_address in documentation


def test_a_token_for_a_document_is_one() -> None:
    assert json.loads(token("aws_sqs_queue", "policy"))["Statement"] == []


def test_a_token_for_an_account_is_the_account() -> None:
    mint = Mint("dev")
    assert made(mint, Feed("aws_vpc.this", "owner_id")) == {Feed("aws_vpc.this", "owner_id"): "123456789012"}
    assert len(mint.tokens) == 0


@pytest.mark.parametrize(
    ("type", "attribute", "arguments", "shown"),
    [
        ("aws_iam_role", "arn", {"name": "task", "path": "/a/"}, "arn:aws:iam::123456789012:role/a/task"),
        ("aws_iam_role", "id", {"name": "task"}, "task"),
        ("aws_s3_bucket", "arn", {"bucket": "logs"}, "arn:aws:s3:::logs"),
        ("aws_s3_bucket", "bucket_domain_name", {"bucket": "logs"}, "logs.s3.amazonaws.com"),
        ("aws_cloudwatch_log_group", "arn", {"name": "/a"}, "arn:aws:logs:eu-west-1:123456789012:log-group:/a"),
        (
            "aws_ecs_task_definition",
            "arn_without_revision",
            {"family": "a"},
            "arn:aws:ecs:eu-west-1:123456789012:task-definition/a",
        ),
    ],
)
def test_a_physical_name_is_shown_without_the_mark(
    type: str, attribute: str, arguments: Mapping[str, Any], shown: str
) -> None:
    mint = Mint("dev")
    (text,) = made(mint, Feed(f"{type}.this", attribute), arguments=arguments).values()
    assert re.fullmatch(rf"{re.escape(shown)}-[0-9a-f]{{16}}", text)
    read = mint.tokens.read(text, "terraform_data.this", "input")
    assert isinstance(read, Traced)
    assert str.__str__(read) == shown
    assert read.raw == text


def test_the_end_of_a_load_balancer_s_arn_is_what_metrics_name_it_by() -> None:
    mint = Mint("dev")
    arn, suffix = made(mint, Feed("aws_lb.a", "arn"), Feed("aws_lb.a", "arn_suffix"), arguments={"name": "a"}).values()
    shown = [str.__str__(mint.tokens.read(text, "", "")) for text in (arn, suffix)]
    assert re.fullmatch(r"app/a/[0-9a-f]{16}", shown[1])
    assert shown[0].endswith(f":loadbalancer/{shown[1]}")


def test_an_arn_ends_in_the_id() -> None:
    mint = Mint("dev")
    identifier, arn = made(mint, VPC, VPC_ARN).values()
    assert str.__str__(mint.tokens.read(arn, "", "")).endswith(f":vpc/{identifier}")


def test_a_name_that_is_not_known_begins_with_its_prefix_wherever_it_is_told() -> None:
    feeds = Feed("aws_s3_bucket.a", "bucket"), Feed("aws_s3_bucket.a", "id"), Feed("aws_s3_bucket.a", "arn")
    mint = Mint("dev")
    texts = made(mint, *feeds, arguments={"bucket_prefix": "logs-"}).values()
    name, identifier, arn = (str.__str__(mint.tokens.read(text, "", "")) for text in texts)
    assert re.fullmatch(r"logs-[0-9a-f]{16}", name)
    assert (identifier, arn) == (name, f"arn:aws:s3:::{name}")
    assert [token.feed for text in texts for token in mint.tokens.in_value(text)] == list(feeds)


def test_a_name_that_nothing_is_known_of_leaves_an_arn_its_form() -> None:
    assert re.fullmatch(r"arn:aws:sqs:eu-west-1:123456789012:[0-9a-f]{16}-[0-9a-f]{16}", token("aws_sqs_queue", "arn"))


FEEDS = [
    Feed(f"{address}.{name}", attribute)
    for address in ("aws_vpc", "aws_lb", "module.a.aws_lb", 'module.a["x"].aws_s3_bucket', "data.aws_vpc")
    for name in ("a", "a[0]", 'a["b.c"]')
    for attribute in ("id", "arn", "arn_suffix", "public_ip", "cidr_block", "ipv6_cidr_block", "zone_id", "a[0].b")
]


def test_all_tokens_differ() -> None:
    found = [*minted(*FEEDS).values(), *minted(*FEEDS, environment="prod").values()]
    assert len(set(found)) == len(found)


def test_tokens_are_the_same_in_every_run() -> None:
    assert minted(*FEEDS) == minted(*FEEDS)
    assert minted(VPC)[VPC] == "vpc-0f702d3e0706b0fcb"


def test_a_moved_resource_keeps_its_tokens() -> None:
    arguments: dict[str, Any] = {"type": "aws_vpc", "arguments": {}, "location": PLACE}
    before = Mint("dev").token(Feed("aws_vpc.old", "id"), **arguments)
    after = Mint("dev")
    assert after.token(Feed("aws_vpc.new", "id"), identity="aws_vpc.old", **arguments) == before
    assert [feed.address for feed in after.tokens.feeds] == ["aws_vpc.new"]


MADE_OF: list[Callable[[str], str]] = [
    lambda text: text,
    str.upper,
    str.title,
    lambda text: f"{text}/*",
    lambda text: f"prefix-{text}",
    lambda text: json.dumps({"Resource": [text, "*"]}),
    lambda text: base64.b64encode(f"export ARN={text}\n".encode()).decode(),
    lambda text: f"data:text/plain;base64,{base64.b64encode(f'arn={text}'.encode()).decode()}",
    lambda text: urllib.parse.quote(text, safe=""),
    lambda text: text.rsplit("/", 1)[-1],
    lambda text: text.rsplit(":", 1)[-1],
    lambda text: text.replace(":", "!"),
    lambda text: f"deadbeef{text}deadbeef",
]


@pytest.mark.parametrize("make", MADE_OF)
@pytest.mark.parametrize("feed", [VPC, VPC_ARN, ROLE_ARN, Feed("aws_lb.a", "arn"), Feed("aws_lb.a", "id")])
def test_a_token_is_found_in_what_is_made_of_it(feed: Feed, make: Callable[[str], str]) -> None:
    mint = Mint("dev")
    text = made(mint, *FEEDS, VPC, VPC_ARN, ROLE_ARN, arguments={"name": "front"})[feed]
    assert [token.feed for token in mint.tokens.in_value(make(text))] == [feed]


def test_addresses_are_found_in_what_is_made_of_them() -> None:
    feeds = [Feed("aws_eip.a", "public_ip"), Feed("aws_vpc.a", "cidr_block"), Feed("aws_vpc.a", "ipv6_cidr_block")]
    mint = Mint("dev")
    address, network, prefix = made(mint, *feeds).values()
    for text in (f"http://{address}:80/", f"{address}/32", address):
        assert [token.feed for token in mint.tokens.in_value(text)] == feeds[:1]
    assert [token.feed for token in mint.tokens.in_value([network, {"v6": prefix.upper()}])] == feeds[1:]


def test_both_of_two_joined_tokens_are_found() -> None:
    mint = Mint("dev")
    identifier, arn = made(mint, VPC, VPC_ARN).values()
    for text in (f"{identifier}-{arn}", f"{arn}-{identifier}", f"{arn},{identifier}"):
        assert {token.feed for token in mint.tokens.in_value(text)} == {VPC, VPC_ARN}


@pytest.mark.parametrize(
    "hide",
    [
        lambda text: text[:8],
        lambda text: text[::-1],
        lambda _: "",
        lambda text: base64.b32encode(text.encode()).decode(),
    ],
)
def test_a_token_that_is_hidden_is_not_found(hide: Callable[[str], str]) -> None:
    mint = Mint("dev")
    text = made(mint, VPC)[VPC]
    assert mint.tokens.in_value(hide(text)) == ()
    assert type(mint.tokens.read(hide(text), "", "")) is str


def test_what_is_no_token_is_none() -> None:
    mint = Mint("dev")
    made(mint, *FEEDS)
    texts = ["vpc-00123456789abcdef", "198.18.0.1", "AAAA" * 20, "not base64 at all, but long enough: /////////////w=="]
    assert mint.tokens.in_value([*texts, 1, None, True, 1.5]) == ()


@settings(deadline=None)
@given(st.text(), st.sampled_from(FEEDS), st.sampled_from(MADE_OF[:6]), st.text())
def test_a_token_is_found_between_any_texts(before: str, feed: Feed, make: Callable[[str], str], after: str) -> None:
    mint = Mint("dev")
    text = made(mint, *FEEDS, arguments={"name": "front"})[feed]
    # what continues an address makes it another one
    value = f"{before} {make(text)} {after}"
    assert feed in [token.feed for token in mint.tokens.in_value({"any": [value]})]


def test_tokens_are_kept_as_data() -> None:
    mint = Mint("dev")
    made(mint, *FEEDS, arguments={"name": "front"})
    kept = Tokens.from_data(json.loads(json.dumps(mint.tokens.as_data())))
    assert kept.as_data() == mint.tokens.as_data()
    assert len(kept) == len(FEEDS)


def test_what_a_token_shows_of_an_attribute_may_be_a_piece_of_it() -> None:
    mint = Mint("dev")
    identifier, arn = made(mint, VPC, VPC_ARN).values()
    tokens = mint.tokens
    assert tokens.show([VPC_ARN], [identifier])
    assert tokens.show([VPC_ARN, VPC], f"{arn} {identifier}")
    assert not tokens.show([VPC_ARN, ROLE_ARN, VPC], "nothing")
    assert tokens.show([ROLE_ARN], "has no token")


def test_tokens_of_some_attributes_can_be_chosen() -> None:
    mint = Mint("dev")
    texts = made(mint, VPC, VPC_ARN)
    assert mint.tokens.only([VPC]).in_value(list(texts.values())) == mint.tokens.in_value(texts[VPC])


@pytest.mark.parametrize(
    ("type", "attribute", "is_identity"),
    [("aws_vpc", "id", True), ("aws_lb", "ip_address_type", False), ("aws_sqs_queue", "policy", False)],
)
def test_what_a_provider_decides_for_itself_identifies_nothing(type: str, attribute: str, is_identity: bool) -> None:
    mint = Mint("dev")
    made(mint, Feed(f"{type}.this", attribute))
    (found,) = mint.tokens.feeds.values()
    assert found.is_identity is is_identity

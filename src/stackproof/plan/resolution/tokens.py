"""Tokens: texts that stand for what only an apply makes, such as an id, while Terraform evaluates a configuration.

A token is well-formed for its kind, so that a provider accepts it, and carries a mark: 16 hexadecimal digits made from
environment, resource address and attribute. By its mark a token, or a piece of one, is recognised in whatever text it
ends up in. Marks are the same in every run, and a `moved` block does not change them.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import ipaddress
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from stackproof.plan.resolution import arns
from stackproof.plan.resolution.arns import Location
from stackproof.plan.wiring import Feed, Traced

MARK_DIGITS = 16
_HEXADECIMAL = re.compile(rf"[0-9a-f]{{{MARK_DIGITS},}}", re.IGNORECASE)
_ADDED = re.compile(rf"-([0-9a-f]{{{MARK_DIGITS}}})", re.IGNORECASE)
_ADDRESS = re.compile(r"198\.1[89]\.\d{1,3}\.\d{1,3}|2001:db8(?::[0-9a-f]{1,4}){2}", re.IGNORECASE)
_BASE64 = re.compile(r"[A-Za-z0-9+/]{24,}={0,2}")


@dataclass(frozen=True)
class Token:
    """A token's text while Terraform evaluates, its mark in that text, and the attribute that it stands for.

    Where the mark is only an addition to what AWS will make of the arguments, `added` is what to take out again.
    """

    text: str
    mark: str
    feed: Feed
    added: str = ""

    @property
    def is_identity(self) -> bool:
        """Whether the attribute is one by which a resource is named, so that its token says something by itself."""
        return self.text != self.mark and not self.text.startswith("{")


class Tokens:
    """All tokens of one evaluation."""

    def __init__(self, tokens: Iterable[Token]) -> None:
        self._by_mark = {token.mark.lower(): token for token in tokens}

    @cached_property
    def feeds(self) -> Mapping[Feed, Token]:
        """The attributes that tokens stand for, and these."""
        return {token.feed: token for token in self._by_mark.values()}

    def __len__(self) -> int:
        return len(self._by_mark)

    def read(self, text: str, address: str, path: str) -> str:
        """A text as it was evaluated: Traced where there is a token in it, `address` and `path` say of which value."""
        tokens = list(dict.fromkeys(self._found(text)))
        if not tokens:
            return text
        shown = text
        for token in tokens:
            if token.added:
                shown = re.sub(re.escape(token.added), "", shown, flags=re.IGNORECASE)
        return Traced(shown, tuple(token.feed for token in tokens), address, path, raw=text)

    def in_value(self, value: object) -> tuple[Token, ...]:
        """The tokens anywhere in a JSON-like value, each once."""
        return tuple(dict.fromkeys(token for text in _texts(value) for token in self._found(text)))

    def only(self, feeds: Iterable[Feed]) -> Tokens:
        """Those that stand for these attributes."""
        return Tokens(self.feeds[feed] for feed in feeds)

    def show(self, feeds: Iterable[Feed], value: object) -> bool:
        """Whether each of these attributes that has a token is seen in a value, by the token or by a piece of it."""
        marks = [token.mark.lower() for token in self.in_value(value)]
        wanted = [self.feeds[feed].text.lower() for feed in feeds if feed in self.feeds]
        return all(any(mark in text for mark in marks) for text in wanted)

    def as_data(self) -> list[list[str]]:
        """All tokens as JSON data."""
        return [[t.text, t.mark, t.feed.address, t.feed.attribute, t.added] for t in self._by_mark.values()]

    @classmethod
    def from_data(cls, data: Sequence[Sequence[str]]) -> Tokens:
        """What `as_data` gave."""
        return cls(Token(text, mark, Feed(address, attribute), added) for text, mark, address, attribute, added in data)

    def _found(self, text: str) -> Iterator[Token]:
        yield from self._spelled_out(text)
        for match in _BASE64.finditer(text):
            try:
                inner = base64.b64decode(match[0], validate=True).decode()
            except (binascii.Error, UnicodeDecodeError):
                continue
            yield from self._spelled_out(inner)

    def _spelled_out(self, text: str) -> Iterator[Token]:
        for run in _HEXADECIMAL.finditer(text):
            for start in range(run.start(), run.end() - MARK_DIGITS + 1):
                token = self._by_mark.get(text[start : start + MARK_DIGITS].lower())
                if token and not self._goes_on(token, text[start + MARK_DIGITS :]):
                    yield token
        for address in _ADDRESS.findall(text):
            token = self._by_mark.get(address.lower())
            if token:
                yield token

    def _goes_on(self, token: Token, rest: str) -> bool:
        """Whether a mark is only the id at the end of an ARN, which is another attribute's token."""
        added = _ADDED.match(rest)
        whole = self._by_mark.get(added[1].lower()) if added else None
        return whole is not None and bool(whole.added) and whole.feed.address == token.feed.address


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, Sequence):
        for item in value:
            yield from _texts(item)


class Mint:
    """Makes the tokens for one environment, all different."""

    def __init__(self, environment: str) -> None:
        self._environment = environment
        self._made: dict[str, Token] = {}

    @property
    def tokens(self) -> Tokens:
        """All that were made."""
        return Tokens(self._made.values())

    def token(
        self, feed: Feed, *, type: str, arguments: Mapping[str, Any], location: Location, identity: str | None = None
    ) -> str:
        """The text of the token for an attribute of a resource with these arguments.

        `identity` is the address under which the resource is known elsewhere, where that is another one.
        """
        owner = identity or feed.address
        digest = self._digest(owner, feed.attribute)
        mark = digest[:MARK_DIGITS]
        attribute = feed.attribute.rsplit(".", 1)[-1]
        if attribute in _ACCOUNTS:
            return location.account
        # a name that is not known is the same in every attribute that tells it, and so is what AWS chooses
        unnamed = {name for name in arns.needed(type) if not isinstance(arguments.get(name), str)} - {attribute}
        names = {
            name: _opaque(type, name, arguments, location, self._digest(owner, name)[:MARK_DIGITS]) for name in unnamed
        }
        physical = _physical(type, attribute, {**arguments, **names}, location, self._digest(owner, "id")[:32])
        if physical is not None:
            token = Token(f"{physical}-{mark}", mark, feed, added=f"-{mark}")
        elif re.search(r"(^|_)ip(v6)?(_address)?$|(^|_)cidr(_block)?$", attribute):
            text = self._free_address(attribute, int(digest, 16))
            token = Token(text, text.split("::")[0].split("/")[0], feed)
        else:
            token = Token(_opaque(type, attribute, arguments, location, mark), mark, feed)
        self._made[token.mark] = token
        return token.text

    def _digest(self, address: str, attribute: str) -> str:
        return hashlib.sha256(f"{self._environment}\0{address}\0{attribute}".encode()).hexdigest()

    def _free_address(self, attribute: str, number: int) -> str:
        """An address from the ranges for benchmarks and documentation, which no network has."""
        while True:
            number += 1
            if "ipv6" in attribute:
                mark = f"2001:db8:{number >> 16 & 0xFFFF:x}:{number & 0xFF00:x}"
                text = f"{mark}::{'/56' if 'cidr' in attribute else '1'}"
            else:
                mark = str(ipaddress.ip_address(int(ipaddress.ip_address("198.18.0.0")) + number % 2**17))
                text = f"{mark}/32" if "cidr" in attribute else mark
            if mark not in self._made:
                return text


def _physical(type: str, attribute: str, arguments: Mapping[str, Any], location: Location, digits: str) -> str | None:
    """The text that AWS will give an attribute, where the arguments decide all that anybody matches it with."""
    if attribute == "id":
        return arns.identifier(type, arguments, location, digits)
    arn = arns.arn(type, arguments, location, digits)
    if attribute == "arn":
        return arn
    if attribute == "arn_suffix" and arn is not None:
        return arn.split(":", 5)[5].removeprefix("loadbalancer/")
    if attribute == "arn_without_revision" and arn is not None:
        return arn.rpartition(":")[0]
    return arns.other(type, attribute, arguments, location, digits)


_ACCOUNTS = frozenset({"account_id", "owner_id", "registry_id"})
"""Attributes that tell the account, which is known, so that they need no token."""

_KINDS: Mapping[str, str] = {
    "allocation": "eipalloc",
    "association": "assoc",
    "default_network_acl": "acl",
    "default_route_table": "rtb",
    "default_security_group": "sg",
    "internet_gateway": "igw",
    "main_route_table": "rtb",
    "nat_gateway": "nat",
    "network_acl": "acl",
    "network_interface": "eni",
    "prefix_list": "pl",
    "primary_network_interface": "eni",
    "route_table": "rtb",
    "security_group_rule": "sgr",
    "security_group": "sg",
    "subnet": "subnet",
    "vpc": "vpc",
    "vpc_endpoint": "vpce",
}


def _opaque(type: str, attribute: str, arguments: Mapping[str, Any], location: Location, mark: str) -> str:
    """A well-formed text for an attribute that AWS is free to choose."""
    named = type.removeprefix("aws_").replace("_", "-")
    if attribute == "id" and type in arns.PREFIXES:
        return f"{arns.PREFIXES[type]}-0{mark}"
    if attribute == "arn" or attribute.endswith("_arn") or attribute.startswith("arn_"):
        return arns.opaque(type, location, mark)
    if attribute in ("zone_id", "hosted_zone_id"):
        return f"Z{mark.upper()}"
    if attribute in ("name", "bucket", "identifier", "family"):
        prefix = arguments.get(f"{attribute}_prefix")
        return f"{prefix if isinstance(prefix, str) else ''}{mark}"
    if attribute.endswith("_id") and attribute.removesuffix("_id") in _KINDS:
        return f"{_KINDS[attribute.removesuffix('_id')]}-0{mark}"
    if attribute in ("policy", "assume_role_policy") or attribute.endswith("json"):
        return f'{{"Version":"2012-10-17","Id":"{mark}","Statement":[]}}'
    if re.search(r"(dns_name|domain_name|endpoint|hostname|fqdn)$|^address$", attribute):
        return f"{mark}.{location.region}.amazonaws.com"
    if attribute.endswith(("url", "uri")):
        return f"https://{mark}.{location.region}.amazonaws.com"
    return f"{named}-{mark}" if attribute == "id" else mark

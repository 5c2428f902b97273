"""CBOR, held against the examples of RFC 8949."""

from __future__ import annotations

import pytest

from stackproof.sandbox.api import cbor


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (b"\x00", 0),
        (b"\x18\x64", 100),
        (b"\x19\x03\xe8", 1000),
        (b"\x20", -1),
        (b"\x43abc", b"abc"),
        (b"\xf5", True),
        (b"\xf6", None),
        (b"\xfb\x3f\xf1\x99\x99\x99\x99\x99\x9a", 1.1),
        (b"\xf9\x3c\x00", 1.0),
        (b"\xc1\x1a\x00\x00\x00\x05", 5),
        (b"\x7f\x61a\x61b\xff", "ab"),
        (b"\xbf\x61a\x01\xff", {"a": 1}),
        (b"\x82\x01\x02", [1, 2]),
    ],
)
def test_cbor_is_read(data: bytes, value: object) -> None:
    assert cbor.loads(data) == value


@pytest.mark.parametrize("data", [b"", b"\x19\x03", b"\x63ab", b"\x9f\x01", b"\x1c", b"\xa1\x61a", b"\x61\xff"])
def test_what_is_no_cbor_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="no CBOR"):
        cbor.loads(data)


def test_texts_in_cbor_are_read_back() -> None:
    texts = {"__type": "x" * 300, "message": "é"}
    assert cbor.loads(cbor.dumps_texts(texts)) == texts

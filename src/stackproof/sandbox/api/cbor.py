"""Just as much CBOR as AWS's RPC protocol has.

https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html
https://www.rfc-editor.org/rfc/rfc8949
"""

from __future__ import annotations

import struct
from typing import Any

_BREAK = object()


def loads(data: bytes) -> Any:  # noqa: ANN401  # whatever was written
    """The value that some bytes hold, tags dropped; raises ValueError where they hold none."""
    try:
        value, _ = _read(data, 0)
    except (IndexError, struct.error, UnicodeDecodeError) as error:
        raise ValueError(f"no CBOR: {error}") from None
    return value


def dumps_texts(texts: dict[str, str]) -> bytes:
    """A map of texts."""
    parts = [_head(5, len(texts))]
    for pair in texts.items():
        for text in pair:
            encoded = text.encode()
            parts.append(_head(3, len(encoded)) + encoded)
    return b"".join(parts)


def _head(major: int, size: int) -> bytes:
    if size < 24:
        return bytes([major << 5 | size])
    return bytes([major << 5 | 26]) + struct.pack(">I", size)


def _read(data: bytes, at: int) -> tuple[Any, int]:
    major, info = data[at] >> 5, data[at] & 31
    at += 1
    if info >= 28 and info != 31:
        raise ValueError(f"no CBOR: reserved length {info}")
    if major == 7:
        return _simple(data, at, info)
    if info == 31:
        return _endless(data, at, major)
    size = info
    if info >= 24:
        width = 1 << (info - 24)
        size = int.from_bytes(data[at : at + width], "big")
        if at + width > len(data):
            raise ValueError("no CBOR: it ends too early")
        at += width
    match major:
        case 0:
            return size, at
        case 1:
            return -1 - size, at
        case 2 | 3:
            if at + size > len(data):
                raise ValueError("no CBOR: it ends too early")
            raw = data[at : at + size]
            return (raw if major == 2 else raw.decode()), at + size
        case 4:
            items = []
            for _ in range(size):
                item, at = _read(data, at)
                items.append(item)
            return items, at
        case 5:
            found = {}
            for _ in range(size):
                key, at = _read(data, at)
                found[key], at = _read(data, at)
            return found, at
        case _:
            return _read(data, at)


def _endless(data: bytes, at: int, major: int) -> tuple[Any, int]:
    items = []
    while True:
        item, at = _read(data, at)
        if item is _BREAK:
            break
        items.append(item)
    match major:
        case 2:
            return b"".join(items), at
        case 3:
            return "".join(items), at
        case 5:
            return dict(zip(items[::2], items[1::2], strict=True)), at
        case _:
            return items, at


def _simple(data: bytes, at: int, info: int) -> tuple[Any, int]:
    match info:
        case 20 | 21:
            return info == 21, at
        case 25 | 26 | 27:
            width = 1 << (info - 24)
            value: float = struct.unpack({2: ">e", 4: ">f", 8: ">d"}[width], data[at : at + width])[0]
            return value, at + width
        case 24:
            return None, at + 1
        case 31:
            return _BREAK, at
        case _:
            return None, at

"""What the environment decides, read once at the start: a wrong value ends the start with a sentence."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

SYMBOL = re.compile(r"[A-Z0-9][A-Z0-9.\-]{0,14}")
WATCH_LIST = "AAPL,AMZN,GOOGL,MSFT,NVDA"
LONGEST_WATCH_LIST = 20


class SettingsError(Exception):
    """An environment variable that the application cannot start with; says which, and what it may be."""


@dataclass(frozen=True)
class Settings:
    """All that can be set from outside. The key is kept out of every representation."""

    api_key: str = field(default="", repr=False)
    upstream_url: str = "https://www.alphavantage.co/query"
    watch_list: tuple[str, ...] = tuple(WATCH_LIST.split(","))
    cache_seconds: float = 3600.0
    timeout_seconds: float = 8.0
    pause_seconds: float = 1.3
    port: int = 8080
    version: str = "dev"
    commit: str = "dev"

    @property
    def is_live(self) -> bool:
        """Whether there is a key; without one the bundled sample is shown."""
        return bool(self.api_key)


def read(environment: Mapping[str, str]) -> Settings:
    """The settings that an environment asks for; what it leaves out, or leaves empty, has a default.

    Only an empty `WATCH_LIST` means something: a watch list with nothing on it. Raises SettingsError where a variable
    is not what it has to be; the message never repeats the key.
    """
    default = Settings()
    return Settings(
        api_key=_key(environment.get("ALPHA_VANTAGE_API_KEY", "")),
        upstream_url=_url(environment.get("ALPHA_VANTAGE_URL") or default.upstream_url),
        watch_list=_symbols(environment.get("WATCH_LIST", WATCH_LIST)),
        cache_seconds=_number(environment, "CACHE_SECONDS", default.cache_seconds, 0, 86_400),
        timeout_seconds=_number(environment, "UPSTREAM_TIMEOUT_SECONDS", default.timeout_seconds, 0.1, 60),
        pause_seconds=_number(environment, "UPSTREAM_PAUSE_SECONDS", default.pause_seconds, 0, 60),
        port=int(_number(environment, "PORT", default.port, 1, 65_535)),
        version=environment.get("APP_VERSION") or default.version,
        commit=environment.get("APP_COMMIT") or default.commit,
    )


def _key(text: str) -> str:
    key = text.strip()
    if not key.isprintable() or " " in key:
        raise SettingsError(
            "ALPHA_VANTAGE_API_KEY holds blanks or control characters; the secret has to be the bare key."
        )
    return key


def _url(text: str) -> str:
    url = urlsplit(text)
    if url.scheme not in {"http", "https"} or not url.hostname or url.query or url.fragment:
        raise SettingsError(f"ALPHA_VANTAGE_URL is {text!r}; it has to be an http or https URL without a query.")
    return text


def _symbols(text: str) -> tuple[str, ...]:
    symbols = tuple(dict.fromkeys(part.strip().upper() for part in text.split(",") if part.strip()))
    for symbol in symbols:
        if not SYMBOL.fullmatch(symbol):
            raise SettingsError(f"WATCH_LIST names {symbol!r}; symbols are letters, digits, dots and hyphens.")
    if len(symbols) > LONGEST_WATCH_LIST:
        raise SettingsError(f"WATCH_LIST names {len(symbols)} symbols; {LONGEST_WATCH_LIST} is the most.")
    return symbols


def _number(environment: Mapping[str, str], name: str, default: float, least: float, most: float) -> float:
    text = environment.get(name) or str(default)
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not least <= number <= most:
        raise SettingsError(f"{name} is {text!r}; it has to be a number from {least:g} to {most:g}.")
    return number

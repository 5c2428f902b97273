"""Written exceptions from rules: which, where, why, whose they are and until when.

[[exception]]
rule = "SP_TLS_001"
address = "module.alb.aws_lb_listener.http"   # an address, or a pattern with *
environments = ["dev"]                        # everywhere without it
reason = "There is no certificate in dev."
owner = "platform"
expires = 2027-06-30
"""

from __future__ import annotations

import datetime as dt
import fnmatch
import tomllib
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stackproof.errors import PolicyError
from stackproof.policy.finding import Finding

_NEEDED = ("rule", "address", "reason", "owner", "expires")
_KNOWN = (*_NEEDED, "environments")


@dataclass(frozen=True)
class Exemption:
    """An exception from a rule, and where it is written: in a file of exceptions, or beside a resource.

    `address` may hold `*`. One without an end has no `expires`; `environments` is empty for all of them.
    """

    rule: str
    address: str
    reason: str
    owner: str = ""
    expires: dt.date | None = None
    environments: tuple[str, ...] = ()
    where: str = ""

    def covers(self, finding: Finding, environment: str) -> bool:
        """Whether it is about a finding in an environment."""
        return (
            self.rule == finding.rule.id
            and (not self.environments or environment in self.environments)
            # an instance's key is in brackets, which a pattern would take for a set of letters
            and fnmatch.fnmatchcase(finding.address, self.address.replace("[", "[[]"))
        )

    def is_expired(self, today: dt.date) -> bool:
        """Whether its last day has passed."""
        return self.expires is not None and today > self.expires

    def __str__(self) -> str:
        until = f", until {self.expires}" if self.expires else ""
        owner = f" ({self.owner}{until})" if self.owner else ""
        only = f" in {', '.join(self.environments)}" if self.environments else ""
        return f"{self.rule} at {self.address}{only}: {self.reason}{owner}"


def read_exceptions(file: Path) -> tuple[Exemption, ...]:
    """The exceptions in a file; raises PolicyError, naming the entry, for whatever is wrong with one."""
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise PolicyError(f"cannot be read: {error}", where=str(file)) from None
    entries = content.pop("exception", [])
    if content:
        raise PolicyError(f"unknown key {next(iter(content))}", where=str(file), remedy="known is [[exception]].")
    if not isinstance(entries, list):
        raise PolicyError("exception must be a list of tables", where=str(file), remedy="write [[exception]].")
    return tuple(_exemption(entry, f"{file}, exception {number}") for number, entry in enumerate(entries, 1))


def problems(
    exemptions: Iterable[Exemption], used: Collection[Exemption], is_rule: Callable[[str], bool], today: dt.date
) -> list[str]:
    """What is wrong with exceptions: expired, about no rule that there is, or not needed by any finding.

    `used` are those that covered something, `is_rule` tells whether there is a rule of an id.
    """
    found = []
    for exemption in exemptions:
        if not is_rule(exemption.rule):
            found.append(f"{exemption.where}: there is no rule {exemption.rule}")
        elif exemption.is_expired(today):
            found.append(f"{exemption.where}: the exception from {exemption.rule} ended on {exemption.expires}")
        elif exemption not in used:
            found.append(
                f"{exemption.where}: nothing at {exemption.address} breaks {exemption.rule}: remove the exception"
            )
    return found


def _exemption(entry: object, where: str) -> Exemption:
    if not isinstance(entry, Mapping):
        raise PolicyError("must be a table", where=where)
    for key in entry:
        if key not in _KNOWN:
            raise PolicyError(f"unknown key {key}", where=where, remedy=f"known keys: {', '.join(_KNOWN)}.")
    for key in _NEEDED:
        if not entry.get(key):
            raise PolicyError(f"has no {key}", where=where, remedy=f"every exception has {', '.join(_NEEDED)}.")
    expires = entry["expires"]
    if not isinstance(expires, dt.date) or isinstance(expires, dt.datetime):
        raise PolicyError("expires must be a date", where=where, remedy="write it as 2027-06-30, without quotes.")
    environments = entry.get("environments", [])
    texts: dict[str, Any] = {key: entry[key] for key in ("rule", "address", "reason", "owner")}
    if not isinstance(environments, list) or not all(
        isinstance(text, str) for text in (*environments, *texts.values())
    ):
        raise PolicyError("rule, address, reason, owner and environments are texts", where=where)
    return Exemption(**texts, expires=expires, environments=tuple(environments), where=where)

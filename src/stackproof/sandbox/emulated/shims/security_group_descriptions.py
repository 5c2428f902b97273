"""moto 5.2.5 tells the description of a security group's rule only where the rule names addresses.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_SecurityGroupRule.html
"""

from __future__ import annotations

import importlib
import inspect
from typing import Any

SERVICE = "ec2"


def install() -> None:
    """Tell the description of rules that name a group or a prefix list, too."""
    rule: Any = importlib.import_module("moto.ec2.models.security_groups").SecurityGroupRule
    make = rule.__init__
    signature = inspect.signature(make)

    def made(self: Any, *arguments: Any, **more: Any) -> None:  # noqa: ANN401
        make(self, *arguments, **more)
        self.prefix_list = signature.bind(self, *arguments, **more).arguments.get("prefix_list_id") or {}

    def description(self: Any) -> str | None:  # noqa: ANN401
        # moto keeps a changed description with the addresses, whatever the rule names
        for named in (self.ip_range, self.source_group, self.prefix_list):
            if "Description" in named:
                text: str = named["Description"]
                return text
        return None

    rule.__init__ = made
    rule.description = property(description)

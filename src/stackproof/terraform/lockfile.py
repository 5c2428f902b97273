"""The dependency lock file `.terraform.lock.hcl`: which provider versions, and by which hashes.

Its format: https://developer.hashicorp.com/terraform/language/files/dependency-lock
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from stackproof.errors import TerraformError

FILE_NAME = ".terraform.lock.hcl"

# Terraform writes the file itself and rewrites it at will, so it has one shape only.
_PROVIDER = re.compile(r'^provider "(?P<address>[^"]+)" \{\n(?P<body>.*?)^\}', re.MULTILINE | re.DOTALL)
_VERSION = re.compile(r'^\s*version\s*=\s*"([^"]+)"', re.MULTILINE)
_HASH = re.compile(r'"((?:h1|zh):[^"]+)"')


@dataclass(frozen=True)
class LockedProvider:
    """One `provider` block: source address, the selected version and the hashes it may have."""

    address: str
    version: str
    hashes: tuple[str, ...]


def read_lock_file(folder: Path) -> tuple[LockedProvider, ...]:
    """The providers that a root module's lock file selects; none where there is no lock file.

    Raises TerraformError for a file that holds no readable provider block, or cannot be read.
    """
    file = folder / FILE_NAME
    if not file.exists():
        return ()
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise TerraformError(f"cannot be read: {error}", where=str(file)) from None
    providers = []
    for block in _PROVIDER.finditer(text):
        version = _VERSION.search(block["body"])
        if version is None:
            raise TerraformError(
                f"provider {block['address']} has no version", where=str(file), remedy="run terraform init."
            )
        providers.append(LockedProvider(block["address"], version[1], tuple(_HASH.findall(block["body"]))))
    if not providers and "provider" in text:
        raise TerraformError("holds no readable provider block", where=str(file), remedy="run terraform init.")
    return tuple(providers)

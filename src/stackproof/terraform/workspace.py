"""A scratch copy of a root module, made of links: Terraform runs there, and the user's tree is never touched.

Every folder from the top of the repository down to the root module is a real folder in the copy; all their other
entries are links, so that `../shared`, `file(...)` and `templatefile(...)` find what they would find in the original.
"""

from __future__ import annotations

from fnmatch import fnmatch
from pathlib import Path

from stackproof.errors import TerraformError

WORKING_FILES = (".terraform", ".terraform.lock.hcl", "crash.log")
"""What Terraform itself keeps in a root module's folder; the copy gets its own."""

LOCAL_STATE = ("*.tfstate", "*.tfstate.*", "terraform.tfstate.d")
"""Not in the copy unless wanted: a state found beside the configuration would be taken for what is deployed."""

OVERRIDE_NAME = "zzz_stackproof_override.tf"
OVERRIDE = 'terraform {\n  backend "local" {}\n}\n'
"""Read last, so it wins: a plan needs neither the remote state nor the credentials to reach it.

https://developer.hashicorp.com/terraform/language/files/override
"""


def link_copy(folder: Path, into: Path, *, with_state: bool) -> Path:
    """Make the scratch copy of the root module `folder` in the new folder `into`; gives the copy's root module.

    `with_state` keeps the configured backend and any local state; without it the copy has an empty state of its own.
    Relative paths hold up to the top of the repository. Raises TerraformError where the tree cannot be read.
    """
    top = repository_top(folder)
    left_out = WORKING_FILES if with_state else WORKING_FILES + LOCAL_STATE
    parts = folder.relative_to(top).parts
    here, there = top, into
    try:
        for part in (*parts, None):
            there.mkdir()
            for entry in here.iterdir():
                if entry.name != part and not (part is None and matches(entry.name, left_out)):
                    (there / entry.name).symlink_to(entry)
            if part is not None:
                here, there = here / part, there / part
        if not with_state:
            (there / OVERRIDE_NAME).write_text(OVERRIDE, encoding="utf-8")
    except OSError as error:
        raise TerraformError(f"cannot be copied for planning: {error}", where=str(here)) from None
    return there


def repository_top(folder: Path) -> Path:
    """The nearest ancestor that is a git work tree, else the folder above the root module."""
    for candidate in (folder, *folder.parents):
        if (candidate / ".git").exists():
            return candidate
    return folder.parent


def matches(name: str, patterns: tuple[str, ...]) -> bool:
    """Whether a file name fits any of the patterns."""
    return any(fnmatch(name, pattern) for pattern in patterns)

"""A small stack applied for real, by Terraform and the AWS provider, in whatever account a test has for it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from stackproof.sandbox.account import Account
from stackproof.terraform import children, lockfile
from stackproof.terraform.installation import Request, install
from stackproof.terraform.locate import Cli
from stackproof.terraform.runner import Terraform
from stackproof.terraform.workspace import link_copy

HANGS_SECONDS = 120
OWN_STACK = Path(__file__).parents[3] / "terraform"


@contextmanager
def terraform(cli: Cli, tmp_path: Path, account: Account, text: str) -> Iterator[Terraform]:
    """Terraform in a scratch copy of a configuration, ready to apply it."""
    folder = tmp_path / "stack"
    folder.mkdir()
    (folder / "main.tf").write_text(text, encoding="utf-8")
    shutil.copy(OWN_STACK / lockfile.FILE_NAME, folder)
    with children.scratch_folder() as scratch:
        request = Request(
            cli=cli,
            original=folder,
            copy=link_copy(folder, scratch / "copy", with_state=False),
            scratch=scratch,
            cache=tmp_path / "cache",
            timeout=HANGS_SECONDS,
            caller=os.environ,
            account=account.environment(),
        )
        installed = install(request).unserved()
        variables = {**installed.environment, "TMPDIR": str(scratch)}
        yield Terraform(cli, installed.folder, variables, timeout=HANGS_SECONDS)

"""The files of a git revision, laid out beside the working tree, which stays as it is."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from stackproof.errors import SettingsError, StackproofError
from stackproof.terraform import children

TIMEOUT = 120.0


@contextlib.contextmanager
def laid_out(revision: str, folder: Path) -> Iterator[Path]:
    """Lay out a revision of the repository that `folder` is in; gives the folder's own place in it.

    An index of its own is used, so neither the working tree nor the staged changes are touched. Submodules are left
    out. Raises SettingsError where there is no such revision, no repository or no git.
    """
    top = Path(_git(folder, "rev-parse", "--show-toplevel", what=revision).strip())
    commit = _git(
        folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}", what=revision
    )
    with children.scratch_folder() as scratch:
        tree = scratch / "tree"
        tree.mkdir()
        own = {"GIT_INDEX_FILE": str(scratch / "index")}
        _git(top, "read-tree", commit.strip(), what=revision, **own)
        _git(top, "checkout-index", "--all", f"--prefix={tree}/", what=revision, **own)
        inside = tree / folder.resolve().relative_to(top.resolve())
        if not inside.is_dir():
            raise SettingsError(f"{revision} has no {folder.resolve().relative_to(top.resolve())}", where=str(top))
        # the nearest .git is what ends the search for the top of a repository
        (tree / ".git").mkdir(exist_ok=True)
        yield inside


def _git(folder: Path, *words: str, what: str, **own: str) -> str:
    try:
        done = children.run(
            ["git", *words], folder=folder, environment={**os.environ, **own, "LC_ALL": "C"}, timeout=TIMEOUT
        )
    except StackproofError as error:
        raise SettingsError(f"{what} cannot be looked up: {error.what}", where=str(folder)) from None
    if done.code:
        said = done.stderr.strip().splitlines()
        raise SettingsError(
            f"{what!r} is neither a plan file nor a git revision: {said[-1] if said else 'unknown revision'}",
            where=str(folder),
            remedy="name a file that `stackproof plan --resolve --out` wrote, a folder of such, or a commit.",
        )
    return done.stdout

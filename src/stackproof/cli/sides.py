"""The two sides of a comparison: plan files, folders of plan files, the working tree, or git revisions."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stackproof.cli import opening
from stackproof.errors import PlanError

if TYPE_CHECKING:
    from stackproof.plan import Plan

WORKING_TREE = "."


@dataclass(frozen=True)
class Side:
    """One side: its plans by environment, and for a revision where its files were laid out and what it is called."""

    plans: Mapping[str, Plan]
    folder: Path | None = None
    revision: str = ""

    def shown(self, data: Any) -> Any:  # noqa: ANN401
        """JSON data in which files of the revision are called `REVISION:path`, as git calls them."""
        if isinstance(data, str) and self.folder is not None:
            return data.replace(f"{self.folder}/", f"{self.revision}:")
        if isinstance(data, dict):
            return {key: self.shown(item) for key, item in data.items()}
        if isinstance(data, list):
            return [self.shown(item) for item in data]
        return data


@contextlib.contextmanager
def opened(side: str, arguments: argparse.Namespace) -> Iterator[Side]:
    """A side with the plans that it stands for; `.` is the working tree.

    Raises StackproofError where the side is none of these, or cannot be planned.
    """
    path = Path(side)
    if path.is_file():
        yield Side({path.stem: opening.plan_from(path)})
    elif side == WORKING_TREE:
        with opening.resolved_plans(arguments) as plans:
            yield Side(plans)
    elif path.is_dir():
        files = sorted(path.glob("*.json"))
        if not files:
            raise PlanError("holds no plan files", where=side, remedy="write some: stackproof plan --resolve --out.")
        yield Side({file.stem: opening.plan_from(file) for file in files})
    else:
        from stackproof.planner.revision import laid_out

        with laid_out(side, Path.cwd()) as folder, opening.resolved_plans(arguments, folder) as plans:
            yield Side(plans, folder, side)


def paired(base: Mapping[str, Plan], head: Mapping[str, Plan]) -> Mapping[str, tuple[Plan | None, Plan]]:
    """For each environment of the head its plan on both sides; one plan on each side belongs together by itself.

    Raises PlanError where the sides have no environment in common.
    """
    if len(base) == len(head) == 1:
        (name, plan), (other,) = next(iter(head.items())), base.values()
        return {name: (other, plan)}
    if not set(base) & set(head):
        raise PlanError("the sides have no environment in common", where=f"{', '.join(base)} and {', '.join(head)}")
    return {name: (base.get(name), plan) for name, plan in head.items()}

"""Planning, validating and formatting whole stacks, for the command line."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path

from stackproof.errors import PlanError, StackproofError
from stackproof.plan.model import RESOLUTION
from stackproof.planner.planner import Planner
from stackproof.planner.site import Means, Site
from stackproof.sandbox.account import NoAccount
from stackproof.settings import Settings, Stack
from stackproof.terraform import children, locate
from stackproof.terraform.plan_cache import default_cache_folder
from stackproof.terraform.runner import Terraform


def plan_to_files(
    planner: Planner,
    environments: Sequence[str],
    out: Path | None,
    say: Callable[[str], None],
    *,
    resolve: bool = False,
) -> list[StackproofError]:
    """Plan these environments, write each plan to `out`/ENVIRONMENT.json, and give the errors of those that failed.

    With `resolve` what the unknown values are made of is written, too, for `load_plan` to find. The files are redacted
    and readable by this user alone. Raises PlanError where a file cannot be written.
    """
    planner.start(environments, resolve=resolve)
    for news in planner.news():
        say(f"{news.environment}: {news.stage.value} ({news.seconds:.1f} s)")
    failures = []
    for name in environments:
        try:
            plan = planner.plan(name)
            resolution = planner.resolution(name) if resolve else None
        except StackproofError as error:
            failures.append(error)
            continue
        if resolution is not None:
            say(f"{name}: resolved" if not resolution.reason else f"{name}: not resolved: {resolution.reason}")
        if out is not None:
            file = out / f"{name}.json"
            document = {**plan.document, RESOLUTION: resolution.as_data()} if resolution else plan.document
            _write(file, json.dumps(document))
            say(f"{name}: written to {file}")
    return failures


def validate(settings: Settings, stack: Stack) -> None:
    """`terraform validate` in a scratch copy; raises TerraformFailed with what Terraform finds."""
    cache = settings.cache or default_cache_folder()
    means = Means(locate.locate(settings.terraform), settings.timeout, cache, settings.sandbox.region)
    environment = next(iter(stack.environments.values()))
    with children.scratch_folder() as scratch:
        Site(stack, means, NoAccount(), scratch, real_state=False).validate(environment)


def fmt(settings: Settings, stack: Stack, *, check: bool) -> list[Path]:
    """`terraform fmt` below a stack's folder; gives the files that were not, or with `check` are not, in form."""
    cli = locate.locate(settings.terraform)
    with children.scratch_folder() as scratch:
        environment = {
            "PATH": os.environ.get("PATH", ""),
            "TF_DATA_DIR": str(scratch),
            "TF_CLI_CONFIG_FILE": os.devnull,
        }
        files = Terraform(cli, stack.folder, environment, timeout=settings.timeout).fmt(stack.folder, check=check)
    return [stack.folder / file for file in files]


def _write(file: Path, text: str) -> None:
    temporary = file.with_name(f".{file.name}.writing")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as stream:  # noqa: PTH123  # the mode must hold from the start
            stream.write(text)
        temporary.replace(file)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise PlanError(f"cannot be written: {error.strerror}", where=str(file), remedy="mend the path.") from None

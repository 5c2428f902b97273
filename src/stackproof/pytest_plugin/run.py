"""One pytest run: its settings, its targets, its plans, and what its requirements came to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from stackproof.errors import PlanError, SettingsError, StackproofError
from stackproof.pytest_plugin import summary
from stackproof.requirements import Matrix, Requirements, load_requirements
from stackproof.settings import Policy, Settings, Stack, find_settings, load_settings

if TYPE_CHECKING:
    from stackproof.deployment import Report, Trials
    from stackproof.plan import Plan
    from stackproof.planner import Planner, Progress
    from stackproof.policy.kept import KeptFindings
    from stackproof.pytest_plugin.policies import Policies


@dataclass(frozen=True)
class Target:
    """What a test that uses a plan runs on: an environment of a stack, or a plan file.

    A target that is not `selected` stands for a test that is meant for other environments only.
    """

    id: str
    environment: str
    stack: str | None = None
    file: Path | None = None
    selected: bool = True


class Run:
    """The state of one pytest run. Raises SettingsError or PlanError where settings or options cannot be used."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self.matrix = Matrix()
        self.problems: list[str] = []
        self.is_resolving = False
        self.asked_policies: Policies | None = None
        self._prepared = False
        self._told: list[Progress] = []
        self._planners: dict[str, Planner] = {}
        self._needed: dict[str, list[str]] = {}
        self._loaded: dict[Path, Plan] = {}
        self._shared: Path | None = None
        self._trials: Trials | None = None
        self._faults: dict[str, tuple[int, int]] = {}
        self._ended = ExitStack()
        file = find_settings(config.rootpath)
        self.settings: Settings | None = load_settings(file) if file else None
        self._all = self._all_targets()
        self._refuse_half_an_account()
        self._record: Path | None = self._folder_for_recordings()

    @cached_property
    def requirements(self) -> Requirements | None:
        """The numbered requirements, None where the settings name none."""
        file = self.settings.requirements if self.settings else None
        return load_requirements(file) if file else None

    def policies(self) -> Policies:
        """The rules that the settings name; raises SettingsError where they name none, PolicyError for bad ones."""
        from stackproof.pytest_plugin.policies import Policies

        if self.asked_policies is None:
            found = self.settings.policy if self.settings else Policy()
            if not found.folders and not found.builtin:
                raise SettingsError(
                    "no policies are declared",
                    where="[tool.stackproof.policy]",
                    remedy='add folders = ["policies"].',
                )
            declared = {name: one for stack in self.stacks for name, one in stack.environments.items()}
            self.asked_policies = Policies(found, declared, self._kept_findings())
        return self.asked_policies

    @property
    def environments(self) -> tuple[str, ...]:
        """The names of all targets, in order."""
        return tuple(target.environment for target in self._all)

    @property
    def is_whole(self) -> bool:
        """Whether this run was asked for every test that stands for a requirement."""
        return self.requirements is not None and self._covers(self.requirements.tests)

    @property
    def stacks(self) -> tuple[Stack, ...]:
        """The stacks that this run is about."""
        if self.settings is None or self._config.option.plan_json:
            return ()
        chosen = self._config.option.stack
        return (self.settings.stack(chosen),) if chosen else tuple(self.settings.stacks.values())

    def targets(self, environments: Sequence[str]) -> list[Target]:
        """The targets for a test, in these environments only where some are named.

        Raises SettingsError where there is nothing to plan, or no environment of a name.
        """
        if not self._all:
            raise self._nothing()
        if self._config.option.plan_json:
            known = {target.environment for target in self._all}
        else:
            known = {name for stack in self.stacks for name in stack.environments}
        for name in environments:
            if name not in known and not self._config.option.plan_json:
                raise SettingsError(
                    f"there is no environment {name!r}", remedy=f"choose one of: {', '.join(sorted(known))}."
                )
        chosen = [target for target in self._all if not environments or target.environment in environments]
        return chosen or [Target("not selected", "", selected=False)]

    def _nothing(self) -> SettingsError:
        return SettingsError(
            "there is no stack to plan",
            where=str(self._config.rootpath),
            remedy="declare one under [tool.stackproof.stacks] in pyproject.toml, or give --plan-json FILE.",
        )

    def check_requirements(self, marked: Mapping[str, str]) -> None:
        """Hold the numbers that tests carry (with a test for each) against the requirements file."""
        try:
            requirements = self.requirements
        except StackproofError as error:
            self.problems.append(str(error))
            return
        if requirements is None:
            return
        self.problems += [
            f"{test} carries requirement {number!r}, which {requirements.file.name} does not hold"
            for number, test in marked.items()
            if number not in requirements.sentences
        ]
        if self.is_whole:
            self.problems += [
                f"requirement {number} has no test: {requirements.sentences[number]}"
                for number in requirements.uncovered(marked)
            ]

    def prepare(self) -> None:
        """Begin what planning will need while tests are still collected: a test was met that uses a plan."""
        if not self._prepared and not self._config.option.collectonly:
            self._prepared = True
            for stack in self.stacks:
                self._planner(stack.name).prepare()

    def need(self, target: Target) -> None:
        """Note that a test needs a target's plan."""
        if target.stack is not None and target.environment not in self._needed.setdefault(target.stack, []):
            self._needed[target.stack].append(target.environment)

    def need_all(self) -> None:
        """Note that a test needs every plan."""
        for target in self._all:
            self.need(target)

    def start(self) -> None:
        """Begin to make the needed plans."""
        for stack, environments in self._needed.items():
            self._planner(stack).start(environments, resolve=self.is_resolving)

    def trials(self) -> Trials:
        """The stacks that are tried in an account; raises SettingsError where no settings declare one."""
        from stackproof.deployment import Trials

        if self._trials is None:
            if self.settings is None:
                raise self._nothing()
            self._trials = Trials(
                self.settings,
                account=self._config.option.sandbox_account,
                before_apply=lambda trial: self._config.hook.pytest_stackproof_before_apply(trial=trial),
                tell=self._tell,
                warn=lambda line: self._tell(line, always=True),
            )
        return self._trials

    def begin_trials(self, targets: Iterable[Target], *, at_once: bool) -> None:
        """Begin to apply what tests need applied, where that is wanted now.

        Raises StackproofError with what speaks against trying any of it, as far as it is known before.
        """
        meant = [self.trials().meant(target.stack, target.environment) for target in targets]
        for stack in dict.fromkeys(stack.name for stack, _ in meant):
            assert self.settings is not None
            self.trials().require_usable(self.settings.stack(stack))
        for stack_and_environment in meant if at_once else ():
            self.trials().start(*stack_and_environment)

    @property
    def reports(self) -> Sequence[Report]:
        """What the trials of this run came to, and the faults that were survived in their environments."""
        if self._trials is None:
            return ()
        from stackproof.deployment import Report

        reports = {report.environment: report for report in self._trials.reports}
        for environment, counted in self._faults.items():
            reports.setdefault(environment, Report(self._all[0].stack or "", environment)).faults = counted
        return tuple(reports.values())

    def record(self) -> None:
        """Write down what was asked of accounts, where that is wanted; what speaks against it becomes a problem."""
        if self._record is not None and self._trials is not None:
            try:
                self._trials.record(self._record)
            except StackproofError as error:
                self.problems.append(str(error))

    def count_fault(self, environment: str, *, survived: bool) -> None:
        """Note that a fault was survived in an environment, or was not."""
        before, all_before = self._faults.get(environment, (0, 0))
        self._faults[environment] = before + survived, all_before + 1

    def _tell(self, line: str, *, always: bool = False) -> None:
        manager = self._config.pluginmanager
        reporter, capture = manager.get_plugin("terminalreporter"), manager.get_plugin("capturemanager")
        if reporter is not None and (always or self._config.option.verbose >= 0):
            with capture.global_and_fixture_disabled() if capture else nullcontext():
                reporter.ensure_newline()
                reporter.write_line(f"  {line}")
                # whoever reads it from a file or a pipe waits as well
                reporter.flush()

    def plan(self, target: Target) -> Plan:
        """A target's plan, waited for; raises StackproofError with the reason where there is none."""
        if target.file is not None:
            return self._plan_from(target)
        assert target.stack is not None
        return self._planner(target.stack).plan(target.environment)

    def plans(self) -> Mapping[str, Plan]:
        """All plans by environment (STACK-ENVIRONMENT with several stacks); a failed one raises when looked at."""
        return _Plans(self, {target.id: target for target in self._all})

    def header(self) -> list[str]:
        """What plans are made with, a line or none."""
        from stackproof.terraform import locate, lockfile

        if not self.stacks:
            return []
        assert self.settings is not None
        try:
            cli = locate.locate(self.settings.terraform)
            found = f"Terraform {cli.version} ({cli.origin})"
            selected = {
                lock.address: lock.version for stack in self.stacks for lock in lockfile.read_lock_file(stack.folder)
            }
        except StackproofError as error:
            return [f"stackproof: {error}"]
        provided = ", ".join(f"{address.split('/', 1)[-1]} {version}" for address, version in selected.items())
        return [
            f"stackproof: {found}, {provided or 'no lock file'}; "
            + "; ".join(f"{stack.name}: {', '.join(stack.environments)}" for stack in self.stacks)
        ]

    def show_progress(self) -> None:
        """Say how planning goes until there is a first plan to test; the others come while tests run."""
        reporter = self._config.pluginmanager.get_plugin("terminalreporter")
        for stack in self._needed:
            planner = self._planner(stack)
            for news in planner.news():
                if reporter is not None and self._config.option.verbose >= 0:
                    reporter.write_line(summary.news(news))
                    self._told.append(news)
                if self.asked_policies is not None and news.plan is None:
                    self.asked_policies.begin_to_load()
                if planner.results():
                    break

    def untold_results(self) -> list[Progress]:
        """What became of the plans that came while tests ran."""
        results = [result for planner in self._planners.values() for result in planner.results()]
        return [result for result in results if result not in self._told]

    def close(self) -> None:
        """End whatever still runs and remove the shared folder."""
        try:
            # first, since planners have less patience with what they end
            if self._trials is not None:
                self._trials.close()
        finally:
            for planner in self._planners.values():
                planner.close()
            self._ended.close()

    def shared_folder(self) -> Path:
        """The folder in which the workers of this run share their plans."""
        from stackproof.terraform import children

        if self._shared is None:
            self._shared = self._ended.enter_context(children.scratch_folder())
        return self._shared

    def _kept_findings(self) -> KeptFindings | None:
        from stackproof.policy.kept import kept_in

        return kept_in(self.settings) if self.settings and self._config.option.plan_cache == "on" else None

    def _refuse_half_an_account(self) -> None:
        option = self._config.option
        real = option.sandbox == "real"
        if bool(option.sandbox_account) != real:
            raise SettingsError(
                "a real account is used only where both are said",
                where="--sandbox, --sandbox-account",
                remedy="give --sandbox real --sandbox-account and its 12 digits, or none of them.",
            )
        # pytest-xdist ends its workers after ten seconds, in which nothing is destroyed
        if real and getattr(option, "dist", "no") != "no":
            raise SettingsError(
                "a real account is used by one process, which sees to it that nothing stays there",
                where="-n",
                remedy="leave it out: stacks are applied side by side all the same.",
            )

    def _folder_for_recordings(self) -> Path | None:
        """Where recordings go, made now: nobody wants to hear after an apply that there is no such place."""
        given = self._config.option.record
        if given is None:
            return None
        folder = self._config.invocation_params.dir / str(given)
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise SettingsError(
                f"no recordings can be written there: {error.strerror}",
                where=f"--record {given}",
                remedy="name a folder of your own, which need not be there yet.",
            ) from None
        return folder

    def _all_targets(self) -> list[Target]:
        option = self._config.option
        wanted = [name for given in option.environment or () for name in given.split(",")]
        if option.plan_json:
            targets = [_plan_target(given) for given in option.plan_json]
        else:
            several = len(self.stacks) > 1
            targets = [
                Target(f"{stack.name}-{name}" if several else name, name, stack.name)
                for stack in self.stacks
                for name in stack.environments
            ]
        ids = [target.id for target in targets]
        for name in ids:
            if ids.count(name) > 1:
                raise SettingsError(
                    f"two plans are called {name!r}", where="--plan-json", remedy="name them: NAME=FILE."
                )
        known = {target.environment for target in targets}
        for name in wanted:
            if name not in known:
                raise SettingsError(
                    f"there is no environment {name!r}",
                    where="--environment",
                    remedy=f"choose one of: {', '.join(sorted(known)) or 'none is declared'}.",
                )
        return [target for target in targets if not wanted or target.environment in wanted]

    def _planner(self, stack: str) -> Planner:
        from stackproof.planner import CacheMode, Planner

        if stack not in self._planners:
            assert self.settings is not None
            shared = getattr(self._config, "workerinput", {}).get("stackproof_shared_folder")
            self._planners[stack] = Planner(
                self.settings,
                self.settings.stack(stack),
                cache=CacheMode(self._config.option.plan_cache),
                kind="emulated" if self._config.option.sandbox == "real" else self._config.option.sandbox,
                shared_folder=Path(shared) if shared else None,
            )
        return self._planners[stack]

    def _plan_from(self, target: Target) -> Plan:
        from stackproof.plan import load_plan

        assert target.file is not None
        if target.file not in self._loaded:
            folders = [stack.folder for stack in (self.settings.stacks.values() if self.settings else ())]
            folder = folders[0] if len(folders) == 1 else None
            self._loaded[target.file] = load_plan(target.file, guess=folder, environment=target.environment)
        return self._loaded[target.file]

    def _covers(self, folder: Path) -> bool:
        """Whether this run was asked for all tests below a folder."""
        asked = [
            (self._config.invocation_params.dir / str(argument).split("::")[0]).resolve()
            for argument in self._config.args
            if "::" not in str(argument)
        ]
        return any(folder.is_relative_to(path) for path in asked)


class _Plans(Mapping[str, "Plan"]):
    def __init__(self, run: Run, targets: Mapping[str, Target]) -> None:
        self._run = run
        self._targets = targets

    def __getitem__(self, environment: str) -> Plan:
        return self._run.plan(self._targets[environment])

    def __iter__(self) -> Iterator[str]:
        return iter(self._targets)

    def __len__(self) -> int:
        return len(self._targets)


def _plan_target(given: str) -> Target:
    name, named, path = given.rpartition("=")
    file = Path(path).absolute()
    if not file.is_file():
        raise PlanError("there is no such plan file", where=f"--plan-json {given}")
    environment = name if named else file.stem
    return Target(environment, environment, file=file)

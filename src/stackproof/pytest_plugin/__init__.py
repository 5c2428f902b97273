"""The pytest plugin: fixtures that plan, markers, options, and a report with three verdicts.

Fixtures for one environment each: `plan` and `stack`; `resolved`, the stack with its unknown values resolved; `network`
and `access`, what they make of that; `policy`, what a rule finds in it, once for every rule. `plans` and
`resolved_plans` hold all environments. No plan is made for tests that use none of these. `trial` is the stack applied
to an account, and `destroyed` the same after its end.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pytest

from stackproof.errors import StackproofError
from stackproof.pytest_plugin.run import Run, Target
from stackproof.verdict import Undecided, Verdict

if TYPE_CHECKING:
    from stackproof.analysis.access import Access
    from stackproof.analysis.network import Network
    from stackproof.deployment import Trial, Trials
    from stackproof.plan import Plan, ResolvedStack, Stack
    from stackproof.plan.reads import Read
    from stackproof.policy.review import Outcome

RUN = pytest.StashKey[Run]()
READS = pytest.StashKey[list["Read"]]()
TARGET = "stackproof_target"
PLAN = "plan"
TRIAL = "trial"
RULE = "stackproof_rule"
VERDICT = "stackproof_verdict"

RESOLVING = frozenset({"resolved", "resolved_plans"})
"""Fixtures that wait for plans to be resolved."""

MARKERS = (
    'environment(name, ...): run this test in these environments only, as in environment("prod")',
    'requirement(number, ...): this test stands for a numbered requirement, as in requirement("NET-1")',
    "fault: this test shows that a stack survives a fault; they are counted by environment",
    "nightly: this test takes minutes, and is left out where every minute counts",
    "until_apply: what this test asks may be undecided in a plan; it is decided again after an apply",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    group = parser.getgroup("stackproof", "Terraform stacks")
    group.addoption(
        "--environment",
        action="append",
        metavar="NAME",
        help="plan this environment only (may be repeated)",
    )
    group.addoption("--stack", metavar="NAME", help="the stack to plan, where the settings declare several")
    group.addoption(
        "--plan-json",
        action="append",
        metavar="[NAME=]FILE",
        help="test this plan, as `terraform show -json` printed it, instead of planning (may be repeated)",
    )
    group.addoption(
        "--plan-cache",
        choices=("on", "refresh", "off"),
        default="on",
        help="plans of unchanged stacks: use them (on), make them anew (refresh), neither read nor keep (off)",
    )
    group.addoption(
        "--sandbox",
        choices=("emulated", "ambient", "real"),
        help="the account that plans see: an emulated one, or the caller's own with its real state (ambient); "
        "the one that stacks are applied to: an emulated one, or a real one",
    )
    group.addoption(
        "--record",
        metavar="FOLDER",
        help="write all that each applied stack asked of AWS there, as STACK-ENVIRONMENT.jsonl",
    )
    group.addoption("--sandbox-account", metavar="ID", help="the real account to apply stacks to, with --sandbox real")


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    """Declare the hooks that a conftest.py may implement."""
    from stackproof.pytest_plugin import hooks

    pluginmanager.add_hookspecs(hooks)


def pytest_configure(config: pytest.Config) -> None:
    """Register the markers and read the settings."""
    for marker in MARKERS:
        config.addinivalue_line("markers", marker)
    try:
        run = Run(config)
    except StackproofError as error:
        raise pytest.UsageError(str(error)) from None
    config.stash[RUN] = run
    config.pluginmanager.register(_Collector(run), "stackproof-collector")


def pytest_unconfigure(config: pytest.Config) -> None:
    """End whatever still runs."""
    run = config.stash.get(RUN, None)
    if run is not None:
        run.close()


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Say what plans are made with."""
    return config.stash[RUN].header()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run each test that uses a plan once in every environment it is meant for."""
    if TARGET not in metafunc.fixturenames:
        return
    run = metafunc.config.stash[RUN]
    marker = metafunc.definition.get_closest_marker("environment")
    if marker is not None and (marker.kwargs or not marker.args):
        raise pytest.UsageError(f'{metafunc.definition.nodeid}: write it as environment("prod", ...)')
    wanted = [str(name) for name in marker.args] if marker else []
    try:
        targets = run.targets(wanted)
    except StackproofError as error:
        raise pytest.UsageError(str(error)) from None
    if PLAN in metafunc.fixturenames:
        run.prepare()
    metafunc.parametrize(TARGET, targets, ids=[target.id for target in targets], indirect=True, scope="session")
    if RULE in metafunc.fixturenames:
        metafunc.parametrize(RULE, _rules(run), indirect=True, scope="session")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Hold markers and requirements against each other, before anything is deselected."""
    run = config.stash[RUN]
    run.check_requirements({number: item.nodeid for item in items for number in _requirements(item)})
    left_out = [item for item in items if (target := _target(item)) is not None and not target.selected]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def pytest_collection_finish(session: pytest.Session) -> None:
    """Begin to plan what the chosen tests need."""
    option = session.config.option
    if option.collectonly or (session.testsfailed and not option.continue_on_collection_errors):
        return
    run = session.config.stash[RUN]
    tried: list[Target] = []
    for item in session.items:
        names = getattr(item, "fixturenames", ())
        if "plans" in names:
            run.need_all()
        elif (target := _target(item)) is not None:
            if PLAN in names:
                run.need(target)
            if TRIAL in names:
                tried.append(target)
        run.is_resolving |= not RESOLVING.isdisjoint(names)
    run.start()
    # of several processes only one will get to the tests of a trial, and it is not known which
    is_alone = not hasattr(session.config, "workerinput")
    try:
        run.begin_trials(dict.fromkeys(tried), at_once=is_alone)
    except StackproofError as error:
        raise pytest.UsageError(str(error)) from None
    rules = [rule for item in session.items if (rule := _parameter(item, RULE)) is not None]
    if rules:
        run.policies().want(dict.fromkeys(rules))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> Generator[None, object, object]:
    """Show how planning goes, until the first plan is there or has failed."""
    session.config.stash[RUN].show_progress()
    return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Note which planned values a test reads, to explain its failure with."""
    if not _uses_plans(item):
        return (yield)
    from stackproof.plan import reads

    with reads.recording() as log:
        item.stash[READS] = log
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Give a report its verdict, and a failure its place in the HCL."""
    excinfo = call.excinfo
    error = excinfo.value if excinfo else None
    if isinstance(error, Undecided | StackproofError):
        call.excinfo = None  # pytest would spend milliseconds on a traceback that nobody is shown
    report = yield
    call.excinfo = excinfo
    log = item.stash.get(READS, [])
    if isinstance(error, Undecided | StackproofError) or log:
        from stackproof.pytest_plugin import explanation

        if isinstance(error, Undecided):
            explanation.undecided(report, item, error, log, allowed=item.get_closest_marker("until_apply") is not None)
        elif isinstance(error, StackproofError):
            explanation.shorten(report, item, call)
        elif isinstance(error, Exception):
            explanation.explain(report, log)
    verdict = _verdict(report, error)
    if verdict is not None:
        target = _target(item)
        setattr(
            report,
            VERDICT,
            {
                "requirements": list(_requirements(item)),
                "environment": target.environment if target else None,
                "verdict": verdict.value,
            },
        )
    return report


def pytest_assertrepr_compare(op: str, left: object, right: object) -> list[str] | None:
    """Say of which resource and path a compared value is, and where that is written."""
    import sys

    # no plan was loaded, so nothing that is compared can come from one
    if "stackproof.plan.reads" not in sys.modules:
        return None
    from stackproof.pytest_plugin import explanation

    return explanation.compared(op, left, right)


def pytest_report_teststatus(report: pytest.TestReport) -> tuple[str, str, tuple[str, Mapping[str, bool]]] | None:
    """Give undecided a letter of its own: `u` where the test may wait for an apply, `U` where it may not."""
    found = getattr(report, VERDICT, None)
    if not found or found["verdict"] != Verdict.UNDECIDED:
        return None
    if report.failed:
        return "undecided", "U", ("UNDECIDED", {"red": True})
    return "until apply", "u", ("UNDECIDED UNTIL APPLY", {"yellow": True})


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print what is undecided, what was planned, and what the requirements came to."""
    from stackproof.pytest_plugin import summary

    run = config.stash[RUN]
    summary.undecided(terminalreporter)
    summary.plans(terminalreporter, run.untold_results())
    summary.problems(terminalreporter, run.problems)
    if run.reports:
        summary.trials(terminalreporter, run.reports)
    if run.asked_policies is not None and run.asked_policies.review.outcomes and terminalreporter.verbosity >= 0:
        summary.policies(terminalreporter, run.asked_policies.review)
    shown = not run.problems and run.matrix.verdicts and terminalreporter.verbosity >= 0
    if shown and run.requirements:
        environments = list(dict.fromkeys(run.environments)) or ["all"]
        summary.matrix(terminalreporter, run.requirements, run.matrix, environments, whole=run.is_whole)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run in which markers and requirements do not match."""
    run = session.config.stash[RUN]
    if run.asked_policies is not None:
        run.problems += run.asked_policies.problems(run.environments)
        run.asked_policies.close()
    run.record()
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["stackproof_problems"] = run.problems
    elif run.problems and session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:  # noqa: ANN401  # xdist's, which may not be installed
    """Give all workers one folder to share plans in, so that each plan is made once."""
    node.workerinput["stackproof_shared_folder"] = str(node.config.stash[RUN].shared_folder())


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:  # noqa: ANN401
    """Take over what a worker found about the requirements."""
    run = node.config.stash[RUN]
    for problem in getattr(node, "workeroutput", {}).get("stackproof_problems", ()):
        if problem not in run.problems:
            run.problems.append(problem)


class _Collector:
    """Gathers every report's verdict, whichever process the test ran in."""

    def __init__(self, run: Run) -> None:
        self._run = run

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Put the tests of a trial one environment after another, each in the order in which they are written.

        They follow a stack through its life, and pytest's own order by parameters does not keep to that.
        """
        places = [number for number, item in enumerate(items) if TRIAL in getattr(item, "fixturenames", ())]
        names = list(dict.fromkeys(target.id for number in places if (target := _target(items[number]))))
        files = list(dict.fromkeys(items[number].path for number in places))

        def key(item: pytest.Item) -> tuple[int, int, int]:
            target = _target(item)
            line = item.location[1] or 0
            return files.index(item.path), names.index(target.id) if target else 0, line

        for number, item in zip(places, sorted((items[number] for number in places), key=key), strict=True):
            items[number] = item

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        found = getattr(report, VERDICT, None)
        if not found:
            return
        if "fault" in report.keywords and found["environment"]:
            self._run.count_fault(found["environment"], survived=found["verdict"] == Verdict.PASS.value)
        for number in found["requirements"]:
            test = report.nodeid.split("[")[0]
            self._run.matrix.add(number, test, found["environment"], Verdict(found["verdict"]))


@pytest.fixture(scope="session")
def stackproof_target(request: pytest.FixtureRequest) -> Target:
    """Which environment of which stack, or which plan file, a test runs on."""
    target: Target = request.param
    return target


@pytest.fixture(scope="session")
def plan(stackproof_target: Target, pytestconfig: pytest.Config) -> Plan:
    """What Terraform will do to the stack in one environment."""
    return pytestconfig.stash[RUN].plan(stackproof_target)


@pytest.fixture(scope="session")
def stack(plan: Plan) -> Stack:
    """The stack in one environment as it will be after apply."""
    return plan


@pytest.fixture(scope="session")
def resolved(plan: Plan) -> ResolvedStack:
    """The stack in one environment, with values for what the plan leaves unknown as far as they can be told."""
    return plan.resolved


@pytest.fixture(scope="session")
def network(resolved: ResolvedStack) -> Network:
    """What can reach what in one environment."""
    from stackproof.analysis.network import Network

    return Network(resolved)


@pytest.fixture(scope="session")
def access(resolved: ResolvedStack) -> Access:
    """What IAM will allow in one environment."""
    from stackproof.analysis.access import Access

    return Access(resolved)


@pytest.fixture(scope="session")
def stackproof_rule(request: pytest.FixtureRequest) -> str:
    """The id of a rule."""
    return str(request.param)


@pytest.fixture
def policy(stackproof_rule: str, resolved: ResolvedStack, pytestconfig: pytest.Config) -> Outcome:
    """What a rule finds in the stack in one environment: `policy.require()` fails where it is broken."""
    return pytestconfig.stash[RUN].policies().judge(stackproof_rule, resolved)


@pytest.fixture(scope="session")
def trials(pytestconfig: pytest.Config) -> Trials:
    """Where stacks are tried: `new` gives a trial in an account of its own, `submit` has things done side by side."""
    return pytestconfig.stash[RUN].trials()


@pytest.fixture(scope="session")
def trial(stackproof_target: Target, pytestconfig: pytest.Config) -> Trial:
    """The stack in one environment, applied to an account: the tests of an environment share it, in their order."""
    trials = pytestconfig.stash[RUN].trials()
    return trials.trial(*trials.meant(stackproof_target.stack, stackproof_target.environment))


@pytest.fixture(scope="session")
def destroyed(trial: Trial) -> Trial:
    """The same when all that Terraform knows of it is destroyed; no test after the first that asks finds it alive."""
    trial.destroy()
    return trial


@pytest.fixture(scope="session")
def resolved_plans(plans: Mapping[str, Plan]) -> Mapping[str, ResolvedStack]:
    """The resolved stacks of all chosen environments, by name."""
    return {name: plan.resolved for name, plan in plans.items()}


@pytest.fixture(scope="session")
def plans(pytestconfig: pytest.Config) -> Mapping[str, Plan]:
    """The plans of all chosen environments, by name."""
    return pytestconfig.stash[RUN].plans()


def _verdict(report: pytest.TestReport, error: BaseException | None) -> Verdict | None:
    """The verdict that a report stands for; none where its test did not come to one, such as a skipped test."""
    if isinstance(error, Undecided):
        return Verdict.UNDECIDED
    if report.failed:
        return Verdict.FAIL
    return Verdict.PASS if report.when == "call" and report.passed else None


def _rules(run: Run) -> list[str]:
    """The ids of the rules, each for a test of its own."""
    try:
        return list(run.policies().ids)
    except StackproofError as error:
        raise pytest.UsageError(str(error)) from None


def _target(item: pytest.Item) -> Target | None:
    target: Target | None = _parameter(item, TARGET)
    return target


def _parameter(item: pytest.Item, name: str) -> Any:  # noqa: ANN401
    callspec = getattr(item, "callspec", None)
    return callspec.params.get(name) if callspec is not None else None


def _uses_plans(item: pytest.Item) -> bool:
    names: Sequence[str] = getattr(item, "fixturenames", ())
    return TARGET in names or "plans" in names


def _requirements(item: pytest.Item) -> tuple[str, ...]:
    return tuple(str(number) for marker in item.iter_markers("requirement") for number in marker.args)

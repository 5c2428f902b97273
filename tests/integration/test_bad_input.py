"""What goes wrong around a run, as real processes: interrupts, kills, an account that dies, a caller with own ideas."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from stackproof.sandbox.clients import Clients
from stackproof.sandbox.emulated.account import EmulatedAccount

from .nested import ALLOWED, HOLDING, REAL, Ended, Nested, nested_project

pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")

REGION = "eu-central-1"
"""Another one than that of the settings, which is for emulated accounts."""

SETTINGS = f"""{ALLOWED}
regions = ["{REGION}"]

[tool.stackproof.sandbox.budget]
max_resources = 3
types = ["aws_*"]
"""
TWO = """
[tool.stackproof.stacks.tiny.environments.prod]
"""
PYTEST = ("pytest", "-p", "no:cacheprovider")
LOCKS = "stackproof-locks"


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nested]:
    """One project, so that schemas and plans are read once."""
    with nested_project(tmp_path_factory.mktemp("bad") / "project") as project:
        project.settings(SETTINGS)
        yield project


@pytest.fixture
def project(shared: Nested) -> Iterator[Nested]:
    """A project whose runs leave neither a process nor a file behind, nor anything beside the stack."""
    before = sorted((shared.folder / "stack").rglob("*"))
    yield shared
    shared.stop()
    assert shared.left() == []
    assert sorted((shared.folder / "stack").rglob("*")) == before
    assert list((shared.folder / "cache/states").glob("*")) == []
    for name in ("conftest.py", "held", "go", "held.destroy"):
        (shared.folder / name).unlink(missing_ok=True)


@pytest.fixture
def account() -> Iterator[EmulatedAccount]:
    """A real account, as moto plays it."""
    with EmulatedAccount(region=REGION) as account:
        account.check()
        yield account


def made(account: EmulatedAccount) -> list[str]:
    """The names of what the stack has in an account."""
    held = account.data()
    roles = list(held.get("iam", {}).get("roles", {}))
    buckets = [name for name in held.get("s3", {}).get("buckets", {}) if not name.startswith("stackproof-state-")]
    return [*roles, *buckets, *held.get("logs", {}).get("groups", {})]


def kept(account: EmulatedAccount) -> list[str]:
    """What the account itself knows of runs: records, states and locks, without a run's own id."""
    s3 = Clients(account)("s3")
    bucket = f"stackproof-state-{account.account_id}-{REGION}"
    objects = [entry["Key"] for entry in s3.list_objects_v2(Bucket=bucket).get("Contents", ())]
    locks = [item["LockID"]["S"] for item in Clients(account)("dynamodb").scan(TableName=LOCKS)["Items"]]
    return sorted(re.sub(r"runs/[a-z0-9]{8}", "RUN", name.removeprefix(f"{bucket}/")) for name in [*objects, *locks])


def told(ended: Ended, part: str) -> str:
    """The one line that says something, in a run that says nothing of Python's own."""
    assert "Traceback" not in ended.said
    return ended.line(part)


def janitor_of(line: str) -> list[str]:
    """The words of the command that a line names, without the program."""
    (command,) = re.findall(r"`stackproof ([^`]+)`", line)
    return str(command).split()


def test_an_interrupted_run_in_an_emulated_account_ends_at_once(project: Nested) -> None:
    project.write("conftest.py", HOLDING)
    run = project.start(*PYTEST, "test_tiny.py")
    run.wait_for("held")
    run.signal(signal.SIGINT)
    ended = run.ended()
    assert ended.code == pytest.ExitCode.INTERRUPTED
    told(ended, "no tests ran")
    assert "waiting for Terraform" not in ended.said
    assert project.left() == []


def test_an_interrupted_run_in_a_real_account_destroys_what_it_has_made(
    project: Nested, account: EmulatedAccount
) -> None:
    project.write("conftest.py", HOLDING)
    run = project.start(*PYTEST, "-q", "test_tiny.py", *REAL, **account.environment())
    run.wait_for("held")
    assert len(made(account)) == 2
    run.signal(signal.SIGINT)
    run.hears("waiting for Terraform to write down what it has made")
    # what was asked for when the interrupt came is made although nobody hears of it
    (project.folder / "go").touch()
    ended = run.ended()
    assert ended.code == pytest.ExitCode.INTERRUPTED
    told(ended, "tiny in dev: destroying what is left of it; Ctrl-C leaves it there")
    told(ended, "tiny in dev: destroyed")
    assert made(account) == kept(account) == []


def test_a_run_that_is_interrupted_twice_says_where_its_state_is_and_what_destroys_it(
    project: Nested, account: EmulatedAccount
) -> None:
    project.write("conftest.py", HOLDING)
    run = project.start(*PYTEST, "-q", "test_tiny.py", *REAL, **account.environment())
    run.wait_for("held")
    run.signal(signal.SIGINT)
    run.wait_for("held.destroy")
    run.signal(signal.SIGINT)
    ended = run.ended()
    assert ended.code != 0
    line = told(ended, "tiny in dev: not destroyed; its state is kept at s3://stackproof-state-")
    assert "tiny in dev: destroyed" not in ended.said
    assert made(account)
    assert {"RUN.json", "RUN/tiny/dev.tfstate"} <= set(kept(account))
    assert project.left() == []
    cleaned = project.stackproof(*janitor_of(line), **account.environment())
    assert (cleaned.code, cleaned.said.splitlines()[-1].endswith(" removed, 0 left")) == (0, True), cleaned.said
    assert made(account) == kept(account) == []


def test_what_a_killed_run_leaves_in_a_real_account_is_found_by_the_janitor(
    project: Nested, account: EmulatedAccount
) -> None:
    project.write("conftest.py", HOLDING)
    run = project.start(*PYTEST, "test_tiny.py", *REAL, **account.environment())
    run.wait_for("held")
    run.signal(signal.SIGKILL)
    assert run.ended().code == -signal.SIGKILL
    assert project.left() == []
    there = made(account)
    assert len(there) == 2
    # no state yet where Terraform was killed before it first saved it
    assert {"RUN.json", "RUN/tiny/dev.tfstate"} <= set(kept(account))
    janitor = ("janitor", *REAL)
    for words in (janitor, (*janitor, "--yes")):
        shown = project.stackproof(*words, **account.environment())
        assert shown.code == 0
        assert "living" in shown.said
        assert "expired" not in shown.said.replace("left by expired runs", "")
        assert re.search(r"lock +\S+ +\S+ +lock .*held by \S+ \(for Apply\)", shown.said), shown.said
        assert made(account) == there
    (of_run,) = set(re.findall(r"runs/([a-z0-9]{8})\.json", shown.said))
    cleaned = project.stackproof(*janitor, "--run", of_run, "--now", "--yes", **account.environment())
    assert (cleaned.code, cleaned.said.splitlines()[-1].endswith(" removed, 0 left")) == (0, True), cleaned.said
    assert made(account) == kept(account) == []


def test_the_janitor_takes_no_run_for_expired_that_is_not_named(project: Nested, account: EmulatedAccount) -> None:
    refused = project.stackproof("janitor", *REAL, "--now", "--yes", **account.environment())
    assert refused.code == 2
    assert told(refused, "--now") == "stackproof: --now: is said of one run only. Add --run and its id."


def test_an_emulated_account_that_dies_ends_its_own_trial_and_no_other(project: Nested) -> None:
    project.settings(SETTINGS + TWO)
    only_dev = "    if trial.environment.name != 'dev':\n        return\n"
    telling = "    pathlib.Path('port').write_text(str(trial.account.port))\n"
    head, _, last = HOLDING.rstrip().rpartition("\n")
    project.write("conftest.py", f"{head}\n{only_dev}{telling}{last}\n")
    run = project.start(*PYTEST, "test_tiny.py")
    run.wait_for("held")
    port = int((project.folder / "port").read_text())
    (server,) = [
        number for number in project.processes("stackproof.sandbox.emulated.emulator") if listens(number, port)
    ]
    os.kill(server, signal.SIGKILL)
    (project.folder / "go").touch()
    ended = run.ended()
    project.settings(SETTINGS)
    (project.folder / "port").unlink()
    assert ended.code == pytest.ExitCode.TESTS_FAILED
    assert "2 passed, 2 errors" in ended.said
    line = told(ended, "http://127.0.0.1:")
    assert line.startswith(f"http://127.0.0.1:{port}: the emulated account was ended by SIGKILL")
    assert "what was in it is gone. Run it again" in line


def listens(number: int, port: int) -> bool:
    """Whether a process has the socket that listens on a port of the loopback interface."""
    wanted = f"0100007F:{port:04X}"
    lines = [line.split() for line in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]]
    inodes = {f"socket:[{fields[9]}]" for fields in lines if fields[1] == wanted and fields[3] == "0A"}
    return any(str(link.readlink()) in inodes for link in Path(f"/proc/{number}/fd").iterdir())


@pytest.fixture
def other_stack(project: Nested) -> Iterator[Path]:
    """The file of a configuration that a test may change."""
    file = project.folder / "stack/main.tf"
    before = file.read_text(encoding="utf-8")
    yield file
    file.write_text(before, encoding="utf-8")


def test_what_the_emulated_account_does_not_serve_is_named_with_what_to_do(project: Nested, other_stack: Path) -> None:
    other_stack.write_text('resource "aws_amplify_app" "site" {\n  name = "site"\n}\n', encoding="utf-8")
    ended = project.pytest("test_tiny.py")
    assert ended.code == pytest.ExitCode.TESTS_FAILED
    assert told(ended, "amplify") == (
        "aws_amplify_app.site: the emulated account does not serve amplify:CreateApp. "
        "Leave the resource out of the trial by a variable, or try the stack in a real account."
    )


def test_neither_the_callers_environment_nor_the_stacks_backend_has_a_say_in_an_emulated_run(
    project: Nested, other_stack: Path
) -> None:
    backend = 'terraform {\n  backend "http" {\n    address = "http://127.0.0.1:9/state"\n  }\n}\n'
    other_stack.write_text(backend + other_stack.read_text(encoding="utf-8"), encoding="utf-8")
    ended = project.pytest(
        "test_tiny.py",
        TF_CLI_ARGS="-no-such-flag",
        TF_CLI_ARGS_apply="-no-such-flag",
        TF_WORKSPACE="none",
        TF_DATA_DIR="/nowhere",
        AWS_PROFILE="none",
        AWS_ACCESS_KEY_ID="own",
        AWS_SECRET_ACCESS_KEY="own",
        AWS_SESSION_TOKEN="own",
        AWS_REGION="xx-own-1",
        AWS_ENDPOINT_URL="http://own.invalid",
        AWS_ENDPOINT_URL_S3="http://own.invalid",
        AWS_CONFIG_FILE="/nowhere",
    )
    assert ended.code == 0, ended.said
    assert "2 passed" in ended.said

"""Whatever happens while a plan is resolved: nothing is made, nobody's identity is used, and the reason is told."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from stackproof.errors import TerraformError
from stackproof.plan import Action, ResolvedStack
from stackproof.plan.resolution.overrides import Evaluation, write_evaluation
from stackproof.plan.values import Unknown
from stackproof.plan.wiring import Traced
from stackproof.planner import CacheMode, Planner, site
from stackproof.sandbox.emulated.account import EmulatedAccount
from stackproof.settings import Environment, Settings
from stackproof.terraform import locate
from stackproof.terraform.configuration import write_dev_overrides
from stackproof.terraform.locate import Cli
from stackproof.terraform.providers import Package

if TYPE_CHECKING:
    from tests.unit.conftest import Evaluated, Traces

StackOf = Callable[[str], Path]
MakeSettings = Callable[..., Settings]
Evaluate = Callable[[str, Mapping[str, Environment]], "Evaluated"]
Script = Callable[[str, str], Path]

DEV = {"dev": Environment("dev")}
AWS_DEV = {"dev": Environment("dev", variables={"name": "dev"})}


def resolved(settings: Settings, *, kind: str | None = None) -> dict[str, ResolvedStack]:
    stack = settings.stack("tiny")
    with Planner(settings, stack, cache=CacheMode.OFF, kind=kind) as planner:
        planner.start(stack.environments, resolve=True)
        return {name: planner.plan(name).resolved for name in stack.environments}


def reason(settings: Settings) -> str:
    (stack,) = resolved(settings).values()
    assert all(isinstance(resource["id"], Unknown) for resource in stack)
    return stack.reason


@pytest.fixture
def wrapped(script: Script, any_cli: Cli) -> Callable[[str], Path]:
    """Terraform, but for `terraform test`: before, or instead of it, these lines of shell run."""

    def make(lines: str) -> Path:
        return script("terraform", f'if [ "$1" = test ]; then\n:\n{lines}\nfi\nexec {" ".join(any_cli.argv)} "$@"')

    return make


@pytest.fixture
def tiny(stack_of: StackOf, settings_for: MakeSettings, wrapped: Callable[[str], Path]) -> Callable[..., Settings]:
    """The stack `tiny` with a Terraform whose `test` begins with these lines of shell."""
    folder = stack_of("tiny")
    return lambda lines, **more: settings_for(folder, DEV, terraform=wrapped(lines), **more)


@pytest.mark.parametrize("kind", ["emulated", "ambient"])
def test_the_child_s_environment_has_nothing_of_the_caller_s_identity(
    tiny: Callable[..., Settings], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    home = tmp_path / "home"
    (home / ".aws").mkdir(parents=True)
    (home / ".aws/config").write_text("[default]\nregion = xx-own-1\n", encoding="utf-8")
    own = {"HOME": str(home), "AWS_PROFILE": "own", "AWS_ACCESS_KEY_ID": "own", "AWS_SECRET_ACCESS_KEY": "own"}
    own |= {"AWS_SESSION_TOKEN": "own", "AWS_CONFIG_FILE": str(home / ".aws/config"), "AWS_REGION": "eu-west-1"}
    for name, value in {**own, "TF_LOG": "trace", "TF_CLI_ARGS": "-own", "OWN": "own"}.items():
        monkeypatch.setenv(name, value)
    resolved(tiny(f"env > {tmp_path}/env"), kind=kind)
    lines = (tmp_path / "env").read_text(encoding="utf-8").splitlines()
    child = dict(line.split("=", 1) for line in lines if "=" in line)
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+", child.pop("AWS_ENDPOINT_URL"))
    region = "eu-west-1" if kind == "ambient" else "us-east-1"
    assert {name: value for name, value in child.items() if name.startswith("AWS_")} == {
        "AWS_ACCESS_KEY_ID": "AKIAINERTACCOUNT0000",
        "AWS_SECRET_ACCESS_KEY": "inert",
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    assert child["HOME"] != str(home)
    assert not Path(child["HOME"], ".aws").exists()
    assert "own" not in child.values()
    assert not {"OWN", "TF_LOG", "TF_CLI_ARGS"} & set(child)


def test_the_test_file_is_this_user_s_alone_and_gone_afterwards(
    tiny: Callable[..., Settings], tmp_path: Path, traces: Traces
) -> None:
    old = os.umask(0)
    try:
        settings = tiny(f"stat -c '%a %n' *.tftest.hcl > {tmp_path}/files")
        stack = settings.stack("tiny")
        with Planner(settings, stack, cache=CacheMode.OFF) as planner:
            assert planner.plan("dev").resolved.reason == ""
            kept = [name for name in traces.files() if name.endswith((".tftest.hcl", ".tfstate"))]
    finally:
        os.umask(old)
    assert (tmp_path / "files").read_text(encoding="utf-8") == "600 stackproof_all.tftest.hcl\n"
    assert [name for name in kept if "/copy/" in name] == []
    assert traces.left() == []
    assert list(stack.folder.glob("*.tftest.hcl")) == []


def test_a_file_of_the_user_s_is_not_written_over(tiny: Callable[..., Settings], traces: Traces) -> None:
    settings = tiny("")
    own = settings.stack("tiny").folder / "stackproof_all.tftest.hcl"
    own.write_text("# the user's own\n", encoding="utf-8")
    with pytest.raises(TerraformError, match=rf"^{own}: cannot be written: File exists"):
        resolved(settings)
    assert own.read_text(encoding="utf-8") == "# the user's own\n"
    assert traces.left() == []


def test_what_is_asked_of_the_account_is_refused_and_told(tiny: Callable[..., Settings]) -> None:
    ask = f"curl -sS -o {os.devnull} -d Action=%s $AWS_ENDPOINT_URL"
    lines = "\n".join(ask % action for action in ("GetCallerIdentity", "CreateQueue"))
    assert reason(tiny(lines)) == "evaluating it asked the account for CreateQueue, which was refused"
    assert resolved(tiny(ask % "GetCallerIdentity"))["dev"].reason == ""


def test_a_resource_without_an_override_is_not_made_and_told(
    evaluate: Evaluate, monkeypatch: pytest.MonkeyPatch
) -> None:
    def leave_out(*given: Any, **named: Any) -> Evaluation:
        found = write_evaluation(*given, **named)
        block = re.compile(r"  override_resource \{\n    target = aws_ssm_parameter\.this\n.*?\n  \}\n\n", re.DOTALL)
        text, count = block.subn("", found.text)
        assert count == 1
        return replace(found, text=text)

    monkeypatch.setattr(site, "write_evaluation", leave_out)
    found = evaluate("aws", AWS_DEV).stacks["dev"]
    assert "creating SSM Parameter (/dev/account)" in found.reason
    assert "AccessDeniedException: nothing may be read or made while a stack is resolved" in found.reason
    assert found.reason.endswith("(main.tf:24)")


def test_a_provisioner_is_not_run(tiny: Callable[..., Settings], tmp_path: Path) -> None:
    settings = tiny("")
    (settings.stack("tiny").folder / "more.tf").write_text(
        'resource "terraform_data" "more" {\n  provisioner "local-exec" {\n'
        f'    command = "touch {tmp_path}/ran"\n  }}\n}}\n',
        encoding="utf-8",
    )
    assert reason(settings) == (
        "terraform_data.more: has provisioners, which would run if the configuration were evaluated"
    )
    assert not (tmp_path / "ran").exists()


def test_lines_that_are_no_messages_are_passed_over(tiny: Callable[..., Settings]) -> None:
    assert resolved(tiny('echo "a provider says something"; echo "{"; echo "[]"; echo 1; echo'))["dev"].reason == ""


def test_a_megabyte_of_complaints_holds_nothing_up(tiny: Callable[..., Settings]) -> None:
    assert resolved(tiny("head -c 1048576 /dev/zero | tr '\\0' e >&2"))["dev"].reason == ""


@pytest.mark.parametrize("code", [0, 1])
def test_a_terraform_that_says_nothing_is_told(tiny: Callable[..., Settings], code: int) -> None:
    assert reason(tiny(f"exit {code}")) == "Terraform evaluated nothing and gave no reason"


def test_a_terraform_that_is_killed_is_an_error(tiny: Callable[..., Settings], traces: Traces) -> None:
    with pytest.raises(TerraformError, match=r"`terraform test .*` was ended by SIGKILL"):
        resolved(tiny("kill -KILL $$"))
    assert traces.left() == []


def test_a_terraform_that_hangs_is_ended_at_its_timeout(tiny: Callable[..., Settings], traces: Traces) -> None:
    with pytest.raises(TerraformError, match=r"`terraform test .*` took longer than 3 s and was ended"):
        resolved(tiny("sleep 600", timeout=3))
    assert traces.left() == []


def test_another_exit_code_than_those_of_a_test_is_an_error(tiny: Callable[..., Settings]) -> None:
    with pytest.raises(TerraformError, match=r"terraform test failed: .*no such thing"):
        resolved(tiny("echo 'Error: no such thing' >&2; exit 2"))


@pytest.mark.parametrize(
    ("version", "told"),
    [
        ("1.6.6", "Terraform 1.6.6 cannot override resources in a test; 1.7 and newer can"),
        ("1.7.0", ""),
        ("1.10.5", ""),
        ("1.11.0-alpha1", ""),
        ("2.0.0", ""),
    ],
)
def test_each_version_of_terraform_is_run_as_it_can_be(
    stack_of: StackOf,
    settings_for: MakeSettings,
    wrapped: Callable[[str], Path],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    version: str,
    told: str,
) -> None:
    program = wrapped(f"ls *.tftest.hcl > {tmp_path}/files; grep -h state_key *.tftest.hcl >> {tmp_path}/files")
    monkeypatch.setattr(locate, "locate", lambda _: Cli((str(program),), version, "test"))
    environments = {name: Environment(name, variables={"size": name}) for name in ("dev", "prod")}
    found = resolved(settings_for(stack_of("tiny"), environments))
    assert {stack.reason for stack in found.values()} == {told}
    if told:
        assert not (tmp_path / "files").exists()
        return
    assert len({str.__str__(stack["terraform_data.this"]["id"]) for stack in found.values()}) == 2
    lines = (tmp_path / "files").read_text(encoding="utf-8").split("\n")
    apart = ["stackproof_resolve_0.tftest.hcl", "stackproof_resolve_1.tftest.hcl", ""]
    together = ["stackproof_all.tftest.hcl", '  state_key = "resolve_0"', '  state_key = "resolve_1"', ""]
    assert lines == (apart if version.startswith(("1.7", "1.10")) else together)


def test_a_provider_that_does_not_serve_is_installed_and_evaluated_all_the_same(
    evaluate: Evaluate, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise TerraformError("does not serve")

    monkeypatch.setattr(site, "serving", refuse)
    found = evaluate("aws", AWS_DEV).stacks["dev"]
    assert found.reason == ""
    assert str.__str__(found["aws_ssm_parameter.this"]["arn"]).endswith(":parameter/dev/account")


def test_a_resolution_that_fails_for_one_environment_leaves_the_others(
    stack_of: StackOf, settings_for: MakeSettings, any_cli: Cli
) -> None:
    assert any_cli
    folder = stack_of("tiny")
    (folder / "more.tf").write_text(
        'output "piece" {\n  value = var.size == "bad" ? tonumber(terraform_data.this.id) : 1\n}\n', encoding="utf-8"
    )
    environments = {name: Environment(name, variables={"size": name}) for name in ("first", "bad", "last")}
    found = resolved(settings_for(folder, environments))
    assert (found["first"].reason, found["last"].reason) == ("", "")
    assert found["bad"].reason.startswith("Terraform cannot evaluate it with tokens: Invalid function argument: ")
    assert found["bad"].reason.endswith("(more.tf:2)")
    assert isinstance(found["last"]["terraform_data.this"]["id"], Traced)


@pytest.fixture
def changed(
    stack_of: StackOf, lock: Callable[..., None], aws_package: Package, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Path, EmulatedAccount]]:
    """The stack `changed`, applied in an emulated account that is the caller's, and about to change."""
    folder = stack_of("changed")
    lock(folder)
    write_dev_overrides(tmp_path / "own.rc", [aws_package])
    with EmulatedAccount(region="eu-west-1") as account:
        account.check()
        child = {"PATH": os.environ["PATH"], "TF_CLI_CONFIG_FILE": str(tmp_path / "own.rc")}
        child |= {"TF_DATA_DIR": str(tmp_path / "data"), **account.environment()}
        words = [*locate.locate().argv, "apply", "-auto-approve", "-input=false", "-var=changed=false"]
        subprocess.run(words, cwd=folder, env=child, check=True, capture_output=True)
        for name, value in account.environment().items():
            monkeypatch.setenv(name, value)
        yield folder, account


def test_what_is_there_keeps_its_ids_and_what_is_made_gets_tokens(
    changed: tuple[Path, EmulatedAccount], settings_for: MakeSettings, traces: Traces
) -> None:
    folder, account = changed
    state, data = (folder / "terraform.tfstate").read_bytes(), account.data()
    settings = settings_for(folder, {"dev": Environment("dev", variables={"changed": True})})
    stack = resolved(settings, kind="ambient")["dev"]
    assert stack.reason == ""
    arns = {resource.name: resource["arn"] for resource in stack.resources("aws_cloudwatch_log_group")}
    actions = {resource.name: resource.change.action for resource in stack.resources("aws_cloudwatch_log_group")}
    beginning = "arn:aws:logs:eu-west-1:123456789012:log-group:/"
    assert {name: str.__str__(arn) for name, arn in arns.items()} == {
        name: beginning + last
        for name, last in (("kept", "kept"), ("updated", "updated"), ("replaced", "new"), ("made", "made"))
    }
    assert {name for name, arn in arns.items() if isinstance(arn, Traced)} == {"replaced", "made"}
    assert actions == {
        "kept": Action.NO_OP,
        "updated": Action.UPDATE,
        "replaced": Action.REPLACE,
        "made": Action.CREATE,
    }
    parameter = stack["aws_ssm_parameter.arns"]
    assert str.__str__(parameter["insecure_value"]).split(" ") == [
        str.__str__(arns[name]) for name in ("kept", "updated", "replaced", "made")
    ]
    assert parameter.wired("insecure_value").is_exactly(
        *(f"aws_cloudwatch_log_group.{name}" for name in ("kept", "updated", "replaced", "made"))
    )
    assert (folder / "terraform.tfstate").read_bytes() == state
    assert account.data() == data
    assert traces.left() == []

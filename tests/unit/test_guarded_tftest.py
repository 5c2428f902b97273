"""tftest without its dangers: signals are errors, streams are drained, time is limited, nobody's files are deleted."""

from __future__ import annotations

import gc
import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from stackproof.errors import TerraformError
from stackproof.terraform import children, guarded_tftest
from stackproof.terraform.diagnostics import TerraformFailed
from stackproof.terraform.guarded_tftest import GuardedTest
from stackproof.terraform.locate import Cli

if TYPE_CHECKING:
    from tests.unit.conftest import Traces

HANGS_SECONDS = 60
DIAGNOSTIC = json.dumps(
    {
        "type": "diagnostic",
        "diagnostic": {
            "severity": "error",
            "summary": "No such thing",
            "detail": "It is\nnot there.",
            "range": {"filename": "main.tf", "start": {"line": 7}},
        },
    }
)

Guarded = Callable[..., GuardedTest]


@pytest.fixture
def guarded(script: Callable[[str, str], Path], tmp_path: Path) -> Guarded:
    """A test of a folder, with a Terraform that is these lines of shell."""

    def make(
        body: str, *, timeout: float = HANGS_SECONDS, on_line: Callable[[str], object] | None = None
    ) -> GuardedTest:
        folder = tmp_path / "copy"
        folder.mkdir()
        program = script("terraform", body)
        return GuardedTest(
            Cli((str(program),), "1.11.4", "here"),
            folder,
            dict(os.environ),
            timeout=timeout,
            shown_folder=Path("/the/users/own"),
            on_line=on_line,
        )

    return make


def test_apply_and_destroy_are_spelt_without_a_question(guarded: Guarded) -> None:
    test = guarded('echo "$PWD: $@"')
    spelt = test.apply(json_format=True, tf_var_file=["a.tfvars", "b.json"], targets=["a.b", 'a.c["d e"]'])
    folder, _, words = spelt.strip().partition(": ")
    assert Path(folder).resolve() == Path(test.tfdir).resolve()
    assert words.startswith("apply ")
    assert {"-auto-approve", "-input=false", "-json"} <= set(words.split())
    assert re.search(r"-var-file=a\.tfvars -var-file=b\.json", words)
    assert words.count("-target=") == 2
    assert '-target=a.c["d e"]' in words
    assert test.destroy(json_format=True).startswith(f"{folder}: destroy ")


def test_outputs_are_read(guarded: Guarded) -> None:
    test = guarded("""echo '{"url": {"value": "http://a", "sensitive": true, "type": "string"}}'""")
    assert test.output()["url"] == "http://a"


def test_lines_come_while_it_runs(guarded: Guarded, tmp_path: Path) -> None:
    seen: list[str] = []

    def on_line(line: str) -> None:
        seen.append(line)
        (tmp_path / "seen").touch()

    test = guarded(f"echo first; until [ -e {tmp_path}/seen ]; do sleep 0.02; done; echo second", on_line=on_line)
    assert test.apply() == "first\nsecond\n"
    assert seen == ["first\n", "second\n"]


def test_it_can_be_ended_in_the_middle_which_is_no_error(guarded: Guarded, traces: Traces) -> None:
    test = guarded("echo enough; sleep 600 & wait", on_line=lambda _: children.ENOUGH)
    assert test.apply() == "enough\n"
    assert traces.left() == []


@pytest.mark.parametrize("command", ["apply", "destroy", "plan", "output"])
@pytest.mark.parametrize("name", ["KILL", "SEGV"])
def test_a_terraform_ended_by_a_signal_is_an_error(guarded: Guarded, command: str, name: str) -> None:
    test = guarded(f"kill -{name} $$")
    with pytest.raises(TerraformError, match=rf"`terraform {command}.*` was ended by SIG{name}"):
        getattr(test, command)()


@pytest.mark.parametrize("code", [1, 2, 3, 127, 130, 255])
def test_any_exit_code_but_0_is_an_error(guarded: Guarded, code: int) -> None:
    test = guarded(f"echo 'it went wrong' >&2; exit {code}")
    with pytest.raises(TerraformFailed, match=rf"terraform apply failed: exit code {code}: it went wrong"):
        test.apply()


def test_a_plan_with_changes_is_no_error_where_the_exit_code_is_asked_for(guarded: Guarded) -> None:
    test = guarded("exit 2")
    assert test.execute_command("plan", "-detailed-exitcode").retcode == 2
    with pytest.raises(TerraformFailed, match="exit code 2"):
        test.execute_command("plan")


def test_an_error_speaks_of_the_folder_that_the_user_knows(guarded: Guarded) -> None:
    test = guarded(f"echo '{DIAGNOSTIC}'; exit 1".replace("\\n", "\\\\n"))
    with pytest.raises(TerraformFailed) as caught:
        test.apply()
    assert str(caught.value) == "/the/users/own/main.tf:7: terraform apply failed: No such thing: It is not there."


def test_an_error_that_terraform_tells_counts_whatever_its_exit_code(guarded: Guarded) -> None:
    test = guarded(f"echo '{DIAGNOSTIC}'; exit 0".replace("\\n", "\\\\n"))
    with pytest.raises(TerraformFailed, match="No such thing"):
        test.destroy()


def test_more_than_a_pipe_of_standard_error_is_read_while_it_runs(guarded: Guarded) -> None:
    test = guarded("head -c 1048576 /dev/zero | tr '\\0' e >&2; echo done")
    done = test.execute_command("apply")
    assert (done.out, len(done.err)) == ("done\n", 1048576)


def test_more_than_a_pipe_of_standard_error_is_read_of_a_failure_too(guarded: Guarded) -> None:
    test = guarded("head -c 1048576 /dev/zero | tr '\\0' e >&2; echo >&2; echo reason >&2; exit 1")
    with pytest.raises(TerraformFailed, match="reason") as caught:
        test.apply()
    assert len(str(caught.value)) < 1000


def test_one_that_takes_too_long_is_interrupted_and_may_write_down_what_it_made(
    guarded: Guarded, tmp_path: Path, traces: Traces
) -> None:
    body = f"trap 'echo written > {tmp_path}/state; exit 1' INT; sleep 600 & while :; do sleep 0.02; done"
    test = guarded(body, timeout=0.5)
    with pytest.raises(TerraformError, match=r"`terraform apply .*` took longer than 0.5 s"):
        test.apply()
    assert (tmp_path / "state").read_text(encoding="utf-8") == "written\n"
    assert traces.left() == []


def test_one_that_does_not_hear_an_interrupt_is_killed(
    guarded: Guarded, monkeypatch: pytest.MonkeyPatch, traces: Traces
) -> None:
    monkeypatch.setattr(guarded_tftest, "GRACE_SECONDS", 0.5)
    test = guarded("trap '' INT; sleep 600 & sleep 600 & wait", timeout=0.5)
    with pytest.raises(TerraformError, match=r"took longer than 0\.5 s"):
        test.apply()
    assert traces.left() == []


def test_a_program_that_is_not_there_is_named(tmp_path: Path) -> None:
    test = GuardedTest(Cli(("/nowhere/terraform",), "1", "here"), tmp_path, {}, timeout=1, shown_folder=tmp_path)
    with pytest.raises(TerraformError, match="/nowhere/terraform: terraform cannot be started"):
        test.apply()


def test_an_embedded_terraform_has_words_of_its_own_before_the_command(
    script: Callable[[str, str], Path], tmp_path: Path
) -> None:
    program = script("python", 'echo "$@"')
    cli = Cli((str(program), "-m", "embedded"), "1.11.4", "embedded")
    test = GuardedTest(cli, tmp_path, dict(os.environ), timeout=HANGS_SECONDS, shown_folder=tmp_path)
    assert test.execute_command("state", "pull").out == "-m embedded state pull\n"
    assert test.execute_command("state pull").out == "-m embedded state pull\n"


def test_words_may_hold_blanks_and_quotes(guarded: Guarded) -> None:
    test = guarded('for word; do echo "[$word]"; done')
    assert test.execute_command("force-unlock", "-force", "a b'c").out == "[force-unlock]\n[-force]\n[a b'c]\n"


def test_setting_up_is_refused_since_what_tftest_cleans_up_is_not_its_own(guarded: Guarded) -> None:
    with pytest.raises(NotImplementedError, match="comes initialised"):
        guarded("exit 0").setup()


def test_the_lock_file_and_the_state_of_the_folder_outlive_it(guarded: Guarded) -> None:
    test = guarded("exit 0")
    folder = Path(test.tfdir)
    names = {".terraform.lock.hcl", ".terraform", "terraform.tfstate", "terraform.tfstate.backup"}
    for name in names - {".terraform"}:
        (folder / name).write_text("mine", encoding="utf-8")
    (folder / ".terraform").mkdir()
    test.apply()
    test.destroy()
    del test
    gc.collect()
    assert {file.name for file in folder.iterdir()} == names


def test_nothing_is_kept_from_one_command_for_another(guarded: Guarded, tmp_path: Path) -> None:
    test = guarded(f"echo x >> {tmp_path}/asked; wc -l < {tmp_path}/asked")
    first, second = test.apply(use_cache=True), test.apply(use_cache=True)
    assert [first.strip(), second.strip()] == ["1", "2"]
    assert list(Path(test.tfdir).iterdir()) == []


def test_only_the_environment_that_is_given_reaches_terraform(
    script: Callable[[str, str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TF_CLI_ARGS_apply", "-var=leaked=1")
    program = script("terraform", "/usr/bin/env")
    cli = Cli((str(program),), "1.11.4", "here")
    test = GuardedTest(cli, tmp_path, {"ONLY": "this"}, timeout=HANGS_SECONDS, shown_folder=tmp_path)
    names = {line.split("=")[0] for line in test.apply().splitlines()}
    assert "ONLY" in names
    assert not any(name.startswith(("TF_", "AWS_")) for name in names)

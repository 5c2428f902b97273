"""tftest, which drives apply, output and destroy, with its execution replaced.

tftest 1.8.8 takes a Terraform that was killed by a signal for one that succeeded, hangs on more than a pipe's worth of
standard error, cannot time out, keeps results by the content of the root module's folder alone, and in the end deletes
the lock file and the state of the folder that it was given. None of that happens here; the folder is a scratch copy.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from stackproof.errors import TerraformError
from stackproof.terraform import children
from stackproof.terraform.diagnostics import errors, failure
from stackproof.terraform.locate import Cli

try:
    import tftest
except ModuleNotFoundError:
    raise TerraformError(
        "stacks are applied by tftest, which is not here", remedy="install it: pip install 'stackproof[integration]'."
    ) from None

GRACE_SECONDS = 120.0
"""How long an interrupted apply may take to write down what it has made."""

_DETAILED = "-detailed-exitcode"


class GuardedTest(tftest.TerraformTest):  # type: ignore[misc]
    """tftest's TerraformTest on an initialised scratch copy.

    `on_line` gets each line of a command's standard output; where it gives `children.ENOUGH`, Terraform and its
    providers are killed there. `shown_folder` is the folder that errors speak of. Every command raises TerraformError
    (see `children.run`) or TerraformFailed with Terraform's own diagnostics.
    """

    def __init__(
        self,
        cli: Cli,
        folder: Path,
        environment: Mapping[str, str],
        *,
        timeout: float,
        shown_folder: Path,
        on_line: Callable[[str], object] | None = None,
    ) -> None:
        super().__init__(str(folder), binary=cli.executable, enable_cache=False, cache_dir=str(folder))
        self.env = dict(environment)
        self.on_line = on_line
        self._cli = cli
        self._timeout = timeout
        self._shown_folder = shown_folder

    def setup(self, *arguments: object, **options: object) -> str:
        """Refuse: the copy is initialised already, and what tftest would clean up in it is not tftest's."""
        raise NotImplementedError("the scratch copy of a stack comes initialised")

    def execute_command(self, cmd: str, *cmd_args: str) -> Any:  # noqa: ANN401  # tftest's own named tuple
        """Run one command; gives its exit code and both streams."""
        done = children.run(
            [*self._cli.argv, *cmd.split(), *map(str, cmd_args)],
            folder=Path(self.tfdir),
            environment=self.env,
            timeout=self._timeout,
            on_line=self.on_line,
            grace=GRACE_SECONDS,
        )
        ok = (0, 2) if _DETAILED in cmd_args else (0,)
        if done.code not in ok or (cmd in ("plan", "apply", "destroy") and errors(done.stdout)):
            raise failure(cmd, self._shown_folder, done)
        return tftest.TerraformCommandOutput(done.code, done.stdout, done.stderr)

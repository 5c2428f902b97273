"""What a run was told on its command line, and what Terraform knows where it was not told."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from smoke.site import address

TERRAFORM = Path(__file__).parent.parent / "terraform"
TERRAFORM_SECONDS = 60


@dataclass(frozen=True)
class Settings:
    """The deployment to ask, with limits in seconds; `source` says where its address came from."""

    url: str
    source: str
    expect_version: str | None
    cluster: str | None
    service: str | None
    timeout: float
    budget: float
    p95: float
    requests: int


def find_address(given: str | None) -> tuple[str, str]:
    """The site's address and its source: `--alb-url`, else the output `url` of the Terraform configuration.

    Raises ValueError with one line that says what to give.
    https://developer.hashicorp.com/terraform/cli/commands/output
    """
    if given is not None:
        return address(given), "--alb-url"
    url, why = _terraform_output()
    if why:
        raise ValueError(f"no address to test: give --alb-url URL, or apply the stack first ({why})")
    return address(url), "Terraform's output url"


def _terraform_output() -> tuple[str, str]:
    """The output, or why there is none."""
    terraform = shutil.which("terraform")
    if terraform is None:
        return "", "there is no terraform on PATH to take the output url from"
    words = [terraform, f"-chdir={TERRAFORM}", "output", "-no-color", "-raw", "url"]
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=TERRAFORM_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return "", f"terraform output took longer than {TERRAFORM_SECONDS} s"
    if done.returncode == 0 and done.stdout.startswith(("http://", "https://")):
        return done.stdout.strip(), ""
    frame = " \t│╷╵"
    said = [line.strip(frame) for line in (done.stderr or done.stdout).splitlines() if line.strip(frame)]
    return (
        "",
        f"terraform output: {' '.join(said[:2]).removeprefix('Error: ')}" if said else "Terraform has no output url",
    )

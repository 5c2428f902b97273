"""`scripts/run-smoke.sh`, with a terraform that prints what a test wants to see."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.smoke.standins import standing

ROOT = Path(__file__).parents[2]
HANGS_SECONDS = 300


def run(*options: str, root: Path = ROOT, **env: str) -> subprocess.CompletedProcess[str]:
    words = [str(root / "scripts/run-smoke.sh"), *options]
    return subprocess.run(
        words,
        cwd="/",
        env=os.environ | {"NO_PROXY": "*", "PYTHONDONTWRITEBYTECODE": "1"} | env,
        capture_output=True,
        text=True,
        timeout=HANGS_SECONDS,
        check=False,
    )


@pytest.fixture
def terraform(tmp_path: Path) -> Path:
    """A folder for PATH with a terraform that has applied the stack."""
    command = tmp_path / "terraform"
    command.write_text('#!/bin/sh\nprintf "the-${5#ecs_}"\n')
    command.chmod(0o755)
    return tmp_path


def path(folder: Path) -> str:
    return f"{folder}{os.pathsep}{os.environ['PATH']}"


def test_usage_names_every_option_of_the_tests() -> None:
    shown = run("--help")
    assert shown.returncode == 0
    for option in ("alb-url", "expect-version", "cluster", "service", "timeout", "budget", "p95", "requests"):
        assert f"--{option} " in shown.stdout


def test_a_dry_run_prints_the_command(terraform: Path) -> None:
    done = run("--dry-run", "--aws", "--alb-url", "http://a.example.com", "-k", "a b", PATH=path(terraform))
    assert done.returncode == 0, done.stderr
    words = "-m pytest smoke --alb-url http://a.example.com -k a\\ b"
    assert done.stdout.strip().endswith(f"{words} --cluster the-cluster_name --service the-service_name")


def test_names_that_terraform_does_not_know_are_said(tmp_path: Path) -> None:
    (tmp_path / "terraform").write_text("#!/bin/sh\necho 'Error: no state' >&2\nexit 1\n")
    (tmp_path / "terraform").chmod(0o755)
    done = run("--aws", PATH=path(tmp_path))
    assert done.returncode == 4
    wanted = "apply the stack first, or give --cluster and --service"
    assert done.stderr.strip() == f"run-smoke: Terraform has no output ecs_cluster_name: {wanted}"


def test_it_passes_from_anywhere_and_gives_the_exit_code_of_the_tests() -> None:
    with standing() as site:
        good = run("--alb-url", site.url, "--timeout", "5", "-k", "health")
        site.replies["/healthz"].status = 500
        bad = run("--alb-url", site.url, "--timeout", "1", "-k", "test_it_lives")
    assert good.returncode == 0, good.stdout
    assert bad.returncode == 1
    assert f"{site.url}healthz answered 500 (last: " in bad.stdout


def test_options_that_there_are_not_are_refused() -> None:
    done = run("--alb-uri", "http://a.example.com")
    assert done.returncode == 4
    assert "--alb-uri" in done.stderr


@pytest.mark.nightly
def test_where_nothing_is_installed_it_installs_what_is_locked(tmp_path: Path) -> None:
    for name in ("scripts/run-smoke.sh", "pyproject.toml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    shutil.copytree(ROOT / "smoke", tmp_path / "smoke")
    with standing() as site:
        done = run("--alb-url", site.url, "--timeout", "20", root=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "installing what the tests need into build/smoke" in done.stderr

"""The image, as far as it can be told without Docker: what the Dockerfile says, and its own commands carried out."""

from __future__ import annotations

import fnmatch
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app import image, running

NUMBER = 10001
"""The user and group of the task definition."""

BUILD, FINAL = image.stages()

MODULES = image.FILE.parent / "terraform" / "modules"


def test_both_stages_begin_with_the_same_pinned_python() -> None:
    assert re.fullmatch(r"python:3\.\d+\.\d+-slim-[a-z]+@sha256:[0-9a-f]{64}", BUILD.base)
    assert FINAL.base == BUILD.base


def test_the_lock_is_installed_before_any_code_is_copied() -> None:
    assert [copy.words for copy in BUILD.all("COPY")] == [["app/requirements.lock", "/build/requirements.lock"]]
    names = [instruction.name for instruction in BUILD.instructions]
    assert names == ["FROM", "RUN", "COPY", "RUN"], "another layer here would be made anew more often than it has to be"


def test_only_hashed_wheels_are_installed() -> None:
    words = BUILD.all("RUN")[-1].words
    assert "--require-hashes" in words
    assert words[words.index("--only-binary") + 1] == ":all:"
    assert "--no-cache-dir" in words


def test_the_final_stage_installs_nothing_and_has_no_installer() -> None:
    runs = [run.value for run in FINAL.all("RUN")]
    assert not any(re.search(r"\binstall\b|apt|curl|wget", run) for run in runs)
    (removal,) = runs
    for gone in ("site-packages/pip*", "ensurepip", "/usr/local/bin/pip*"):
        assert gone in removal
    assert "--without-pip" in BUILD.all("RUN")[0].words


def test_the_removal_names_the_python_of_the_base() -> None:
    minor = re.search(r"python:(3\.\d+)", FINAL.base)
    assert minor
    assert set(re.findall(r"python(3\.\d+)", FINAL.one("RUN").value)) == {minor[1]}


def test_the_final_stage_copies_the_environment_and_the_application_alone() -> None:
    assert [copy.words for copy in FINAL.all("COPY")] == [
        ["--from=build", "/opt/venv", "/opt/venv"],
        ["app/stock_dashboard", "/app/stock_dashboard"],
    ]
    assert not FINAL.all("ADD")


def test_it_runs_as_the_user_and_at_the_port_of_the_task_definition() -> None:
    variables = (MODULES / "ecs" / "variables.tf").read_text()
    user = FINAL.one("USER").value
    assert user == f"{NUMBER}:{NUMBER}"
    assert f'"{user}"' in variables
    (port,) = FINAL.one("EXPOSE").words
    assert port == "8080"
    assert f"container_port = {port}" in (MODULES.parent / "main.tf").read_text()


def test_it_declares_the_volume_that_the_task_definition_mounts() -> None:
    (path,) = FINAL.one("VOLUME").words
    assert re.search(rf'containerPath\s*= "{path}"', (MODULES / "ecs" / "main.tf").read_text())


def test_signals_reach_the_server() -> None:
    for name in ("CMD", "HEALTHCHECK"):
        assert '["' in FINAL.one(name).value, f"{name} has to be a JSON list: a shell would keep signals to itself"
    assert not FINAL.all("ENTRYPOINT")


def test_the_health_check_uses_what_is_there() -> None:
    value = FINAL.one("HEALTHCHECK").value
    assert 'CMD ["python", "-m", "stock_dashboard.health"]' in value
    for option in ("--interval", "--timeout", "--start-period", "--retries"):
        assert option in value


def test_version_and_commit_are_arguments_and_come_last() -> None:
    assert FINAL.pairs("ARG") == {"APP_VERSION": "dev", "APP_COMMIT": "dev"}
    assert {("APP_VERSION", "$APP_VERSION"), ("APP_COMMIT", "$APP_COMMIT")} <= FINAL.pairs("ENV").items()
    names = [instruction.name for instruction in FINAL.instructions]
    after = names[names.index("ARG") :]
    assert set(after) == {"ARG", "ENV", "LABEL"}, "whatever comes after them is made anew by every commit"


def test_labels_say_what_it_is() -> None:
    labels = FINAL.pairs("LABEL")
    wanted = {"title", "description", "licenses", "version", "revision"}
    assert {label.removeprefix("org.opencontainers.image.") for label in labels} == wanted
    assert labels["org.opencontainers.image.revision"] == "$APP_COMMIT"


def test_no_secret_is_written_into_it() -> None:
    for stage in (BUILD, FINAL):
        for name in stage.pairs("ENV") | stage.pairs("ARG"):
            assert not re.search(r"KEY|TOKEN|SECRET|PASSWORD", name)
    assert "ALPHA_VANTAGE_API_KEY" not in image.FILE.read_text()


def test_docker_is_sent_what_is_copied_and_nothing_else() -> None:
    lines = (image.FILE.parent / ".dockerignore").read_text().splitlines()
    patterns = [line for line in lines if line and not line.startswith("#")]
    assert patterns[0] == "*"
    sent = {pattern[1:] for pattern in patterns if pattern.startswith("!")}
    copied = {copy.words[0] for stage in (BUILD, FINAL) for copy in stage.all("COPY")} - {"--from=build"}
    assert sent == copied
    assert any(fnmatch.fnmatch("__pycache__", pattern.removeprefix("**/")) for pattern in patterns[1:])


def test_hadolint_has_nothing_to_say() -> None:
    hadolint = shutil.which("hadolint", path=Path(sys.executable).parent)
    if hadolint is None:
        pytest.skip("hadolint is not installed here")
    done = subprocess.run([hadolint, image.FILE], cwd=image.FILE.parent, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder that is what `/` is in the image: the RUN and COPY instructions, carried out below it.

    What stands for the base image's Python is the one that runs this.
    """
    root = tmp_path_factory.mktemp("image")
    root.chmod(0o755)
    context = image.FILE.parent

    def below(path: str) -> str:
        return str(root / path.removeprefix("/")) if path.startswith("/") else path

    for instruction in BUILD.instructions[1:]:
        if instruction.name == "COPY":
            source, target = instruction.words
            Path(below(target)).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(context / source, below(target))
        else:
            python, *arguments = map(below, instruction.words)
            assert python == "python"
            done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=False)
            if "No matching distribution" in done.stderr and not os.environ.get("CI"):
                pytest.skip("no package index can be reached, from which to install the lock")
            assert done.returncode == 0, done.stderr
    shutil.rmtree(root / "build")
    source, target = FINAL.all("COPY")[1].words
    shutil.copytree(context / source, below(target), ignore=shutil.ignore_patterns("__pycache__"))
    yield root
    shutil.rmtree(root)


def packages(root: Path) -> set[str]:
    (site,) = (root / "opt" / "venv" / "lib").glob("python*/site-packages")
    return {entry.name.split("-")[0].lower() for entry in site.glob("*.dist-info")}


def test_what_is_installed_is_what_the_lock_names(root: Path) -> None:
    lock = (running.APP / "requirements.lock").read_text()
    assert packages(root) == {name.replace("-", "_") for name in re.findall(r"^([a-z0-9-]+)==", lock, re.MULTILINE)}


SYSTEM = ("usr", "bin", "sbin", "lib", "lib64", "etc", "proc", "dev")
"""What of the machine's `/` there has to be for Python to run."""

MOUNTED = """
set -eu
root=$1 python=$2
shift 2
mount --bind "$root" "$root"
for folder in usr bin sbin lib lib64 etc proc dev; do
  if [ -d "$root/$folder" ] && [ ! -L "$root/$folder" ]; then mount --rbind "/$folder" "$root/$folder"; fi
done
mount --bind "$python" "$root$python"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
mount -o remount,bind,ro "$root"
exec chroot "$root" "$@"
"""
"""What a container has, made with a mount namespace: its own `/`, read-only but for /tmp."""


def inside(root: Path, *command: str) -> list[str]:
    """A command line that runs another in the image, as its user and without any capability; else skip."""
    if os.getuid():
        pytest.skip("only root can become another user")
    if subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False).returncode:
        pytest.skip("this machine lets nobody make a mount namespace")
    for name in SYSTEM:
        here = Path("/", name)
        if os.path.lexists(root / name):
            continue
        if here.is_symlink():
            (root / name).symlink_to(here.readlink())
        elif here.is_dir():
            (root / name).mkdir()
    for name in (sys.base_prefix[1:], "tmp"):
        (root / name).mkdir(parents=True, exist_ok=True)
    user, group = FINAL.one("USER").value.split(":")
    become = [
        "setpriv",
        f"--reuid={user}",
        f"--regid={group}",
        "--clear-groups",
        "--no-new-privs",
        "--bounding-set=-all",
    ]
    isolate = ["unshare", "--mount", "sh", "-c", MOUNTED, "sh", str(root), sys.base_prefix]
    return [*isolate, *become, "env", f"--chdir={FINAL.one('WORKDIR').value}", *command]


def variables() -> dict[str, str]:
    """The environment of the image, as built with a version and a commit."""
    path = FINAL.pairs("ENV")["PATH"].replace("$PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
    return {**FINAL.pairs("ENV"), "PATH": path, "APP_VERSION": "1.2.3", "APP_COMMIT": "abc"}


@pytest.fixture
def container(root: Path, tmp_path: Path) -> Iterator[running.Dashboard]:
    """The image's command, served as the task definition has it."""
    with running.serving(tmp_path, variables(), command=inside(root, *FINAL.one("CMD").words)) as dashboard:
        yield dashboard


def test_the_root_file_system_is_read_only_and_tmp_is_not(root: Path) -> None:
    def touch(path: str) -> int:
        return subprocess.run(inside(root, "touch", path), capture_output=True, check=False).returncode

    assert touch("/tmp/mine") == 0  # noqa: S108
    assert touch("/app/mine") == 1
    mounts = subprocess.run(inside(root, "cat", "/proc/self/mounts"), capture_output=True, text=True, check=True).stdout
    (options,) = [fields[3] for fields in map(str.split, mounts.splitlines()) if fields[1] == "/"]
    assert "ro" in options.split(","), "not even root could write there"


def test_the_image_s_command_serves_as_the_unprivileged_user(container: running.Dashboard) -> None:
    status = Path(f"/proc/{container.process.pid}/status").read_text()
    assert f"Uid:\t{NUMBER}\t{NUMBER}\t{NUMBER}\t{NUMBER}" in status
    assert "CapEff:\t0000000000000000" in status

    assert container.get("/healthz").json == {"status": "ok", "version": "1.2.3", "commit": "abc"}
    deadline = time.monotonic() + 20
    while container.get("/readyz").status != 200:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    page = container.get("/")
    assert page.status == 200
    (style,) = re.findall(r'href="(/static/[^"]+\.css)"', page.text)
    assert container.get(style).headers["content-type"].startswith("text/css")
    assert container.stop() == 0
    assert {line["level"] for line in container.lines()} == {"info"}


def test_the_image_s_health_check_passes_beside_it(container: running.Dashboard, root: Path) -> None:
    check = image.Instruction("CMD", FINAL.one("HEALTHCHECK").value.split("CMD ", 1)[1])
    environment = {**variables(), "PORT": str(container.port)}
    assert subprocess.run(inside(root, *check.words), env=environment, check=False).returncode == 0

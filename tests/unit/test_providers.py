from __future__ import annotations

import base64
import hashlib
import os
import platform
import zipfile
from pathlib import Path

import pytest

from stackproof.errors import TerraformError
from stackproof.terraform import locate, lockfile, providers
from stackproof.terraform.configuration import child_environment, write_cli_configuration
from stackproof.terraform.lockfile import LockedProvider
from stackproof.terraform.plan_cache import PlanCache
from stackproof.terraform.providers import Package
from stackproof.terraform.runner import Terraform

HOST = providers.DEFAULT_HOST
THING = f"{HOST}/acme/thing"


@pytest.fixture(autouse=True)
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine of its own: home, data folders and prefixes lie below one folder."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.setenv("XDG_DATA_DIRS", str(tmp_path / "share"))
    monkeypatch.setattr(providers, "PREFIXES", (tmp_path / "opt", tmp_path / "usr"))
    return tmp_path


def packed_in(mirror: Path, address: str = THING, version: str = "1.2.3", target: str | None = None) -> Path:
    file = (
        mirror / address / f"terraform-provider-{address.split('/')[-1]}_{version}_{target or providers.target()}.zip"
    )
    file.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("terraform-provider-thing", "#!/bin/sh\n")
    return file


def unpacked_in(mirror: Path, address: str = THING, version: str = "1.2.3", target: str | None = None) -> Path:
    folder = mirror / address / version / (target or providers.target())
    folder.mkdir(parents=True)
    program = folder / f"terraform-provider-{address.split('/')[-1]}_v{version}"
    program.write_text("#!/bin/sh\n", encoding="utf-8")
    program.chmod(0o755)
    return folder


@pytest.mark.parametrize(
    ("system", "machine_name", "expected"),
    [
        ("Linux", "x86_64", "linux_amd64"),
        ("Linux", "aarch64", "linux_arm64"),
        ("Darwin", "arm64", "darwin_arm64"),
        ("Windows", "AMD64", "windows_amd64"),
        ("Linux", "i686", "linux_386"),
    ],
)
def test_the_machine_has_a_name_in_terraforms_words(
    monkeypatch: pytest.MonkeyPatch, system: str, machine_name: str, expected: str
) -> None:
    monkeypatch.setattr(platform, "system", lambda: system)
    monkeypatch.setattr(platform, "machine", lambda: machine_name)
    assert providers.target() == expected


class TestMirrors:
    @pytest.mark.parametrize(
        "folder", ["home/.terraform.d/plugins", "home/.local/share/terraform/plugins", "share/terraform/plugins"]
    )
    def test_terraforms_implied_folders_are_mirrors(self, machine: Path, folder: str) -> None:
        unpacked_in(machine / folder)
        assert providers.find_mirrors() == (machine / folder,)

    def test_an_implied_folder_follows_xdg(self, machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("XDG_DATA_HOME", str(machine / "data"))
        unpacked_in(machine / "data/terraform/plugins")
        assert providers.find_mirrors() == (machine / "data/terraform/plugins",)

    @pytest.mark.parametrize("folder", ["opt/plugins", "opt/a/mirror", "usr/a/b/mirror"])
    def test_a_folder_below_a_prefix_is_known_by_its_layout(self, machine: Path, folder: str) -> None:
        unpacked_in(machine / folder)
        assert providers.find_mirrors() == (machine / folder,)

    def test_below_a_prefix_the_nearest_ones_are_taken(self, machine: Path) -> None:
        for folder in ("opt/b", "opt/a", "opt/c/deeper"):
            unpacked_in(machine / folder)
        assert providers.find_mirrors() == (machine / "opt/a", machine / "opt/b")

    def test_implied_folders_come_before_prefixes_and_none_twice(
        self, machine: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("XDG_DATA_DIRS", str(machine / "usr/share"))
        implied = machine / "usr/share/terraform/plugins"
        unpacked_in(implied)
        unpacked_in(machine / "opt/plugins")
        assert providers.find_mirrors() == (implied, machine / "opt/plugins")

    def test_other_folders_are_no_mirrors(self, machine: Path) -> None:
        (machine / "opt/tools/example.com/acme").mkdir(parents=True)
        (machine / "opt/a/b/c/d" / HOST).mkdir(parents=True)
        (machine / "home/.terraform.d/plugins").mkdir(parents=True)
        assert providers.find_mirrors() == ()

    def test_a_folder_that_links_to_itself_is_no_trap(self, machine: Path) -> None:
        unpacked_in(machine / "opt/plugins")
        (machine / "opt/loop").symlink_to(machine / "opt")
        assert providers.find_mirrors() == (machine / "opt/plugins",)


class TestWhatAMirrorHas:
    def test_addresses_are_those_for_this_machine_packed_or_not(self, machine: Path) -> None:
        unpacked_in(machine, f"{HOST}/acme/b")
        packed_in(machine, f"{HOST}/acme/a")
        packed_in(machine, "example.com/acme/a", version="2.0.0")
        unpacked_in(machine, f"{HOST}/acme/other", target="plan9_mips")
        packed_in(machine, f"{HOST}/acme/another", target="plan9_mips")
        assert providers.addresses(machine) == ("example.com/acme/a", f"{HOST}/acme/a", f"{HOST}/acme/b")

    def test_a_package_is_of_exactly_that_version_in_the_first_mirror_that_has_it(self, machine: Path) -> None:
        first, second = machine / "first", machine / "second"
        unpacked_in(first, version="1.0.0")
        folder = unpacked_in(second, version="1.1.0")
        unpacked_in(second, version="1.0.0")
        assert providers.find_package(THING, "1.1.0", [first, second]) == Package(THING, "1.1.0", folder)
        found = providers.find_package(THING, "1.0.0", [first, second])
        assert found is not None
        assert found.folder.is_relative_to(first)
        assert providers.find_package(THING, "1.0", [first, second]) is None

    def test_a_packed_package_is_no_folder_to_serve_from(self, machine: Path) -> None:
        packed_in(machine)
        assert providers.find_package(THING, "1.2.3", [machine]) is None
        assert providers.versions(THING, [machine]) == ()

    def test_versions_are_all_of_all_mirrors(self, machine: Path) -> None:
        unpacked_in(machine / "a", version="1.0.0")
        unpacked_in(machine / "b", version="1.0.0")
        unpacked_in(machine / "b", version="2.0.0")
        unpacked_in(machine / "b", version="3.0.0", target="plan9_mips")
        assert providers.versions(THING, [machine / "a", machine / "b"]) == ("1.0.0", "2.0.0")


class TestPackages:
    def test_the_executable_is_the_one_named_after_the_provider(self, machine: Path) -> None:
        folder = unpacked_in(machine)
        (folder / "LICENSE.txt").touch()
        (folder / "terraform-provider-thing.md").touch()
        assert Package(THING, "1.2.3", folder).executable == folder / "terraform-provider-thing_v1.2.3"

    def test_a_package_without_an_executable_is_refused(self, machine: Path) -> None:
        folder = unpacked_in(machine)
        (folder / "terraform-provider-thing_v1.2.3").chmod(0o644)
        with pytest.raises(TerraformError, match="holds no executable terraform-provider-thing"):
            _ = Package(THING, "1.2.3", folder).executable

    def test_the_hash_is_that_of_the_documented_algorithm(self, machine: Path) -> None:
        folder = unpacked_in(machine)
        (folder / "docs").mkdir()
        (folder / "docs/b.md").write_bytes(b"\x00\xff")
        (folder / "LICENSE").write_text("free", encoding="utf-8")
        names = ["LICENSE", "docs/b.md", "terraform-provider-thing_v1.2.3"]
        summary = "".join(f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}\n" for name in names)
        digest = base64.b64encode(hashlib.sha256(summary.encode()).digest()).decode()
        assert providers.package_hash(folder) == f"h1:{digest}"

    def test_the_hash_is_the_one_that_terraform_itself_records(self, machine: Path) -> None:
        folder = unpacked_in(machine / "mirror")
        for name in ("README.md", "a/z.txt", "a-b/c.txt", "a.txt", "Z"):
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text(name, encoding="utf-8")
        root = machine / "root"
        root.mkdir()
        (root / "main.tf").write_text(
            'terraform {\n  required_providers {\n    thing = { source = "acme/thing" }\n  }\n}\n', encoding="utf-8"
        )
        write_cli_configuration(machine / "rc", [machine / "mirror"], registry=False)
        environment = child_environment(
            os.environ, cli_configuration=machine / "rc", data_folder=machine / "data", home=machine
        )
        Terraform(locate.locate(), root, environment, timeout=60).init()
        (locked,) = lockfile.read_lock_file(root)
        assert locked.hashes == (providers.package_hash(folder),)

    def test_a_package_that_the_lock_file_lists_is_good(self, machine: Path) -> None:
        folder = unpacked_in(machine)
        hashes = ("zh:00", providers.package_hash(folder))
        providers.verify(Package(THING, "1.2.3", folder), LockedProvider(THING, "1.2.3", hashes))

    def test_a_changed_package_is_refused_with_what_to_do(self, machine: Path) -> None:
        folder = unpacked_in(machine)
        locked = LockedProvider(THING, "1.2.3", (providers.package_hash(folder),))
        (folder / "terraform-provider-thing_v1.2.3").write_text("#!/bin/sh\nevil\n", encoding="utf-8")
        with pytest.raises(TerraformError) as caught:
            providers.verify(Package(THING, "1.2.3", folder), locked)
        message = str(caught.value)
        assert message.startswith(f"{folder}: {THING} 1.2.3 has the hash h1:")
        assert message.endswith(
            "which the lock file does not list. Restore the package, or record it: terraform providers lock."
        )


class TestKnownHashes:
    def test_a_package_that_was_not_touched_is_not_read_again(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        package, locked, known = self.verified(tmp_path)
        monkeypatch.setattr(providers, "package_hash", lambda _: pytest.fail("the package was read"))
        providers.verify(package, locked, known)

    def test_a_replaced_file_of_the_same_size_and_time_is_noticed(self, tmp_path: Path) -> None:
        package, locked, known = self.verified(tmp_path)
        program = package.folder / "terraform-provider-thing"
        before = program.stat()
        program.write_bytes(b"evil")
        os.utime(program, ns=(before.st_atime_ns, before.st_mtime_ns))
        with pytest.raises(TerraformError, match="which the lock file does not list"):
            providers.verify(package, locked, known)

    def test_a_memory_that_cannot_be_kept_is_done_without(self, tmp_path: Path) -> None:
        (tmp_path / "known").write_text("a file where a folder would have to be")
        self.verified(tmp_path)

    @staticmethod
    def verified(tmp_path: Path) -> tuple[Package, LockedProvider, PlanCache]:
        folder = tmp_path / "package"
        folder.mkdir()
        (folder / "terraform-provider-thing").write_bytes(b"good")
        package = Package(THING, "1.2.3", folder)
        locked = LockedProvider(THING, "1.2.3", (providers.package_hash(folder),))
        known = PlanCache(tmp_path / "known")
        providers.verify(package, locked, known)
        return package, locked, known

from __future__ import annotations

from pathlib import Path

import pytest

from stackproof.terraform import providers
from stackproof.terraform.configuration import child_environment, write_cli_configuration


def mirror_with(folder: Path, *addresses: str) -> Path:
    for address in addresses:
        (folder / address / "1.0.0" / providers.target()).mkdir(parents=True)
    return folder


def configuration(tmp_path: Path, *mirrors: Path, registry: bool) -> str:
    write_cli_configuration(tmp_path / "rc", mirrors, registry=registry)
    return (tmp_path / "rc").read_text(encoding="utf-8")


class TestCliConfiguration:
    def test_providers_come_from_the_mirrors_alone_where_no_registry_is_allowed(self, tmp_path: Path) -> None:
        mirror = mirror_with(tmp_path / "mirror", "registry.terraform.io/acme/b", "registry.terraform.io/acme/a")
        assert configuration(tmp_path, mirror, registry=False) == (
            "disable_checkpoint = true\n"
            "provider_installation {\n"
            "  filesystem_mirror {\n"
            f'    path = "{mirror}"\n'
            '    include = ["registry.terraform.io/acme/a", "registry.terraform.io/acme/b"]\n'
            "  }\n"
            "}\n"
        )

    def test_the_registry_serves_what_no_mirror_has(self, tmp_path: Path) -> None:
        mirror = mirror_with(tmp_path / "mirror", "registry.terraform.io/acme/a")
        text = configuration(tmp_path, mirror, registry=True)
        assert '  direct {\n    exclude = ["registry.terraform.io/acme/a"]\n  }\n' in text

    def test_without_a_mirror_the_registry_serves_all(self, tmp_path: Path) -> None:
        assert "  direct {\n    exclude = []\n  }\n" in configuration(tmp_path, registry=True)

    def test_with_neither_there_is_no_provider_at_all(self, tmp_path: Path) -> None:
        assert configuration(tmp_path, registry=False).endswith("provider_installation {\n}\n")

    def test_the_first_mirror_that_has_a_provider_serves_it(self, tmp_path: Path) -> None:
        first = mirror_with(tmp_path / "first", "h/acme/a")
        second = mirror_with(tmp_path / "second", "h/acme/a", "h/acme/b")
        empty = mirror_with(tmp_path / "third", "h/acme/b")
        text = configuration(tmp_path, first, second, empty, registry=False)
        assert f'path = "{first}"\n    include = ["h/acme/a"]' in text
        assert f'path = "{second}"\n    include = ["h/acme/b"]' in text
        assert str(empty) not in text

    def test_a_path_with_quotes_is_written_so_that_it_can_be_read(self, tmp_path: Path) -> None:
        mirror = mirror_with(tmp_path / 'my "own"', "h/acme/a")
        assert r"my \"own\"" in configuration(tmp_path, mirror, registry=False)


def child(caller: dict[str, str]) -> dict[str, str]:
    return child_environment(caller, cli_configuration=Path("/c/rc"), data_folder=Path("/c/data"), home=Path("/c/home"))


class TestChildEnvironment:
    @pytest.mark.parametrize(
        "name",
        [
            "AWS_ACCESS_KEY_ID",
            "AWS_SECRET_ACCESS_KEY",
            "AWS_SESSION_TOKEN",
            "AWS_PROFILE",
            "AWS_CONFIG_FILE",
            "AWS_SHARED_CREDENTIALS_FILE",
            "AWS_ENDPOINT_URL",
            "AWS_CA_BUNDLE",
            "AWS_CONTAINER_CREDENTIALS_FULL_URI",
            "TF_CLI_ARGS",
            "TF_CLI_ARGS_plan",
            "TF_LOG",
            "TF_WORKSPACE",
            "TF_PLUGIN_CACHE_DIR",
            "TF_REATTACH_PROVIDERS",
            "GOOGLE_APPLICATION_CREDENTIALS",
            "LD_PRELOAD",
        ],
    )
    def test_nothing_of_the_callers_identity_or_habits_gets_in(self, name: str) -> None:
        assert name not in child({name: "caller's"})

    @pytest.mark.parametrize(
        "name", ["PATH", "TF_VAR_size", "TF_TOKEN_app_terraform_io", "HTTPS_PROXY", "SSL_CERT_FILE", "GIT_SSH_COMMAND"]
    )
    def test_variables_and_the_way_to_a_registry_get_in(self, name: str) -> None:
        assert child({name: "caller's"})[name] == "caller's"

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("HOME", "/c/home"),
            ("TF_CLI_CONFIG_FILE", "/c/rc"),
            ("TF_DATA_DIR", "/c/data"),
            ("TF_INPUT", "0"),
            ("CHECKPOINT_DISABLE", "1"),
            ("GOGC", "off"),
        ],
    )
    def test_what_decides_a_run_is_set_whatever_the_caller_has(self, name: str, value: str) -> None:
        assert child({name: "caller's"})[name] == value
        assert child({})[name] == value

    def test_the_loopback_is_reached_without_a_proxy(self) -> None:
        environment = child({"HTTPS_PROXY": "http://proxy:3128", "no_proxy": ""})
        assert "127.0.0.1" in environment["NO_PROXY"]
        assert environment["no_proxy"] == environment["NO_PROXY"]

    def test_the_callers_own_environment_is_left_alone(self) -> None:
        caller = {"PATH": "/bin", "HOME": "/root"}
        child(caller)
        assert caller == {"PATH": "/bin", "HOME": "/root"}

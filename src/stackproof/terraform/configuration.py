"""Terraform's own CLI configuration, written for each run so that the user's machine does not decide the result.

https://developer.hashicorp.com/terraform/cli/config/config-file
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from stackproof.terraform import providers
from stackproof.terraform.providers import Package


def write_cli_configuration(file: Path, mirrors: Sequence[Path], *, registry: bool) -> None:
    """Write a CLI configuration: providers from these mirrors, and from the registry only where it is allowed.

    With `registry`, what no mirror serves is fetched from the provider's own registry.
    """
    served: dict[Path, Sequence[str]] = {}
    taken: set[str] = set()
    for mirror in mirrors:
        served[mirror] = [address for address in providers.addresses(mirror) if address not in taken]
        taken.update(served[mirror])
    methods = [
        _method("filesystem_mirror", path=mirror, include=served[mirror]) for mirror in mirrors if served[mirror]
    ]
    if registry:
        methods.append(_method("direct", exclude=sorted(taken)))
    text = "disable_checkpoint = true\nprovider_installation {\n" + "".join(methods) + "}\n"
    file.write_text(text, encoding="utf-8")


def write_dev_overrides(file: Path, packages: Sequence[Package]) -> None:
    """Write a CLI configuration with which Terraform starts exactly these packages, whatever is installed.

    https://developer.hashicorp.com/terraform/cli/config/config-file#development-overrides-for-provider-developers
    """
    folders = {package.address: str(package.folder) for package in packages}
    file.write_text(
        f"disable_checkpoint = true\nprovider_installation {{\n{_method('dev_overrides', **folders)}}}\n",
        encoding="utf-8",
    )


def _method(name: str, **arguments: object) -> str:
    lines = [f"    {_name(key)} = {json.dumps(_data(value))}\n" for key, value in arguments.items()]
    return f"  {name} {{\n{''.join(lines)}  }}\n"


def _name(key: str) -> str:
    return key if key.isidentifier() else json.dumps(key)


def _data(value: object) -> object:
    return str(value) if isinstance(value, Path) else value


PASSED_ON = (
    "PATH",
    "LANG",
    "LC_ALL",
    "TMPDIR",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "http_proxy",
    "https_proxy",
    "GIT_SSH_COMMAND",
    "SSH_AUTH_SOCK",
)
"""What a Terraform child may know of its caller: how to run, how to speak, and how to reach a registry.

AWS_CA_BUNDLE is not among them: a provider that serves several commands fails with it on its second configuration.
"""

PASSED_ON_PREFIXES = ("TF_VAR_", "TF_TOKEN_", "GIT_")


def child_environment(
    caller: Mapping[str, str], *, cli_configuration: Path, data_folder: Path, home: Path
) -> dict[str, str]:
    """A Terraform child's environment, built from nothing, so that no identity of the caller reaches it."""
    kept = {key: value for key, value in caller.items() if key in PASSED_ON or key.startswith(PASSED_ON_PREFIXES)}
    direct = ",".join(filter(None, [caller.get("NO_PROXY") or caller.get("no_proxy"), "127.0.0.1,localhost"]))
    return kept | {
        "HOME": str(home),
        "NO_PROXY": direct,
        "no_proxy": direct,
        "TF_CLI_CONFIG_FILE": str(cli_configuration),
        "TF_DATA_DIR": str(data_folder),
        "TF_IN_AUTOMATION": "1",
        "TF_INPUT": "0",
        "CHECKPOINT_DISABLE": "1",
        # a plan is over before a collection pays: measured 2.9 s against 2.3 s
        "GOGC": "off",
        "GOMEMLIMIT": "2GiB",
    }

from __future__ import annotations

from pathlib import Path

import pytest

from stackproof.errors import SettingsError
from stackproof.settings import DEFAULT_TIMEOUT_SECONDS, find_settings, load_settings

STACK = '[tool.stackproof.stacks.shop]\nfolder = "infra"\n'
SANDBOX = "[tool.stackproof.sandbox]\n"
PROD = "[tool.stackproof.stacks.shop.environments.prod]\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    (folder / "infra/environments").mkdir(parents=True)
    for name in ("common", "prod"):
        (folder / f"infra/environments/{name}.tfvars").touch()
    (folder / "infra/environments/prod.tfbackend").touch()
    return folder


def written(project: Path, text: str) -> Path:
    file = project / "pyproject.toml"
    file.write_text(text, encoding="utf-8")
    return file


def refusal(project: Path, text: str) -> str:
    with pytest.raises(SettingsError) as caught:
        load_settings(written(project, text))
    message = str(caught.value)
    assert "\n" not in message
    assert message.startswith(str(project / "pyproject.toml"))
    return message


def test_stacks_and_environments_come_in_their_order_with_absolute_paths(project: Path) -> None:
    settings = load_settings(
        written(
            project,
            STACK
            + '[tool.stackproof.stacks.shop.environments.staging]\nworkspace = "blue"\n'
            + PROD
            + 'var_files = ["environments/prod.tfvars", "environments/common.tfvars"]\n'
            + 'backend_config = ["environments/prod.tfbackend"]\n'
            + 'variables = { size = 2, tags = { Team = "shop" } }\n',
        )
    )
    stack = settings.stack("shop")
    infra = project / "infra"
    assert stack.folder == infra
    assert list(stack.environments) == ["staging", "prod"]
    assert stack.environment("staging").workspace == "blue"
    prod = stack.environment("prod")
    assert prod.var_files == (infra / "environments/prod.tfvars", infra / "environments/common.tfvars")
    assert prod.backend_config == (infra / "environments/prod.tfbackend",)
    assert prod.variables == {"size": 2, "tags": {"Team": "shop"}}
    assert prod.workspace == "default"


def test_a_stack_without_environments_has_one_named_default(project: Path) -> None:
    assert list(load_settings(written(project, STACK)).stack("shop").environments) == ["default"]


def test_without_settings_the_sandbox_is_emulated_and_nothing_is_preset(project: Path) -> None:
    settings = load_settings(written(project, "[tool.stackproof]\n"))
    assert settings.sandbox.kind == "emulated"
    assert settings.sandbox.port == 0
    assert settings.timeout == DEFAULT_TIMEOUT_SECONDS
    assert (settings.terraform, settings.cache, settings.requirements) == (None, None, None)
    assert settings.root == project


def test_paths_are_relative_to_the_settings_file(project: Path) -> None:
    (project / "bin").mkdir()
    (project / "bin/terraform").touch()
    settings = load_settings(written(project, '[tool.stackproof]\nterraform = "bin/terraform"\ncache = "../kept"\n'))
    assert settings.terraform == project / "bin/terraform"
    assert settings.cache == project / "../kept"


def test_a_path_may_begin_at_home(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(project))
    assert load_settings(written(project, '[tool.stackproof]\ncache = "~/kept"\n')).cache == project / "kept"


def test_the_sandbox_takes_kind_region_and_port(project: Path) -> None:
    table = '[tool.stackproof.sandbox]\nkind = "ambient"\nregion = "eu-central-1"\nport = 5001\n'
    sandbox = load_settings(written(project, table)).sandbox
    assert (sandbox.kind, sandbox.region, sandbox.port) == ("ambient", "eu-central-1", 5001)


def test_the_sandbox_takes_what_guards_a_real_account(project: Path) -> None:
    table = """[tool.stackproof.sandbox]
allowed_accounts = ["123456789012", "000000000001"]
denied_accounts = ["999999999999"]
regions = ["us-east-1", "us-gov-west-1"]
expires_hours = 1.5
prefix = "ci"
prefix_variable = "project"
[tool.stackproof.sandbox.budget]
max_resources = 80
types = ["aws_s3_*", "aws_sqs_queue"]
"""
    sandbox = load_settings(written(project, table)).sandbox
    assert sandbox.allowed_accounts == ("123456789012", "000000000001")
    assert sandbox.denied_accounts == ("999999999999",)
    assert sandbox.regions == ("us-east-1", "us-gov-west-1")
    assert (sandbox.expires_hours, sandbox.prefix, sandbox.prefix_variable) == (1.5, "ci", "project")
    assert (sandbox.budget.max_resources, sandbox.budget.types) == (80, ("aws_s3_*", "aws_sqs_queue"))


def test_without_settings_no_real_account_may_be_used_for_anything(project: Path) -> None:
    sandbox = load_settings(written(project, "[tool.stackproof]\n")).sandbox
    assert (sandbox.allowed_accounts, sandbox.denied_accounts, sandbox.regions) == ((), (), ())
    assert (sandbox.budget.max_resources, sandbox.budget.types) == (0, ())
    assert sandbox.prefix_variable == ""


def test_an_unknown_key_is_refused_with_the_one_that_was_meant(project: Path) -> None:
    message = refusal(project, STACK + PROD + "var_file = []\n")
    assert "[tool.stackproof.stacks.shop.environments.prod.var_file]: unknown key" in message
    assert "Did you mean 'var_files'?" in message


def test_an_unknown_key_like_no_other_is_refused_with_the_known_ones(project: Path) -> None:
    message = refusal(project, "[tool.stackproof]\nzzz = 1\n")
    assert "[tool.stackproof.zzz]" in message
    assert "Known keys:" in message
    assert "stacks" in message


@pytest.mark.parametrize(
    ("text", "key", "says"),
    [
        ("[tool.stackproof.sandbox]\nsort = 1\n", "sandbox.sort", "unknown key"),
        ("[tool.stackproof]\ntimeout = '5'\n", "timeout", "must be int or float, not str"),
        ("[tool.stackproof]\ntimeout = true\n", "timeout", "must be int or float, not bool"),
        ("[tool.stackproof]\ntimeout = 0\n", "timeout", "out of range"),
        ("[tool.stackproof.sandbox]\nport = 65536\n", "sandbox.port", "out of range"),
        ("[tool.stackproof.sandbox]\nkind = 'real'\n", "sandbox.kind", "none of emulated, ambient"),
        (
            SANDBOX + "allowed_accounts = [123456789012]\n",
            "sandbox.allowed_accounts",
            "must list texts, not int",
        ),
        (
            SANDBOX + "allowed_accounts = '123456789012'\n",
            "sandbox.allowed_accounts",
            "must be list, not str",
        ),
        (
            SANDBOX + "allowed_accounts = ['12']\n",
            "sandbox.allowed_accounts",
            "'12' is not an account id of 12 digits",
        ),
        (SANDBOX + "denied_accounts = ['*']\n", "sandbox.denied_accounts", "'*' is not an account id"),
        (
            SANDBOX + "regions = ['virginia']\n",
            "sandbox.regions",
            "'virginia' is not a region such as",
        ),
        (SANDBOX + "expires_hours = 0\n", "sandbox.expires_hours", "out of range"),
        (SANDBOX + "expires_hours = inf\n", "sandbox.expires_hours", "out of range"),
        (SANDBOX + "expires_hours = nan\n", "sandbox.expires_hours", "out of range"),
        (SANDBOX + "prefix = 'Team'\n", "sandbox.prefix", "'Team' is not a letter and up to 7 more"),
        (
            SANDBOX + "prefix_variable = 'a b'\n",
            "sandbox.prefix_variable",
            "is not the name of a variable",
        ),
        (SANDBOX + "budget = 5\n", "sandbox.budget", "must be dict, not int"),
        (SANDBOX + "budget.max_resources = 1.5\n", "budget.max_resources", "must be int, not float"),
        (SANDBOX + "budget.max_resources = -1\n", "budget.max_resources", "-1 is less than 0"),
        (SANDBOX + "budget.types = 'aws_*'\n", "budget.types", "must be list, not str"),
        (SANDBOX + "budget.resources = 5\n", "budget.resources", "Did you mean 'max_resources'?"),
        ("[tool.stackproof]\nsandbox = 'emulated'\n", "sandbox", "must be dict, not str"),
        ("[tool.stackproof]\nstacks = { shop = 'infra' }\n", "stacks.shop", "must be a table"),
        ("[tool.stackproof.stacks.shop]\n", "stacks.shop.folder", "is missing"),
        ("[tool.stackproof.stacks.shop]\nfolder = 'nowhere'\n", "stacks.shop.folder", "nowhere does not exist"),
        ("[tool.stackproof.stacks.shop]\nfolder = 'pyproject.toml'\n", "stacks.shop.folder", "is not a folder"),
        ("[tool.stackproof]\nterraform = 'bin/none'\n", "terraform", "none does not exist"),
        ("[tool.stackproof]\nrequirements = 'none.toml'\n", "requirements", "none.toml does not exist"),
        (STACK + PROD + "var_files = 'x'\n", "prod.var_files", "must be list, not str"),
        (STACK + PROD + "var_files = [1]\n", "prod.var_files", "must list file names, not int"),
        (STACK + PROD + "var_files = ['no.tfvars']\n", "prod.var_files", "infra/no.tfvars does not exist. Create it"),
        (STACK + PROD + "backend_config = ['no']\n", "prod.backend_config", "infra/no does not exist"),
        (STACK + PROD + "variables = { on = 2024-01-01 }\n", "prod.variables", "Terraform has no value for"),
        (STACK + PROD + "variables = { most = inf }\n", "prod.variables", "Terraform has no value for"),
    ],
)
def test_what_cannot_be_used_is_refused_with_file_and_key(project: Path, text: str, key: str, says: str) -> None:
    message = refusal(project, text)
    assert f"{key}]: " in message
    assert says in message


def test_a_missing_folder_is_said_with_the_line_that_mends_it(project: Path) -> None:
    assert 'Add folder = "..." under [tool.stackproof.stacks.shop]' in refusal(
        project, "[tool.stackproof.stacks.shop]\n"
    )


def test_toml_that_cannot_be_read_is_one_line_with_the_file(project: Path) -> None:
    assert "is not valid TOML" in refusal(project, "[tool.stackproof\n")


def test_bytes_that_are_no_text_are_one_line_with_the_file(project: Path) -> None:
    file = project / "pyproject.toml"
    file.write_bytes(b"\xff\xfe[tool]")
    with pytest.raises(SettingsError, match="cannot be read"):
        load_settings(file)


def test_an_unknown_environment_or_stack_names_the_known_ones(project: Path) -> None:
    settings = load_settings(written(project, STACK + PROD))
    with pytest.raises(SettingsError, match=r"no environment of stack 'shop' named 'prd'\. Choose one of: prod"):
        settings.stack("shop").environment("prd")
    with pytest.raises(SettingsError, match=r"no stack named 'shed'\. Choose one of: shop"):
        settings.stack("shed")


def test_settings_are_found_from_a_folder_below_past_a_pyproject_without_them(project: Path) -> None:
    file = written(project, "[tool.stackproof]\n")
    (project / "infra/pyproject.toml").write_text("[project]\nname = 'x'\n", encoding="utf-8")
    assert find_settings(project / "infra/environments") == file


def test_where_there_are_no_settings_none_are_found(tmp_path: Path) -> None:
    assert find_settings(tmp_path) is None


def test_a_tool_that_is_no_table_is_told(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("tool = 1")
    with pytest.raises(SettingsError, match="must be a table"):
        find_settings(tmp_path)

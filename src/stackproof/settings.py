"""`[tool.stackproof]` in pyproject.toml: which stacks there are, their environments, and where they may act.

Every key is checked: an unknown key, a wrong type or a missing file is an error that names the file and the key.
"""

from __future__ import annotations

import difflib
import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from stackproof.errors import SettingsError

T = TypeVar("T")

FILE_NAME = "pyproject.toml"
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_PREFIX = re.compile(r"[a-z][a-z0-9]{0,7}")
ACCOUNT_ID = re.compile(r"[0-9]{12}")
DEFAULT_TIMEOUT_SECONDS = 900
MOST_HOURS = 24 * 14
"""The longest that what a run leaves may live before it expires."""


@dataclass(frozen=True)
class Environment:
    """A named set of variables for a root module.

    `var_files` and `backend_config` are absolute paths in the order in which Terraform gets them; `variables` go
    in last and win, as with `-var`.
    """

    name: str
    var_files: tuple[Path, ...] = ()
    backend_config: tuple[Path, ...] = ()
    variables: Mapping[str, Any] = field(default_factory=dict)
    workspace: str = "default"


@dataclass(frozen=True)
class Stack:
    """A root module (`folder`, absolute) and the environments it is deployed to, in their order of declaration."""

    name: str
    folder: Path
    environments: Mapping[str, Environment]

    def environment(self, name: str) -> Environment:
        """The environment of that name; raises SettingsError naming the known ones."""
        return _pick(self.environments, name, f"environment of stack {self.name!r}")


@dataclass(frozen=True)
class Budget:
    """What one run may make in a real account: so many resources, of types that match these globs and no others."""

    max_resources: int = 0
    types: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sandbox:
    """The account that plans see: `emulated` (in its own process) or `ambient` (the caller's own).

    The rest guards real accounts. Only `allowed_accounts` are used, and of those none of `denied_accounts`; only
    `regions`, or `region` where they name none. What a run makes in one stays within `budget`, expires after
    `expires_hours`, and is named apart by the stack's variable `prefix_variable`: it gets a value of its own for
    each run, which begins with `prefix`.
    """

    kind: str = "emulated"
    region: str = "us-east-1"
    port: int = 0
    allowed_accounts: tuple[str, ...] = ()
    denied_accounts: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    budget: Budget = Budget()
    expires_hours: float = 4.0
    prefix: str = "sp"
    prefix_variable: str = ""


@dataclass(frozen=True)
class Policy:
    """What policies judge stacks by.

    `folders` hold the rules, `exceptions` is the file of those that need not be kept everywhere. `builtin` are
    checkov's own checks that are run, too: ids, and sets of them such as CKV_AWS_*, without those that are `excluded`,
    each with the reason. `options` are rules' own settings, by id and name.
    """

    folders: tuple[Path, ...] = ()
    exceptions: Path | None = None
    builtin: tuple[str, ...] = ()
    excluded: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class Cost:
    """What stacks may cost, and what is assumed of their use.

    `usage` is the file of assumptions, `prices` a price sheet to use instead of the one that comes with Stackproof, and
    `budgets` are US dollars a month, by stack and environment.
    """

    usage: Path | None = None
    prices: Path | None = None
    budgets: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


@dataclass(frozen=True)
class Settings:
    """All of `[tool.stackproof]`; `file` is where it was read and `root` the folder its paths are relative to."""

    file: Path
    stacks: Mapping[str, Stack]
    terraform: Path | None = None
    timeout: float = DEFAULT_TIMEOUT_SECONDS
    cache: Path | None = None
    requirements: Path | None = None
    sandbox: Sandbox = Sandbox()
    policy: Policy = Policy()
    cost: Cost = Cost()

    @property
    def root(self) -> Path:
        """The folder that the settings' paths are relative to."""
        return self.file.parent

    def stack(self, name: str) -> Stack:
        """The stack of that name; raises SettingsError naming the known ones."""
        return _pick(self.stacks, name, "stack")


def find_settings(start: Path) -> Path | None:
    """The nearest pyproject.toml with a `[tool.stackproof]` table, from `start` upward; None where there is none."""
    for folder in [start, *start.parents]:
        file = folder / FILE_NAME
        if file.is_file() and "stackproof" in _tool(file):
            return file
    return None


def load_settings(file: Path) -> Settings:
    """Read and check `[tool.stackproof]` of a pyproject.toml.

    Raises SettingsError with file and key for TOML that cannot be read, unknown keys, wrong types and missing files.
    """
    table = _Table(_tool(file).get("stackproof", {}), file, "tool.stackproof")
    stacks = {name: _stack(name, entry) for name, entry in table.tables("stacks").items()}
    settings = Settings(
        file=file,
        stacks=stacks,
        terraform=table.existing_path("terraform"),
        timeout=table.number("timeout", DEFAULT_TIMEOUT_SECONDS, least=1),
        cache=table.path("cache"),
        requirements=table.existing_path("requirements"),
        sandbox=_sandbox(table.table("sandbox")),
        policy=_policy(table.table("policy")),
        cost=_cost(table.table("cost"), stacks),
    )
    table.refuse_unknown()
    return settings


def _sandbox(table: _Table) -> Sandbox:
    sandbox = Sandbox(
        kind=table.choice("kind", ("emulated", "ambient")),
        region=table.text("region", Sandbox.region),
        port=int(table.number("port", Sandbox.port, least=0, most=65535)),
        allowed_accounts=table.matching("allowed_accounts", ACCOUNT_ID, "an account id of 12 digits, in quotes"),
        denied_accounts=table.matching("denied_accounts", ACCOUNT_ID, "an account id of 12 digits, in quotes"),
        regions=table.matching("regions", _REGION, "a region such as eu-central-1"),
        budget=_budget(table.table("budget")),
        expires_hours=table.number("expires_hours", Sandbox.expires_hours, least=0.25, most=MOST_HOURS),
        prefix=table.matching_text(
            "prefix", Sandbox.prefix, _PREFIX, "a letter and up to 7 more, or digits, lower case"
        ),
        prefix_variable=table.matching_text("prefix_variable", "", _VARIABLE, "the name of a variable"),
    )
    table.refuse_unknown()
    return sandbox


def _budget(table: _Table) -> Budget:
    budget = Budget(
        max_resources=table.whole_number("max_resources", Budget.max_resources, least=0),
        types=table.texts("types"),
    )
    table.refuse_unknown()
    return budget


def _policy(table: _Table) -> Policy:
    policy = Policy(
        folders=table.existing_folders("folders"),
        exceptions=table.existing_path("exceptions"),
        builtin=table.texts("builtin"),
        excluded=table.reasons("excluded"),
        options={rule: entry.values() for rule, entry in table.tables("options").items()},
    )
    table.refuse_unknown()
    return policy


def _cost(table: _Table, stacks: Mapping[str, Stack]) -> Cost:
    budgets: dict[str, dict[str, float]] = {}
    for stack, entry in table.tables("budgets").items():
        if stack not in stacks:
            raise table.error(f"budgets.{stack}", "there is no such stack", f"known: {', '.join(stacks) or 'none'}.")
        # a budget of an environment that was renamed would silently hold nothing back
        budgets[stack] = {
            name: entry.number(name, 0, least=0) for name in stacks[stack].environments if name in entry.values()
        }
        entry.refuse_unknown(tuple(stacks[stack].environments))
    cost = Cost(usage=table.existing_path("usage"), prices=table.existing_path("prices"), budgets=budgets)
    table.refuse_unknown()
    return cost


def _stack(name: str, table: _Table) -> Stack:
    folder = table.existing_path("folder", required=True)
    assert folder is not None
    if not folder.is_dir():
        raise table.error("folder", f"{folder} is not a folder")
    environments = {key: _environment(key, entry, folder) for key, entry in table.tables("environments").items()}
    table.refuse_unknown()
    return Stack(name, folder, environments or {"default": Environment("default")})


def _environment(name: str, table: _Table, folder: Path) -> Environment:
    environment = Environment(
        name,
        var_files=table.existing_paths("var_files", relative_to=folder),
        backend_config=table.existing_paths("backend_config", relative_to=folder),
        variables=table.terraform_values("variables"),
        workspace=table.text("workspace", Environment.workspace),
    )
    table.refuse_unknown()
    return environment


class _Table:
    """One TOML table that knows its file and key, and which of its keys were asked for."""

    def __init__(self, values: object, file: Path, key: str) -> None:
        self._file = file
        self._key = key
        if not isinstance(values, dict):
            raise self.error(None, "must be a table")
        self._values: dict[str, Any] = values
        self._known: list[str] = []

    def error(self, key: str | None, what: str, remedy: str | None = None) -> SettingsError:
        full = f"{self._key}.{key}" if key else self._key
        return SettingsError(what, where=f"{self._file}, [{full}]", remedy=remedy)

    def take(self, key: str, kind: type | tuple[type, ...], default: Any) -> Any:  # noqa: ANN401
        self._known.append(key)
        value = self._values.get(key, default)
        if value is not default and (not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool)):
            names = " or ".join(k.__name__ for k in kind) if isinstance(kind, tuple) else kind.__name__
            raise self.error(key, f"must be {names}, not {type(value).__name__}")
        return value

    def text(self, key: str, default: str) -> str:
        return str(self.take(key, str, default))

    def choice(self, key: str, choices: tuple[str, ...]) -> str:
        value = self.text(key, choices[0])
        if value not in choices:
            raise self.error(key, f"{value!r} is none of {', '.join(choices)}")
        return value

    def number(self, key: str, default: float, *, least: float, most: float = float("inf")) -> float:
        value = self.take(key, (int, float), default)
        if not least <= value <= most:
            raise self.error(key, f"{value} is out of range (from {least} to {most})")
        return float(value)

    def whole_number(self, key: str, default: int, *, least: int) -> int:
        value = self.take(key, int, default)
        if value < least:
            raise self.error(key, f"{value} is less than {least}")
        return int(value)

    def path(self, key: str, *, required: bool = False) -> Path | None:
        value = self.take(key, str, None)
        if value is None:
            if required:
                raise self.error(key, "is missing", f'add {key} = "..." under [{self._key}].')
            return None
        return self._absolute(value, self._file.parent)

    def existing_path(self, key: str, *, required: bool = False) -> Path | None:
        path = self.path(key, required=required)
        if path is not None and not path.exists():
            raise self.error(key, f"{path} does not exist")
        return path

    def existing_paths(self, key: str, *, relative_to: Path) -> tuple[Path, ...]:
        values = self.take(key, list, [])
        paths = []
        for value in values:
            if not isinstance(value, str):
                raise self.error(key, f"must list file names, not {type(value).__name__}")
            path = self._absolute(value, relative_to)
            if not path.is_file():
                raise self.error(
                    key, f"{path} does not exist", f"create it or mend the path; it is relative to {relative_to}."
                )
            paths.append(path)
        return tuple(paths)

    def existing_folders(self, key: str) -> tuple[Path, ...]:
        folders = tuple(self._absolute(name, self._file.parent) for name in self.texts(key))
        for folder in folders:
            if not folder.is_dir():
                raise self.error(key, f"{folder} is not a folder")
        return folders

    def texts(self, key: str) -> tuple[str, ...]:
        values = self.take(key, list, [])
        for value in values:
            if not isinstance(value, str):
                raise self.error(key, f"must list texts, not {type(value).__name__}")
        return tuple(values)

    def matching(self, key: str, form: re.Pattern[str], what: str) -> tuple[str, ...]:
        values = self.texts(key)
        for value in values:
            if not form.fullmatch(value):
                raise self.error(key, f"{value!r} is not {what}")
        return values

    def matching_text(self, key: str, default: str, form: re.Pattern[str], what: str) -> str:
        value = self.text(key, default)
        if value != default and not form.fullmatch(value):
            raise self.error(key, f"{value!r} is not {what}")
        return value

    def reasons(self, key: str) -> dict[str, str]:
        entries: dict[str, Any] = self.take(key, dict, {})
        for name, reason in entries.items():
            if not isinstance(reason, str) or not reason.strip():
                raise self.error(f"{key}.{name}", "gives no reason", f'write {name} = "why".')
        return entries

    def values(self) -> dict[str, Any]:
        """Everything in the table, for others to check."""
        return dict(self._values)

    def terraform_values(self, key: str) -> dict[str, Any]:
        values: dict[str, Any] = self.take(key, dict, {})
        try:
            json.dumps(values, allow_nan=False)
        except (TypeError, ValueError) as error:
            raise self.error(key, f"holds what Terraform has no value for: {error}", "write it as text.") from None
        return values

    def table(self, key: str) -> _Table:
        return _Table(self.take(key, dict, {}), self._file, f"{self._key}.{key}")

    def tables(self, key: str) -> dict[str, _Table]:
        entries = self.take(key, dict, {})
        for name in entries:
            if not _NAME.fullmatch(name):
                raise self.error(
                    f"{key}.{name}", "has a name that cannot be one", "use letters, digits, dots, _ and -."
                )
        return {name: _Table(values, self._file, f"{self._key}.{key}.{name}") for name, values in entries.items()}

    def refuse_unknown(self, known: tuple[str, ...] = ()) -> None:
        known = known or tuple(self._known)
        for key in self._values:
            if key not in known:
                close = difflib.get_close_matches(key, known, n=1)
                hint = f"did you mean {close[0]!r}?" if close else f"known keys: {', '.join(known)}."
                raise self.error(key, "unknown key", hint)

    @staticmethod
    def _absolute(value: str, base: Path) -> Path:
        # resolve() would follow links out of the repository, and the user would not recognise the path
        return Path(base, Path(value).expanduser()).absolute()


def _pick(known: Mapping[str, T], name: str, kind: str) -> T:
    if name not in known:
        raise SettingsError(
            f"there is no {kind} named {name!r}", remedy=f"choose one of: {', '.join(known) or 'none is declared'}."
        )
    return known[name]


def _tool(file: Path) -> dict[str, Any]:
    tool = _read(file).get("tool", {})
    if not isinstance(tool, dict):
        raise SettingsError("must be a table", where=f"{file}, [tool]")
    return tool


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"is not valid TOML: {error}", where=str(file)) from None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"cannot be read: {error}", where=str(file)) from None

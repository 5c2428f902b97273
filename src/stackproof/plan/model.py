"""A plan as Python objects: the stack that it leads to, and every change on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from stackproof.errors import PlanError
from stackproof.plan.change import Action, Change, Output, read_action, read_change
from stackproof.plan.document import HOW_TO_MAKE_ONE, read_document
from stackproof.plan.provenance import Way
from stackproof.plan.redaction import REDACTED, redact
from stackproof.plan.references.references import References
from stackproof.plan.resolution.resolution import Resolution
from stackproof.plan.resolved import ResolvedStack, resolve
from stackproof.plan.resource import Resource, Wires
from stackproof.plan.source import Sources
from stackproof.plan.stack import Stack
from stackproof.plan.values import Sensitive, Value, merge
from stackproof.plan.wiring import Wiring

RESOLUTION = "stackproof_resolution"
"""The key of a plan document under which its resolution is kept, where it was made."""

NOT_EVALUATED = "the plan comes from a file, without what Terraform would need to evaluate it"


class Plan(Stack):
    """What Terraform will do to a stack. `resources` are those that exist after apply; `changes` is everything.

    `document` is the plan as `terraform show -json` printed it, sensitive values taken out.
    """

    def __init__(
        self,
        document: Mapping[str, Any],
        *,
        environment: str,
        sources: Sources | None = None,
        resolution: Callable[[], Resolution] | None = None,
    ) -> None:
        self.document = document
        self.terraform_version = str(document.get("terraform_version", ""))
        self.changes: Mapping[str, Change] = _LazyChanges(document.get("resource_changes", ()))
        wires = _ResolvedWires(self)
        resources = [
            _resource(raw, sources, wires)
            for raw in document.get("resource_changes", ())
            if "deposed" not in raw and raw["change"]["actions"] not in (["delete"], ["forget"])
        ]
        planned = {resource.address for resource in resources}
        prior = document.get("prior_state", {}).get("values", {}).get("root_module", {})
        resources += [data for data in _data_sources(prior, sources, wires) if data.address not in planned]
        super().__init__(environment, resources, _outputs(document))
        self.sources = sources
        self._resolution = resolution or (lambda: Resolution(reason=NOT_EVALUATED))

    @cached_property
    def resolved(self) -> ResolvedStack:
        """The same stack with values for what the plan leaves unknown, as far as they can be told.

        The first use may wait for Terraform. Raises StackproofError where Terraform could not be run at all.
        """
        return resolve(self, self.document, self.changes, self._resolution(), self._references)

    @cached_property
    def _references(self) -> References:
        return References(self.document, self.sources)

    def __repr__(self) -> str:
        return f"<plan of {self.environment}: {len(self)} resources>"

    @property
    def variables(self) -> Mapping[str, Value]:
        """The root module's variables as they were given or defaulted; sensitive ones are marked."""
        return {
            name: _unredacted(entry.get("value"), f"var.{name}")
            for name, entry in self.document.get("variables", {}).items()
        }

    def count(self, action: Action) -> int:
        """How many managed resource instances an action happens to."""
        return sum(
            raw["mode"] == "managed" and read_action(raw["change"]) is action
            for raw in self.document.get("resource_changes", ())
        )


class _ResolvedWires:
    """Answers for the resources of a plan as for the same ones of its resolved view."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan

    def wiring(self, resource: Resource, path: str) -> Wiring:
        return self._plan.resolved[resource.address].wired(path)

    def ways(self, resource: Resource, path: str) -> tuple[Way, ...]:
        return self._plan.resolved[resource.address].ways(path)

    def arguments(self, resource: Resource) -> tuple[str, ...]:
        return self._plan.resolved[resource.address].arguments


class _LazyChanges(Mapping[str, Change]):
    """Changes by address (deposed objects by address and key), each made when it is looked at."""

    def __init__(self, raw: Sequence[Mapping[str, Any]]) -> None:
        self._raw = {
            f"{change['address']} (deposed {change['deposed']})" if "deposed" in change else change["address"]: change
            for change in raw
        }

    def __getitem__(self, address: str) -> Change:
        return read_change(self._raw[address], address)

    def __iter__(self) -> Iterator[str]:
        return iter(self._raw)

    def __len__(self) -> int:
        return len(self._raw)


def load_plan(
    file: Path | str, *, folder: Path | None = None, guess: Path | None = None, environment: str | None = None
) -> Plan:
    """A plan that `terraform show -json` wrote to a file, of any provider.

    With the root module's `folder`, places in its HCL are known too; a `guess` is taken for that folder where it
    declares what the plan says. The environment's name is the file's without one. Raises PlanError where the file holds
    no plan.
    """
    file = Path(file)
    document = read_document(file)
    try:
        redact(document)
        if folder is None and guess is not None and _declares(guess, document):
            folder = guess
        sources = Sources(folder, _module_folders(document)) if folder else None
        kept = document.pop(RESOLUTION, None)
        resolution = Resolution.from_data(kept) if kept else None
        return Plan(
            document,
            environment=environment or file.stem,
            sources=sources,
            resolution=(lambda: resolution) if resolution else None,
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise PlanError(
            f"is not shaped as a plan ({type(error).__name__}: {error})", where=str(file), remedy=HOW_TO_MAKE_ONE
        ) from None


def _declares(folder: Path, document: Mapping[str, Any]) -> bool:
    """Whether the HCL in a folder declares the resources and module calls of a plan's root module, and no others."""
    root = document.get("configuration", {}).get("root_module", {})
    planned: set[tuple[str, ...]] = {("module", name) for name in root.get("module_calls", {})}
    planned |= {
        ("data" if raw["mode"] == "data" else "resource", raw["type"], raw["name"]) for raw in root.get("resources", ())
    }
    sources = Sources(folder, {"": "."})
    kinds = ("module", "resource", "data")
    return planned == {(block.kind, *block.labels) for kind in kinds for block in sources.blocks((), kind)}


def _module_folders(document: Mapping[str, Any]) -> dict[str, str]:
    """Module paths to folders, as far as the configuration's local module sources tell."""
    folders = {"": "."}
    pending = [("", document.get("configuration", {}).get("root_module", {}))]
    while pending:
        path, module = pending.pop()
        for name, call in module.get("module_calls", {}).items():
            source = call.get("source", "")
            if source.startswith(("./", "../")):
                child = f"{path}.{name}".strip(".")
                folders[child] = str(Path(folders[path]) / source)
                pending.append((child, call.get("module", {})))
    return folders


def _resource(raw: Mapping[str, Any], sources: Sources | None, wires: Wires) -> Resource:
    detail = raw["change"]
    after = detail.get("after")
    return Resource(
        address=raw["address"],
        module=raw.get("module_address", ""),
        mode=raw["mode"],
        type=raw["type"],
        name=raw["name"],
        index=raw.get("index"),
        provider=raw.get("provider_name", ""),
        raw=raw,
        values=(after, detail.get("after_unknown"), detail.get("after_sensitive")),
        sources=sources,
        wires=wires,
    )


def _data_sources(root: Mapping[str, Any], sources: Sources | None, wires: Wires) -> Iterator[Resource]:
    pending = [root]
    while pending:
        module = pending.pop()
        for raw in module.get("resources", ()):
            if raw["mode"] == "data":
                yield Resource(
                    address=raw["address"],
                    module=module.get("address", ""),
                    mode="data",
                    type=raw["type"],
                    name=raw["name"],
                    index=raw.get("index"),
                    provider=raw.get("provider_name", ""),
                    raw={"change": {"actions": ["no-op"]}},
                    values=(raw.get("values"), None, raw.get("sensitive_values")),
                    sources=sources,
                    wires=wires,
                )
        pending.extend(module.get("child_modules", ()))


def _outputs(document: Mapping[str, Any]) -> dict[str, Output]:
    outputs = {}
    for name, detail in document.get("output_changes", {}).items():
        change = read_change({"change": detail}, f"output.{name}")
        if change.action is not Action.DELETE:
            outputs[name] = Output(name, change.after, detail.get("after_sensitive") is True, change)
    return outputs


def _unredacted(value: Value, address: str) -> Value:
    return Sensitive(address, "value") if value == REDACTED else merge(value, None, None, address)

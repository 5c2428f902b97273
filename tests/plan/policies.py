"""Policy documents, asked by action."""

from dataclasses import dataclass
from typing import Any

from stackproof import Resource, Stack
from stackproof.plan import Wiring
from stackproof.plan.wiring import plain

DOCUMENT = "aws_iam_policy_document"


@dataclass(frozen=True)
class Statement:
    """One statement of a policy document; index it with an argument: `statement["resources"]`."""

    document: Resource
    path: str

    def __getitem__(self, argument: str) -> Any:
        return self.document[f"{self.path}.{argument}"]

    def wired(self, argument: str) -> Wiring:
        """What feeds an argument."""
        return self.document.wired(f"{self.path}.{argument}")

    @property
    def resources(self) -> set[str]:
        """What it is about: ARNs as AWS will make them of the names that the plan knows."""
        return set(plain(self["resources"]))

    @property
    def allows(self) -> bool:
        # the data source leaves out what is its default until it is read
        return bool(self.document.get(f"{self.path}.effect", "Allow") == "Allow")

    @property
    def conditions(self) -> dict[str, list[Any]]:
        """The condition values by operator and key."""
        return {f"{one['test']} {one['variable']}": one["values"] for one in self["condition"] or ()}


def arn(resource: Resource) -> str:
    """The ARN of a resource as AWS will make it; what AWS is free to choose in it stands for itself."""
    return str(plain(resource["arn"]))


def statements(document: Resource) -> list[Statement]:
    """All statements of a document."""
    return [Statement(document, f"statement[{number}]") for number in range(len(document["statement"]))]


def grants(document: Resource) -> list[Statement]:
    """The statements of a document that allow something."""
    return [statement for statement in statements(document) if statement.allows]


def grant(document: Resource, action: str) -> Statement:
    """The one statement of a document that allows an action."""
    found = [candidate for candidate in grants(document) if action in (candidate["actions"] or ())]
    assert len(found) == 1, f"{document.address} ({document.place}) allows {action} in {len(found)} statements"
    return found[0]


def denial(document: Resource) -> Statement:
    """The one statement of a document that denies something."""
    found = [statement for statement in statements(document) if not statement.allows]
    assert len(found) == 1, f"{document.address} ({document.place}) denies something in {len(found)} statements"
    return found[0]


def allowed_actions(document: Resource) -> set[str]:
    """All that a document allows."""
    return {action for statement in grants(document) for action in statement["actions"] or ()}


def policy_of(stack: Stack, role: str) -> Resource:
    """The document that says what a role may do."""
    return stack.data_source(DOCUMENT, name=role)


def role_policies(stack: Stack) -> list[Resource]:
    """The documents that say what a role may do (not who may assume it)."""
    of_roles = [*stack.data_sources(DOCUMENT, module="iam"), *stack.data_sources(DOCUMENT, name="flow_logs")]
    return [document for document in of_roles if document.name != "assume_role"]

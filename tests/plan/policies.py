"""Policy documents, asked by action."""

from dataclasses import dataclass
from typing import Any

from stackproof import Resource, Stack

DOCUMENT = "aws_iam_policy_document"


@dataclass(frozen=True)
class Grant:
    """One statement of a policy document; index it with an argument: `grant["resources"]`."""

    document: Resource
    path: str

    def __getitem__(self, argument: str) -> Any:
        return self.document[f"{self.path}.{argument}"]

    @property
    def allows(self) -> bool:
        # the data source leaves out what is its default until it is read
        return bool(self.document.get(f"{self.path}.effect", "Allow") == "Allow")


def grants(document: Resource) -> list[Grant]:
    """The statements of a document that allow something."""
    statements = [Grant(document, f"statement[{number}]") for number in range(len(document["statement"]))]
    return [statement for statement in statements if statement.allows]


def grant(document: Resource, action: str) -> Grant:
    """The one statement of a document that allows an action."""
    found = [candidate for candidate in grants(document) if action in (candidate["actions"] or ())]
    assert len(found) == 1, f"{document.address} allows {action} in {len(found)} statements"
    return found[0]


def denial(document: Resource) -> Grant:
    """The one statement of a document that denies something."""
    statements = [Grant(document, f"statement[{number}]") for number in range(len(document["statement"]))]
    found = [statement for statement in statements if not statement.allows]
    assert len(found) == 1, f"{document.address} denies something in {len(found)} statements"
    return found[0]


def allowed_actions(document: Resource) -> set[str]:
    """All that a document allows."""
    return {action for statement in grants(document) for action in statement["actions"] or ()}


def role_policies(stack: Stack) -> list[Resource]:
    """The documents that say what a role may do (not who may assume it)."""
    of_roles = [*stack.data_sources(DOCUMENT, module="iam"), *stack.data_sources(DOCUMENT, name="flow_logs")]
    return [document for document in of_roles if document.name != "assume_role"]

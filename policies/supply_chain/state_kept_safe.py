"""The state is in a shared backend that encrypts it, and locks it during writes."""

from __future__ import annotations

from stackproof.policy.rule import About, Case, Rule, Severity

LOCKS = ("use_lockfile", "dynamodb_table")


class StateKeptSafe(Rule):
    about = About(
        id="SP_SUP_003",
        title="The state is shared, encrypted and locked",
        severity=Severity.HIGH,
        types=("terraform",),
        why="a state holds secrets in plain text, and two people who write it at once lose resources from it",
        remedy='use backend "s3" with encrypt = true and use_lockfile = true',
        source="https://developer.hashicorp.com/terraform/language/backend/s3",
        options={"backends": ("s3", "remote", "azurerm", "gcs", "kubernetes", "pg", "consul", "http", "oss", "cos")},
    )

    def judge(self, case: Case) -> None:
        if case.resource.module_path or case.blocks("cloud"):
            return
        backends = case.blocks("backend")
        if not backends:
            case.fail("no backend: the state is a file beside the code")
        for number, backend in enumerate(backends):
            path = f"backend[{number}]"
            if backend["type"] not in case.options["backends"]:
                case.fail(f"backend {backend['type']} is for one person on one machine", path)
            elif backend["type"] == "s3":
                with case.part():
                    if not backend.get("encrypt"):
                        case.fail("the backend does not say that it encrypts", path)
                with case.part():
                    if not any(backend.get(lock) for lock in LOCKS):
                        case.fail("nothing locks the state", path)


check = StateKeptSafe()

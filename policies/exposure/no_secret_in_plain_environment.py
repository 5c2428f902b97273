"""No environment variable holds a secret in plain, as told by its name and by what the value looks like."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator

from stackproof.plan import Sensitive
from stackproof.plan.values import Unknown, Value
from stackproof.policy.rule import About, Case, Rule, Severity

NAMES = re.compile(
    r"(passw(or)?d|passphrase|secret|token|credentials?|(api|access|auth|encryption|private|secret|signing)_?key)$",
    re.IGNORECASE,
)
FORMATS = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY"
    r"|\b(AKIA|ASIA)[A-Z0-9]{16}\b"
    r"|\b(gh[oprsu]_|github_pat_|glpat-|sk_live_|xox[abprs]-)\w{10}"
    r"|\beyJ[\w-]+\.eyJ[\w-]+\."
    r"|://[^/\s:@]+:[^/\s:@$]+@"
)
"""Private keys, keys of AWS, tokens of GitHub, GitLab, Stripe and Slack, signed JSON, passwords in addresses."""

RANDOM = re.compile(r"(?=.*[a-z])(?=.*[A-Z])(?=.*\d)[\w+/=-]{24,}")
"""Texts that may be random bytes: letters of both cases and digits."""

SWITCHES = (None, "", "true", "false", True, False)

Variable = tuple[Value, Value, str, str]
"""Name, value, the path of the value, and what has it where the path does not tell."""


class NoSecretInPlainEnvironment(Rule):
    """Switches, ARNs and paths of parameters are no secrets, whatever their names are."""

    about = About(
        id="SP_EXP_012",
        title="No secret stands in an environment variable in plain",
        severity=Severity.HIGH,
        types=("aws_ecs_task_definition", "aws_codebuild_project", "aws_lambda_function"),
        why="whoever may describe the resource, or read the state, the plan or a log of it, has the secret",
        remedy="keep it in Secrets Manager: valueFrom in ECS, type SECRETS_MANAGER in CodeBuild, its ARN in Lambda",
        source="https://docs.aws.amazon.com/secretsmanager/latest/userguide/best-practices.html",
        options={"bits": 4.5},
    )

    def judge(self, case: Case) -> None:
        for name, value, path, whose in _variables(case):
            with case.part():
                if isinstance(value, Sensitive):
                    case.fail(f"{name}{whose} is sensitive", path)
                elif NAMES.search(str(name)):
                    if value not in SWITCHES and not str(value).startswith(("arn:", "/")):
                        case.fail(f"{name}{whose} is named like a secret", path)
                elif isinstance(value, Unknown):
                    # the HCL tells whether it is made of anything but what resources have
                    if case.resource.place is None or not case.resource.wired(path).exact:
                        case.undecided(f"what {name}{whose} holds is not known", path)
                elif isinstance(value, str) and (FORMATS.search(value) or _bits(value) >= case.options["bits"]):
                    case.fail(f"what {name}{whose} holds looks like a secret", path)


def _variables(case: Case) -> Iterator[Variable]:
    if case.resource.type == "aws_ecs_task_definition":
        path = "container_definitions"
        document = case.resource.document(path)
        if isinstance(document, Sensitive):
            yield path, document, path, ""
            return
        for container in document:
            for each in container.get("environment") or ():
                yield each["name"], each.get("value"), path, f" of container {container['name']}"
    elif case.resource.type == "aws_codebuild_project":
        path = "environment[0].environment_variable"
        for number, each in enumerate(case.blocks(path)):
            if case.given(f"{path}[{number}].type", "PLAINTEXT") == "PLAINTEXT":
                yield each["name"], each["value"], f"{path}[{number}].value", ""
    else:
        path = "environment[0].variables"
        for name, value in case.given(path, {}).items():
            yield name, value, f"{path}.{name}", ""


def _bits(text: str) -> float:
    """How many bits a letter tells, where the text may be random; 0 else."""
    counts = Counter(text if RANDOM.fullmatch(text) else "")
    return -sum(count / len(text) * math.log2(count / len(text)) for count in counts.values())


check = NoSecretInPlainEnvironment()

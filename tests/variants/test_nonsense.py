"""Variables that hold nonsense are refused before anything is planned."""

import re

import pytest

from stackproof.planner import Planner
from stackproof.terraform import hcl
from stackproof.terraform.diagnostics import TerraformFailed

from .conftest import NONSENSE, REPOSITORY

VALIDATIONS = {
    validation.line: variable.labels[0]
    for variable in hcl.parse_file(REPOSITORY / "terraform" / "variables.tf").blocks
    for validation in variable.blocks
    if validation.kind == "validation"
}
"""The variables of the root module that are validated, by the line in which their validation begins."""


@pytest.mark.requirement("VAR-4", "SEC-10")
def test_every_variable_that_is_validated_refuses_nonsense(planner: Planner) -> None:
    refused = set()
    for environment in NONSENSE:
        with pytest.raises(TerraformFailed) as caught:
            planner.plan(environment)
        said = " ".join(diagnostic.detail for diagnostic in caught.value.diagnostics)
        refused |= {VALIDATIONS[int(line)] for line in re.findall(r"validation rule at variables\.tf:(\d+)", said)}
    assert refused == set(VALIDATIONS.values())

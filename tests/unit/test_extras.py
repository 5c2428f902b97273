"""What is said where something is not installed that only some users need."""

from __future__ import annotations

from typing import Any

SETTINGS = """
[tool.stackproof.stacks.tiny]
folder = "tiny"

[tool.stackproof.stacks.tiny.environments.dev]
"""


def test_without_tftest_a_trial_says_what_to_install(project: Any) -> None:
    project.stack()
    project.settings(SETTINGS)
    project.write("test_trial.py", "def test_it_lives(trial):\n    pass\n")
    # read by Python as it starts
    hiding = project.write("hiding/sitecustomize.py", "import sys\nsys.modules['tftest'] = None\n")
    ran = project.pytest("-q", PYTHONPATH=str(hiding.parent))
    said = ran.out + ran.err
    assert ran.code != 0
    assert "stacks are applied by tftest, which is not here. Install it: pip install 'stackproof[integration]'." in said
    assert "Traceback" not in said

"""How the tests are spread over processes: what shares a fixture stays together."""

from __future__ import annotations

from pathlib import Path

import pytest

TOGETHER = ("integration", "truth")
"""Folders whose files share stacks that are applied once."""


@pytest.hookimpl(tryfirst=True)  # before xdist looks for groups
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep the tests of a file in one process, and those of some folders."""
    if not config.pluginmanager.hasplugin("dsession") and not hasattr(config, "workerinput"):
        return
    top = Path(__file__).parent
    for item in items:
        path = item.path.relative_to(top)
        group = path.parts[0] if path.parts[0] in TOGETHER else str(path)
        item.add_marker(pytest.mark.xdist_group(group))

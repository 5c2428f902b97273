"""A folder of HCL as a stack, read by checkov: no plan is made, and what only a plan tells is unknown."""

from __future__ import annotations

import logging
from pathlib import Path

from stackproof.errors import PolicyError
from stackproof.plan import Stack
from stackproof.policy.checkov_graph import stack_of
from stackproof.policy.loading import require_checkov


def read_folder(folder: Path) -> Stack:
    """The resources below a folder; raises PolicyError where there are none that can be read."""
    require_checkov()
    from checkov.common.graph.db_connectors.rustworkx.rustworkx_db_connector import RustworkxConnector
    from checkov.terraform.graph_manager import TerraformGraphManager

    if not folder.is_dir():
        raise PolicyError("there is no such folder", where=str(folder))
    logging.getLogger("checkov").setLevel(logging.ERROR)
    manager = TerraformGraphManager(db_connector=RustworkxConnector())
    errors: dict[str, Exception] = {}
    made, _ = manager.build_graph_from_source_directory(
        str(folder.resolve()), render_variables=True, parsing_errors=errors
    )
    if errors:
        file, error = next(iter(errors.items()))
        raise PolicyError(f"cannot be read as HCL: {' '.join(str(error).split())[:200]}", where=file)
    graph = manager.save_graph(made)
    stack = stack_of(graph, [attributes for _, attributes in graph.nodes()])
    if not len(stack):
        raise PolicyError("holds no resource", where=str(folder), remedy="give the folder of a root module, or a plan.")
    return stack

"""Shims: what moto 5.2.5 does otherwise than AWS, in ways that keep the AWS provider 5.100.0 from applying a stack.

One module a gap. Its docstring names the gap, `SERVICE` is moto's name of the service, and `install` mends it in the
process that serves the account, before the service gets its first call. When moto has closed a gap, the test of its
shim says so: then delete both.
"""

from __future__ import annotations

import importlib
import pkgutil


def install(service: str) -> None:
    """Mend what is known of a service, by moto's name of it; to be called once a process."""
    for found in pkgutil.iter_modules(__path__):
        shim = importlib.import_module(f"{__name__}.{found.name}")
        if service == shim.SERVICE:
            shim.install()

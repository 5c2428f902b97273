"""botocore's models of AWS's services: which there are, and each of them when it is first asked for.

https://github.com/boto/botocore/tree/develop/botocore/data
"""

from __future__ import annotations

import functools
import gzip
import json
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from botocore.model import ServiceModel  # type: ignore[import-untyped]

_HEAD = 4096
"""Bytes of a model in which its metadata is looked for first: it comes before all operations."""
_loading = threading.Lock()


@dataclass(frozen=True)
class Service:
    """What tells a service from others, from the metadata of its model; `name` is botocore's."""

    name: str
    protocol: str
    signing_name: str
    api_version: str
    target_prefix: str
    service_id: str


@functools.cache
def services() -> tuple[Service, ...]:
    """All services that botocore knows, each in its latest version."""
    from botocore.loaders import Loader  # type: ignore[import-untyped]

    loader = Loader(include_default_search_paths=False, extra_search_paths=[Loader.BUILTIN_DATA_PATH])
    root = Path(Loader.BUILTIN_DATA_PATH)
    found = []
    for name in loader.list_available_services("service-2"):
        metadata = _metadata(root / name / loader.determine_latest_version(name, "service-2"))
        found.append(
            Service(
                name=name,
                protocol=metadata["protocol"],
                signing_name=metadata.get("signingName") or metadata["endpointPrefix"],
                api_version=metadata["apiVersion"],
                target_prefix=metadata.get("targetPrefix", ""),
                service_id=metadata.get("serviceId", name),
            )
        )
    return tuple(found)


@functools.cache
def by_signing_name() -> Mapping[str, tuple[Service, ...]]:
    """The services that sign with each name: several sign as `ses`, `rds` or `s3`."""
    groups: dict[str, list[Service]] = {}
    for service in services():
        groups.setdefault(service.signing_name, []).append(service)
    return {name: tuple(group) for name, group in groups.items()}


def service_model(name: str) -> ServiceModel:
    """The model of a service, by botocore's name of it; raises botocore's UnknownServiceError for none of its own."""
    with _loading:
        return _service_model(name)


@functools.cache
def _service_model(name: str) -> ServiceModel:
    from botocore.loaders import Loader
    from botocore.model import ServiceModel

    return ServiceModel(Loader().load_service_model(name, "service-2"), name)


def _metadata(folder: Path) -> Mapping[str, Any]:
    packed = folder / "service-2.json.gz"
    with gzip.open(packed) if packed.exists() else (folder / "service-2.json").open("rb") as file:
        head = file.read(_HEAD)
        text = head.decode("utf-8", errors="replace")
        start = re.search(r'"metadata"\s*:\s*', text)
        try:
            metadata: Mapping[str, Any] = json.JSONDecoder().raw_decode(text, start.end() if start else len(text))[0]
        except ValueError:
            metadata = json.loads(head + file.read())["metadata"]
    return metadata

"""AWS says that the deployment is whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from smoke.service import Service
    from smoke.waiting import Deadline

# a botocore older than the warning may be the one that is installed
pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")


def test_the_service_is_steady(service: Service, deadline: Deadline) -> None:
    """One deployment is rolled out, and as many tasks run as are desired."""
    deadline.until(service.check_steady)


def test_all_targets_are_healthy(service: Service, deadline: Deadline) -> None:
    """The load balancer sends requests to every task."""
    deadline.until(service.check_targets)


def test_no_pipeline_failed(service: Service) -> None:
    """The last run of the pipeline that deploys to the service has not failed."""
    if not service.check_pipelines():
        pytest.skip("no pipeline deploys to this service")

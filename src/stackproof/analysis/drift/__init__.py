"""What differs between a stack as it was applied and as it is: outside changes, and applies that do not settle."""

from stackproof.analysis.drift.differences import Difference
from stackproof.analysis.drift.drift import Drift, Kind, describe, find_drift, is_applied, require_no_changes

__all__ = ["Difference", "Drift", "Kind", "describe", "find_drift", "is_applied", "require_no_changes"]

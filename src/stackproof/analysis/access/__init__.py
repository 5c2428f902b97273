"""What IAM will allow, computed from a plan: who may do what, by which statement of which policy."""

from stackproof.analysis.access.access import Access, Trust
from stackproof.analysis.access.evaluation import Answer, Decision

__all__ = ["Access", "Answer", "Decision", "Trust"]

"""What IAM will allow, computed from a plan: who may do what, by which statement of which policy."""

from stackproof.analysis.access.access import Access
from stackproof.analysis.access.evaluation.evaluation import Answer, Decision
from stackproof.analysis.access.evaluation.policies import Trust

__all__ = ["Access", "Answer", "Decision", "Trust"]

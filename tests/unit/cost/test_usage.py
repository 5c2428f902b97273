from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from stackproof.analysis.cost import FIGURES, Usage, load_usage
from stackproof.errors import CostError

Read = Callable[[str], Usage]
TEXT = """
[[assume]]
of = "aws_s3_bucket"
gb_stored = 1
reads = 10
why = "a guess"

[[assume]]
of = "aws_s3_bucket"
environments = ["prod"]
gb_stored = 2

[[assume]]
of = 'module.logs["a"].aws_s3_bucket.*'
gb_stored = 3
"""


def figure(usage: Usage, name: str, address: str, environment: str = "dev") -> float | None:
    found = usage.figure(name, address=address, type="aws_s3_bucket", environment=environment)
    return None if found is None else float(found.value)


def test_the_later_assumption_holds(usage_of: Read) -> None:
    usage = usage_of(TEXT)
    assert figure(usage, "gb_stored", "aws_s3_bucket.this") == 1
    assert figure(usage, "gb_stored", "aws_s3_bucket.this", "prod") == 2
    assert figure(usage, "reads", "aws_s3_bucket.this", "prod") == 10
    assert figure(usage, "writes", "aws_s3_bucket.this") is None


def test_an_address_may_be_a_pattern_and_its_index_is_meant_as_it_stands(usage_of: Read) -> None:
    usage = usage_of(TEXT)
    assert figure(usage, "gb_stored", 'module.logs["a"].aws_s3_bucket.this') == 3
    assert figure(usage, "gb_stored", 'module.logs["b"].aws_s3_bucket.this') == 1


def test_an_assumption_knows_where_it_was_stated(usage_of: Read) -> None:
    found = usage_of(TEXT).figure("reads", address="aws_s3_bucket.this", type="aws_s3_bucket", environment="dev")
    assert found is not None
    assert (found.place, found.why, str(found)) == ("usage.toml, assumption 1", "a guess", "reads = 10")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[[assume", "cannot be read"),
        ("[assume]\nof = 1", "unknown key assume"),
        ("[[asume]]\nof = 1", "unknown key asume"),
        ("[[assume]]\nreads = 1", "assumption 1: does not say what it is of"),
        ('[[assume]]\nof = "aws_s3_bucket"', "assumes nothing"),
        ('[[assume]]\nof = "aws_s3_bucket"\nreads = -1', "reads must be a number, 0 or more, not -1"),
        ('[[assume]]\nof = "aws_s3_bucket"\nreads = inf', "reads must be a number"),
        ('[[assume]]\nof = "aws_s3_bucket"\nreads = true', "reads must be a number"),
        ('[[assume]]\nof = "aws_s3_bucket"\nread = 1', "Did you mean 'reads'?"),
        ('[[assume]]\nof = "aws_s3_buket"\nreads = 1', "Did you mean 'aws_s3_bucket'?"),
        ('[[assume]]\nof = "module.a.aws_s3_bucket.b"\nrequests = 1', "requests is no figure of"),
        ('[[assume]]\nof = "aws_s3_bucket"\nenvironments = "prod"\nreads = 1', "environments must list names"),
    ],
)
def test_what_nothing_would_use_is_refused(usage_of: Read, text: str, complaint: str) -> None:
    with pytest.raises(CostError, match=re.escape(complaint)):
        usage_of(text)


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(CostError, match="cannot be read"):
        load_usage(tmp_path / "none.toml", FIGURES)

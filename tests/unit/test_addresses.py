from __future__ import annotations

import pytest

from stackproof.plan.addresses import looks_like_address, module_path


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("", ()),
        ("module.vpc", ("vpc",)),
        ("module.a.module.b", ("a", "b")),
        ("module.a[0].module.b[12]", ("a", "b")),
        ('module.a["x"].module.b', ("a", "b")),
        ('module.a["x.module.y"].module.b["]"]', ("a", "b")),
        (r'module.a["say \"hi\" [0]"].module.b', ("a", "b")),
        ("module.module.module.module", ("module", "module")),
    ],
)
def test_a_module_path_holds_the_call_names_without_their_indexes(address: str, path: tuple[str, ...]) -> None:
    assert module_path(address) == path


@pytest.mark.parametrize(
    ("text", "is_address"),
    [("aws_vpc", False), ("aws_vpc.this", True), ("module.vpc.aws_vpc.this[0]", True), ("data.aws_ami.x", True)],
)
def test_an_address_is_told_from_a_type(text: str, is_address: bool) -> None:
    assert looks_like_address(text) is is_address

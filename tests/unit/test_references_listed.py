"""References of a plan whose HCL is not at hand: all that a plan of other people tells."""

from __future__ import annotations

import json
from typing import Any

import pytest

from stackproof.plan.redaction import REDACTED
from stackproof.plan.references.expressions import longest
from stackproof.plan.references.instances import module_steps
from stackproof.plan.references.references import References
from stackproof.plan.wiring import Feed, Wiring
from stackproof.verdict import Undecided

UNKNOWN = object()
"""Where a test's values are known only after apply."""


def refers(*references: str) -> dict[str, Any]:
    return {"references": list(references)}


def written(type: str, name: str, mode: str = "managed", **expressions: Any) -> dict[str, Any]:
    """A resource of the configuration; `count` and `for_each` are what they are in a plan."""
    repetition = {f"{key}_expression": expressions.pop(key) for key in ("count", "for_each") if key in expressions}
    return {"mode": mode, "type": type, "name": name, "expressions": expressions, **repetition}


def planned(address: str, actions: tuple[str, ...] = ("create",), **values: Any) -> dict[str, Any]:
    """A change whose address tells all else about it."""
    path, _, last = address.rpartition(".")
    module, _, kind = path.rpartition(".")
    name, _, index = last.partition("[")
    change: dict[str, Any] = {
        "address": address,
        "mode": "managed",
        "type": kind,
        "name": name,
        "change": {
            "actions": list(actions),
            "after": {key: value for key, value in values.items() if value is not UNKNOWN},
            "after_unknown": {key: True for key, value in values.items() if value is UNKNOWN},
        },
    }
    if module:
        change["module_address"] = module
    if index:
        change["index"] = json.loads(index.removesuffix("]"))
    return change


def references(
    root: list[dict[str, Any]],
    changes: list[dict[str, Any]],
    modules: dict[str, Any] | None = None,
    outputs: dict[str, Any] | None = None,
    **rest: Any,
) -> References:
    module = {"resources": root, "module_calls": modules or {}, "outputs": outputs or {}}
    return References({"resource_changes": changes, "configuration": {"root_module": module}, **rest}, None)


def subnets(count: int = 2) -> list[dict[str, Any]]:
    return [planned(f"aws_subnet.public[{number}]", id=UNKNOWN) for number in range(count)]


PUBLIC = written("aws_subnet", "public", count={"constant_value": 2})


def wired(expression: dict[str, Any], *, value: Any = UNKNOWN, key: str = "", **more: Any) -> Wiring:
    """The wiring of the argument `x` of a resource beside two subnets, a VPC and a role."""
    repetition = {"for_each": more.pop("for_each")} if "for_each" in more else {}
    repetition |= {"count": {"constant_value": 2}} if key and not repetition else {}
    root = [
        PUBLIC,
        written("aws_vpc", "this"),
        written("aws_iam_role", "this"),
        written("test", "it", x=expression, **repetition),
    ]
    changes = [
        *subnets(),
        planned("aws_vpc.this", id=UNKNOWN, arn=UNKNOWN),
        planned("aws_iam_role.this", name="the-role", id=UNKNOWN),
        planned(f"test.it{key}", x=value),
    ]
    return references(root, changes, **more).wiring(f"test.it{key}", ("x",))


def test_one_reference_to_one_attribute_is_exact() -> None:
    assert wired(refers("aws_vpc.this.id", "aws_vpc.this")) == Wiring((Feed("aws_vpc.this", "id"),))


def test_one_reference_whose_value_cannot_be_read_is_exact_too() -> None:
    assert wired(refers("aws_vpc.this.id", "aws_vpc.this"), value=REDACTED) == Wiring((Feed("aws_vpc.this", "id"),))


def test_one_reference_is_not_exact_where_the_value_is_another() -> None:
    wiring = wired(refers("aws_iam_role.this.name", "aws_iam_role.this"), value="another")
    assert (wiring.addresses, wiring.exact) == (("aws_iam_role.this",), False)
    assert wiring.reason == "the plan lists one reference, but not how it makes the value"


def test_several_references_are_a_superset() -> None:
    wiring = wired(refers("aws_vpc.this.id", "aws_vpc.this", "aws_vpc.this.arn", "aws_vpc.this"))
    assert (wiring.feeds, wiring.exact) == ((Feed("aws_vpc.this", "id"), Feed("aws_vpc.this", "arn")), False)
    assert wiring.complete


def test_an_unknown_value_has_the_only_attribute_there_is() -> None:
    wiring = wired(refers("var.create", "aws_vpc.this.id", "aws_vpc.this"))
    assert (wiring.feeds, wiring.exact) == ((Feed("aws_vpc.this", "id"),), True)


def test_a_known_value_need_not_have_the_only_attribute_there_is() -> None:
    wiring = wired(refers("var.create", "aws_iam_role.this.name", "aws_iam_role.this"), value="another")
    assert (wiring.addresses, wiring.exact) == (("aws_iam_role.this",), False)


@pytest.mark.parametrize(
    ("listed", "wanted"),
    [
        (["aws_vpc.this.id", "aws_vpc.this"], ["aws_vpc.this.id"]),
        (["aws_vpc.this.id", "aws_vpc.this", "aws_vpc.this"], ["aws_vpc.this.id", "aws_vpc.this"]),
        (["a.b[0].c.d", "a.b[0].c", "a.b[0]", "a.b", "a.b"], ["a.b[0].c.d", "a.b"]),
        (["data.a.b.c", "data.a.b", "var.x", "each.key"], ["data.a.b.c", "var.x", "each.key"]),
        (["module.m.out", "module.m", "module.m"], ["module.m.out", "module.m"]),
        (['module.m["a.b"].out', 'module.m["a.b"]', "module.m"], ['module.m["a.b"].out', "module.m"]),
        (["module.m[1]", "module.m", "count.index"], ["module.m[1]", "count.index"]),
        (["local.ab", "local.a"], ["local.ab", "local.a"]),
        ([], []),
    ],
)
def test_prefixes_of_a_reference_are_no_references(listed: list[str], wanted: list[str]) -> None:
    assert list(longest(listed)) == wanted


def test_an_index_that_is_written_out_leads_to_one_instance() -> None:
    assert wired(refers("aws_subnet.public[1].id", "aws_subnet.public[1]", "aws_subnet.public")) == Wiring(
        (Feed("aws_subnet.public[1]", "id"),)
    )


def test_an_index_that_no_instance_has_leads_nowhere() -> None:
    assert wired(refers("aws_subnet.public[7].id", "aws_subnet.public[7]", "aws_subnet.public")) == Wiring()


def test_without_an_index_all_instances_can_be_meant() -> None:
    wiring = wired(refers("aws_subnet.public"))
    assert (wiring.addresses, wiring.exact) == (("aws_subnet.public[0]", "aws_subnet.public[1]"), False)
    assert wiring.reason == "which instance of aws_subnet.public it is, is not known"


def test_without_an_index_the_only_instance_is_meant() -> None:
    root = [PUBLIC, written("test", "it", x=refers("aws_subnet.public"))]
    wiring = references(root, [*subnets(1), planned("test.it", x=UNKNOWN)]).wiring("test.it", ("x",))
    assert (wiring.addresses, wiring.exact) == (("aws_subnet.public[0]",), True)


def test_instances_that_the_plan_deletes_feed_nothing() -> None:
    root = [PUBLIC, written("test", "it", x=refers("aws_subnet.public"))]
    gone = planned("aws_subnet.public[1]", actions=("delete",), id="subnet-1")
    wiring = references(root, [*subnets(1), gone, planned("test.it", x=UNKNOWN)]).wiring("test.it", ("x",))
    assert wiring.addresses == ("aws_subnet.public[0]",)


def test_the_same_index_is_a_guess() -> None:
    wiring = wired(refers("aws_subnet.public", "count.index"), key="[1]")
    assert (wiring.addresses, wiring.exact, wiring.complete) == (("aws_subnet.public[1]",), False, False)
    assert "the instance with the same key is taken" in wiring.reason


def test_a_guess_decides_no_question() -> None:
    wiring = wired(refers("aws_subnet.public", "count.index"), key="[1]")
    for question in (wiring.is_exactly, wiring.is_only, wiring.is_any_of):
        for address in ("aws_subnet.public[1]", "aws_subnet.public[0]"):
            with pytest.raises(Undecided):
                question(address)


def test_the_index_itself_feeds_nothing() -> None:
    root = [
        written("aws_vpc", "this"),
        written("aws_subnet", "named"),
        written("test", "it", x=refers("aws_subnet.named", "each.key"), for_each=refers("aws_vpc.this")),
    ]
    changes = [planned(f'aws_subnet.named["{key}"]', id=UNKNOWN) for key in "ab"]
    known = references(root, [*changes, planned("aws_vpc.this", id=UNKNOWN), planned('test.it["b"]', x=UNKNOWN)])
    assert known.wiring('test.it["b"]', ("x",)).addresses == ('aws_subnet.named["b"]',)


def test_an_index_of_the_only_instance_is_no_guess() -> None:
    root = [PUBLIC, written("test", "it", x=refers("aws_subnet.public", "count.index"), count={"constant_value": 2})]
    wiring = references(root, [*subnets(1), planned("test.it[0]", x=UNKNOWN)]).wiring("test.it[0]", ("x",))
    assert (wiring.addresses, wiring.exact) == (("aws_subnet.public[0]",), True)


def test_an_index_into_an_output_is_a_guess_too() -> None:
    called = module({}, [PUBLIC], {"ids": refers("aws_subnet.public")})
    inputs = refers("module.m.ids", "module.m", "count.index")
    root = [written("test", "it", x=inputs, count={"constant_value": 2})]
    changes = [planned(f"module.m.aws_subnet.public[{number}]", id=UNKNOWN) for number in range(2)]
    wiring = references(root, [*changes, planned("test.it[1]", x=UNKNOWN)], {"m": called}).wiring("test.it[1]", ("x",))
    assert (wiring.addresses, wiring.complete) == (("module.m.aws_subnet.public[1]",), False)


def test_an_index_that_nothing_has_leaves_all_instances() -> None:
    wiring = wired(refers("aws_subnet.public", "count.index"), key="[7]")
    assert (wiring.addresses, wiring.complete) == (("aws_subnet.public[0]", "aws_subnet.public[1]"), True)


def test_an_index_further_away_is_none() -> None:
    wiring = wired(refers("aws_subnet.public", "var.single", "count.index"), key="[1]")
    assert (wiring.addresses, wiring.complete) == (("aws_subnet.public[0]", "aws_subnet.public[1]"), True)


def test_a_local_is_missing() -> None:
    wiring = wired(refers("aws_vpc.this.id", "aws_vpc.this", "local.name"))
    assert (wiring.addresses, wiring.exact, wiring.complete) == (("aws_vpc.this",), False, False)
    assert wiring.reason == "the expression of local.name is not at hand"


def test_a_value_that_is_each_value_comes_from_for_each() -> None:
    given = refers("aws_vpc.this.arn", "aws_vpc.this", "aws_iam_role.this.name", "aws_iam_role.this")
    wiring = wired(refers("each.value.id", "each.value"), for_each=given, key='["a"]')
    assert (wiring.addresses, wiring.exact) == (("aws_vpc.this", "aws_iam_role.this"), False)


def test_each_value_of_a_mapped_resource_is_taken_for_the_instance_with_the_same_key() -> None:
    root = [
        written("aws_subnet", "named"),
        written("test", "it", x=refers("each.value.id", "each.value"), for_each=refers("aws_subnet.named")),
    ]
    changes = [planned(f'aws_subnet.named["{key}"]', id=UNKNOWN) for key in "ab"]
    wiring = references(root, [*changes, planned('test.it["b"]', x=UNKNOWN)]).wiring('test.it["b"]', ("x",))
    assert (wiring.feeds, wiring.exact, wiring.complete) == ((Feed('aws_subnet.named["b"]', "id"),), False, False)


def test_a_known_key_leads_to_what_for_each_was_made_of() -> None:
    given = refers("aws_vpc.this.id", "aws_vpc.this", "aws_iam_role.this.name", "aws_iam_role.this")
    wiring = wired(refers("each.key"), value="the-role", for_each=given, key='["the-role"]')
    assert (wiring.feeds, wiring.exact) == ((Feed("aws_iam_role.this", "name"),), True)


def test_a_variable_of_the_root_module_feeds_nothing() -> None:
    assert wired(refers("var.vpc_id")) == Wiring()


def module(inputs: dict[str, Any], resources: list[dict[str, Any]], outputs: dict[str, Any], **more: Any) -> Any:
    inner = {"resources": resources, "outputs": {name: {"expression": value} for name, value in outputs.items()}}
    variables = {name: {} for name in inputs} | more.pop("variables", {})
    return {
        "source": "./m",
        "expressions": inputs,
        "module": {**inner, "variables": variables, **more.pop("inner", {})},
    }


def test_inputs_and_outputs_of_nested_modules_are_followed() -> None:
    leaf = module(
        {"given": refers("var.given")}, [written("test", "leaf", x=refers("var.given"))], {"out": refers("var.given")}
    )
    branch = module({"given": refers("aws_vpc.this.id", "aws_vpc.this")}, [], {"out": refers("module.leaf.out")})
    branch["module"]["module_calls"] = {"leaf": leaf}
    root = [written("aws_vpc", "this"), written("test", "it", x=refers("module.branch.out", "module.branch"))]
    changes = [
        planned("aws_vpc.this", id=UNKNOWN),
        planned("test.it", x=UNKNOWN),
        planned("module.branch.module.leaf.test.leaf", x=UNKNOWN),
    ]
    known = references(root, changes, {"branch": branch})
    vpc = Wiring((Feed("aws_vpc.this", "id"),))
    assert known.wiring("test.it", ("x",)) == vpc
    assert known.wiring("module.branch.module.leaf.test.leaf", ("x",)) == vpc


def test_an_input_that_is_not_given_has_its_default() -> None:
    called = module({}, [written("test", "it", x=refers("var.given"))], {}, variables={"given": {"default": "x"}})
    known = references([], [planned("module.m.test.it", x="x")], {"m": called})
    assert known.wiring("module.m.test.it", ("x",)) == Wiring()


def test_an_output_of_a_module_instance_is_of_that_instance() -> None:
    called = module({}, [written("aws_vpc", "this")], {"id": refers("aws_vpc.this.id", "aws_vpc.this")})
    called["for_each_expression"] = refers("var.names")
    outputs = {
        "one": {"expression": refers('module.m["b.c"].id', 'module.m["b.c"]')},
        "all": {"expression": refers("module.m")},
    }
    changes = [planned(f'module.m["{key}"].aws_vpc.this', id=UNKNOWN) for key in ("a", "b.c")]
    unknown = {name: {"actions": ["create"], "after": None, "after_unknown": True} for name in outputs}
    known = references([], changes, {"m": called}, outputs, output_changes=unknown)
    assert known.wiring("output.one", ()) == Wiring((Feed('module.m["b.c"].aws_vpc.this', "id"),))
    assert known.wiring("output.all", ()).addresses == ('module.m["a"].aws_vpc.this', 'module.m["b.c"].aws_vpc.this')


def test_a_module_without_resources_of_its_own_hands_on_what_it_is_given() -> None:
    called = module({"given": refers("each.value.id", "each.value")}, [], {"out": refers("var.given")})
    called["for_each_expression"] = refers("aws_vpc.this")
    root = [written("aws_vpc", "this"), written("test", "it", x=refers('module.m["a"].out', 'module.m["a"]'))]
    known = references(root, [planned("aws_vpc.this", id=UNKNOWN), planned("test.it", x=UNKNOWN)], {"m": called})
    assert known.wiring("test.it", ("x",)).addresses == ("aws_vpc.this",)


def test_of_a_module_without_resources_all_is_followed_that_it_may_be_given() -> None:
    called = module({"given": refers("each.value.id", "each.value")}, [], {"out": refers("var.given")})
    called["for_each_expression"] = refers("aws_vpc.this")
    root = [written("aws_vpc", "this"), written("test", "it", x=refers("module.m"))]
    known = references(root, [planned("aws_vpc.this", id=UNKNOWN), planned("test.it", x=UNKNOWN)], {"m": called})
    assert known.wiring("test.it", ("x",)).addresses == ("aws_vpc.this",)


def test_an_attribute_of_a_resource_that_is_given_whole_is_that_attribute() -> None:
    inner = written("test", "it", x=refers("var.vpc.id", "var.vpc"))
    called = module({"vpc": refers("aws_vpc.this")}, [inner], {})
    changes = [planned("aws_vpc.this", id=UNKNOWN), planned("module.m.test.it", x=UNKNOWN)]
    known = references([written("aws_vpc", "this")], changes, {"m": called})
    assert known.wiring("module.m.test.it", ("x",)) == Wiring((Feed("aws_vpc.this", "id"),))


def test_for_each_that_a_plan_leaves_out_shows_in_the_instances() -> None:
    root = [written("aws_subnet", "named"), written("test", "it", x=refers("aws_subnet.named"))]
    changes = [planned(f'aws_subnet.named["{key}"]', id=UNKNOWN) for key in "ab"]
    wiring = references(root, [*changes, planned("test.it", x=UNKNOWN)]).wiring("test.it", ("x",))
    assert wiring.addresses == ('aws_subnet.named["a"]', 'aws_subnet.named["b"]')


def test_a_data_source_that_was_read_is_an_instance() -> None:
    root = [written("aws_ami", "this", mode="data"), written("test", "it", x=refers("data.aws_ami.this"))]
    state = {
        "mode": "data",
        "type": "aws_ami",
        "name": "this",
        "address": "data.aws_ami.this",
        "values": {"id": "ami-1"},
    }
    prior = {"values": {"root_module": {"resources": [state]}}}
    changes = [planned("test.it", x="ami-1")]
    assert references(root, changes, prior_state=prior).wiring("test.it", ("x",)).addresses == ("data.aws_ami.this",)
    assert references(root, changes).wiring("test.it", ("x",)).addresses == ("data.aws_ami.this",)


def test_data_sources_that_were_read_have_values_and_keys() -> None:
    root = [written("aws_ami", "this", mode="data"), written("test", "it", x=refers("data.aws_ami.this"))]
    state = {"mode": "data", "type": "aws_ami", "name": "this"}
    read = [
        {**state, "address": f'data.aws_ami.this["{key}"]', "index": key, "values": {"id": f"ami-{key}"}}
        for key in "ab"
    ]
    prior = {"values": {"root_module": {"child_modules": [], "resources": read}}}
    known = references(root, [planned("test.it", x="ami-b")], prior_state=prior)
    assert known.wiring("test.it", ("x",)) == Wiring((Feed('data.aws_ami.this["b"]', ""),))


def test_a_key_may_hold_whatever_a_text_may() -> None:
    address = r'module.a["x.y\"]${z}"].module.b[0].module.c'.replace("${", "$${")
    assert [(name, key) for _, name, key, _ in module_steps(address)] == [("a", 'x.y"]${z}'), ("b", 0), ("c", None)]
    assert [parent for parent, *_ in module_steps("module.a[1].module.b")] == ["", "module.a[1]"]


def test_a_known_id_is_that_of_the_instance_that_has_it() -> None:
    root = [PUBLIC, written("test", "it", x=refers("aws_subnet.public", "count.index"), count={"constant_value": 2})]
    changes = [planned(f"aws_subnet.public[{number}]", id=f"subnet-{number}") for number in range(2)]
    known = references(root, [*changes, planned("test.it[1]", x="subnet-0")])
    assert known.wiring("test.it[1]", ("x",)) == Wiring((Feed("aws_subnet.public[0]", ""),))


def test_the_blocks_of_an_argument_need_not_be_known_one_by_one() -> None:
    rule = {"from": {"constant_value": 80}, "to": refers("aws_vpc.this.id", "aws_vpc.this")}
    other = {"from": {"constant_value": 443}, "to": refers("aws_vpc.this.arn", "aws_vpc.this")}
    root = [written("aws_vpc", "this"), written("test", "it", rule=[rule, other], timeouts=rule)]
    after: dict[str, Any] = {"rule": [{"from": 443}, {"from": 80}], "timeouts": {"from": 80}, "tags_all": {"a": "b"}}
    change = planned("test.it", **after)
    change["change"]["after_unknown"] = {"rule": [{"to": True}, {"to": True}], "timeouts": {"to": True}}
    known = references(root, [planned("aws_vpc.this", id=UNKNOWN, arn=UNKNOWN), change])
    assert known.wiring("test.it", ("rule", 0, "to")) == Wiring((Feed("aws_vpc.this", "arn"),))
    assert known.wiring("test.it", ("rule", 1, "to")) == Wiring((Feed("aws_vpc.this", "id"),))
    assert known.wiring("test.it", ("timeouts", "to")) == Wiring((Feed("aws_vpc.this", "id"),))
    assert len(known.wiring("test.it", ("rule",))) == 2
    assert known.wiring("test.it", ()).complete


def test_blocks_that_cannot_be_told_apart_have_the_feeds_of_all_of_them() -> None:
    rules = [
        {"from": refers("var.port"), "to": refers(f"aws_vpc.this.{name}", "aws_vpc.this")} for name in ("id", "arn")
    ]
    root = [written("aws_vpc", "this"), written("test", "it", rule=rules)]
    change = planned("test.it", rule=[{"from": 80}, {"from": 443}])
    change["change"]["after_unknown"] = {"rule": [{"to": True}, {"to": True}]}
    known = references(root, [planned("aws_vpc.this", id=UNKNOWN, arn=UNKNOWN), change])
    wiring = known.wiring("test.it", ("rule", 0, "to"))
    assert (wiring.feeds, wiring.exact) == ((Feed("aws_vpc.this", "id"), Feed("aws_vpc.this", "arn")), False)
    assert wiring.reason == "which of the rule blocks it is, is not known"


def test_a_block_whose_values_a_provider_changed_can_be_any() -> None:
    rule = {"from": {"constant_value": 80}, "to": refers("aws_vpc.this.id", "aws_vpc.this")}
    root = [written("aws_vpc", "this"), written("test", "it", rule=[rule])]
    change = planned("test.it", rule=[{"from": 8080}])
    change["change"]["after_unknown"] = {"rule": [{"to": True}]}
    known = references(root, [planned("aws_vpc.this", id=UNKNOWN), change])
    assert known.wiring("test.it", ("rule", 0, "to")) == Wiring((Feed("aws_vpc.this", "id"),))


def test_blocks_that_an_argument_makes_are_not_dynamic() -> None:
    root = [written("aws_vpc", "this"), written("test", "it", rules=refers("aws_vpc.this.id", "aws_vpc.this"))]
    known = references(root, [planned("aws_vpc.this", id=UNKNOWN), planned("test.it", rules=[{"to": 1}, {"to": 2}])])
    assert known.wiring("test.it", ()).complete


def test_more_blocks_than_are_written_may_be_dynamic() -> None:
    root = [written("test", "it", rule=[{"to": {"constant_value": 1}}])]
    known = references(root, [planned("test.it", rule=[{"to": 1}, {"to": 2}])])
    assert not known.wiring("test.it", ("rule",)).complete


def test_a_name_that_is_not_known_to_be_no_block_may_be_a_dynamic_one() -> None:
    known = references([written("test", "it")], [planned("test.it", ingress=UNKNOWN, vpc_id=UNKNOWN, tags={"a": "b"})])
    assert not known.wiring("test.it", ("ingress",)).complete
    assert known.wiring("test.it", ("vpc_id",)) == Wiring()


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"configuration": {}},
        {"resource_changes": [planned("test.it", x=UNKNOWN)]},
        {"resource_changes": [planned("module.m.test.it", x=UNKNOWN)], "configuration": {"root_module": {}}},
    ],
)
def test_what_a_document_does_not_declare_is_missing(document: dict[str, Any]) -> None:
    known = References(document, None)
    for address in ("test.it", "module.m.test.it", "output.none"):
        wiring = known.wiring(address, ("x",))
        assert (wiring.feeds, wiring.exact, wiring.complete) == ((), False, False)
        assert wiring.reason == f"{address} is not declared in the plan's configuration"
        assert known.chain(address, ("x",)) == ()


@pytest.mark.parametrize(
    "reference", ["aws_gone.this.id", "module.gone.out", "module.m.gone", 'aws_vpc.this["', "data.aws_gone.this"]
)
def test_a_reference_that_leads_nowhere_is_missing(reference: str) -> None:
    known = references(
        [written("aws_vpc", "this"), written("test", "it", x=refers(reference))],
        [planned("test.it", x=UNKNOWN)],
        {"m": module({}, [], {})},
    )
    assert not known.wiring("test.it", ("x",)).complete


def test_references_in_a_circle_end() -> None:
    one = module({"given": refers("module.two.out", "module.two")}, [], {"out": refers("var.given")})
    two = module({"given": refers("module.one.out", "module.one")}, [], {"out": refers("var.given")})
    root = [written("test", "it", x=refers("module.one.out", "module.one"))]
    wiring = references(root, [planned("test.it", x=UNKNOWN)], {"one": one, "two": two}).wiring("test.it", ("x",))
    assert (wiring.feeds, wiring.complete) == ((), False)
    assert "refers to itself" in wiring.reason


def test_the_way_has_no_places_but_all_stations() -> None:
    called = module({}, [written("aws_vpc", "this")], {"id": refers("aws_vpc.this.id", "aws_vpc.this")})
    root = [written("test", "it", x=refers("module.m.id", "module.m"))]
    changes = [planned("module.m.aws_vpc.this", id=UNKNOWN), planned("test.it", x=UNKNOWN)]
    (way,) = references(root, changes, {"m": called}).chain("test.it", ("x",))
    assert list(map(str, way)) == ["argument test.it.x", "output module.m.id", "resource module.m.aws_vpc.this.id"]

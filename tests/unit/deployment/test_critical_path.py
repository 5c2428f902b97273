"""What kept a command: the chain of operations that waited for one another."""

from __future__ import annotations

from typing import Any

from stackproof.deployment.critical_path import critical_path, dependencies_in
from stackproof.terraform.operations import Operation


def operation(address: str, began: float, ended: float, action: str = "create") -> Operation:
    return Operation(address, action, began, ended)


def path(operations: list[Operation], dependencies: dict[str, list[str]]) -> list[str]:
    return [one.address for one in critical_path(operations, dependencies)]


def test_where_nothing_was_done_nothing_kept_it() -> None:
    assert critical_path([], {"a.b": ["a.c"]}) == ()


def test_a_chain_goes_back_from_what_ended_last_over_what_it_waited_for() -> None:
    done = [
        operation("a.vpc", 0, 10),
        operation("a.quick", 0, 1),
        operation("a.subnet", 10, 12),
        operation("a.balancer", 12, 72),
        operation("a.other", 0, 60),
    ]
    needed = {"a.balancer": ["a.subnet", "a.vpc", "a.quick"], "a.subnet": ["a.vpc"]}
    assert path(done, needed) == ["a.vpc", "a.subnet", "a.balancer"]


def test_when_destroying_what_depends_on_a_thing_goes_first() -> None:
    done = [
        operation("a.balancer", 0, 15, "delete"),
        operation("a.quick", 0, 1, "delete"),
        operation("a.subnet", 15, 16, "delete"),
        operation("a.vpc", 16, 20, "delete"),
    ]
    needed = {"a.balancer": ["a.subnet", "a.vpc"], "a.subnet": ["a.vpc"], "a.quick": ["a.vpc"]}
    assert path(done, needed) == ["a.balancer", "a.subnet", "a.vpc"]


def test_a_replacement_waits_for_its_own_deletion() -> None:
    done = [operation("a.group", 0, 30, "delete"), operation("a.group", 30, 31)]
    assert [(one.action, one.address) for one in critical_path(done, {})] == [
        ("delete", "a.group"),
        ("create", "a.group"),
    ]


def test_a_replacement_that_makes_the_new_one_first_waits_for_that() -> None:
    done = [operation("a.group", 0, 30), operation("a.group", 30, 31, "delete")]
    assert [one.action for one in critical_path(done, {})] == ["create", "delete"]


def test_what_was_still_under_way_was_not_waited_for() -> None:
    done = [operation("a.slow", 0, 20), operation("a.last", 5, 25)]
    assert path(done, {"a.last": ["a.slow"]}) == ["a.last"]


def test_what_was_not_changed_is_in_no_chain() -> None:
    assert path([operation("a.last", 0, 1)], {"a.last": ["a.unchanged"]}) == ["a.last"]


def test_what_takes_no_time_at_all_ends_the_search() -> None:
    done = [operation("a.one", 0, 0), operation("a.two", 0, 0)]
    assert path(done, {"a.one": ["a.two"], "a.two": ["a.one"]}) != []


def state(*resources: dict[str, Any]) -> dict[str, Any]:
    return {"version": 4, "resources": list(resources)}


def resource(name: str, *instances: dict[str, Any], module: str | None = None, mode: str = "managed") -> dict[str, Any]:
    within = {"module": module} if module else {}
    return {"mode": mode, "type": "aws_thing", "name": name, "instances": list(instances), **within}


def test_an_empty_state_depends_on_nothing() -> None:
    assert dependencies_in({}) == {}


def test_instances_depend_on_all_instances_of_what_their_resource_depends_on() -> None:
    found = dependencies_in(
        state(
            resource("one", {"index_key": 0}, {"index_key": 1}),
            resource("each", {"index_key": "a"}),
            resource("last", {"dependencies": ["aws_thing.one", "aws_thing.each", "data.aws_thing.read"]}),
        )
    )
    assert found == {
        "aws_thing.one[0]": set(),
        "aws_thing.one[1]": set(),
        'aws_thing.each["a"]': set(),
        "aws_thing.last": {"aws_thing.one[0]", "aws_thing.one[1]", 'aws_thing.each["a"]'},
    }


def test_keys_may_hold_brackets_quotes_and_dots() -> None:
    keys = ['a"b', "c[0]", "d.e", 'f["g"].h', "back\\slash", "ü", "${g}", "%{h}"]
    found = dependencies_in(
        state(
            resource("each", *({"index_key": key} for key in keys), module='module.m["x[0].y"]'),
            resource("last", {"dependencies": ["module.m.aws_thing.each"]}),
        )
    )
    assert found["aws_thing.last"] == {
        'module.m["x[0].y"].aws_thing.each["a\\"b"]',
        'module.m["x[0].y"].aws_thing.each["c[0]"]',
        'module.m["x[0].y"].aws_thing.each["d.e"]',
        'module.m["x[0].y"].aws_thing.each["f[\\"g\\"].h"]',
        'module.m["x[0].y"].aws_thing.each["back\\\\slash"]',
        'module.m["x[0].y"].aws_thing.each["ü"]',
        'module.m["x[0].y"].aws_thing.each["$${g}"]',
        'module.m["x[0].y"].aws_thing.each["%%{h}"]',
    }


def test_data_sources_are_no_part_of_it() -> None:
    assert dependencies_in(state(resource("read", {}, mode="data"))) == {}


def test_what_is_left_of_an_interrupted_replacement_hides_nothing() -> None:
    found = dependencies_in(
        state(
            resource("base", {}),
            resource("group", {"dependencies": ["aws_thing.base"]}, {"deposed": "0badcafe"}),
        )
    )
    assert found["aws_thing.group"] == {"aws_thing.base"}

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from stackproof import Plan, Undecided, load_plan
from stackproof.errors import PlanError
from stackproof.plan import Action, Sensitive, SensitiveValueError, Unknown, reads

DATA = Path(__file__).parent / "data"


@pytest.fixture(scope="module")
def plan() -> Plan:
    """A plan that Terraform made of `data/after` on what `data/before` had applied."""
    return load_plan(DATA / "plan.json", folder=DATA / "after", environment="prod")


def made(*changes: dict[str, Any], **rest: Any) -> Plan:
    """A plan of resources of an invented provider."""
    return Plan({"format_version": "1.2", "resource_changes": list(changes), **rest}, environment="dev")


def changed(address: str, actions: list[str], **change: Any) -> dict[str, Any]:
    kind, name = address.split("[")[0].split(".")[-2:]
    return {
        "address": address,
        "mode": "managed",
        "type": kind,
        "name": name,
        "provider_name": "example.com/acme/anvil",
        "change": {"actions": actions, "before": None, "after": {}, "after_unknown": {}, **change},
    }


class TestWhatThereWillBe:
    def test_managed_resources_are_those_after_apply(self, plan: Plan) -> None:
        addresses = [resource.address for resource in plan.resources()]
        assert "terraform_data.kept" in addresses
        assert "terraform_data.created" in addresses
        assert "terraform_data.gone" not in addresses
        assert "terraform_data.forgotten" not in addresses
        assert addresses.count("terraform_data.kept") == 1

    def test_resources_are_chosen_by_type_name_and_module_path(self, plan: Plan) -> None:
        assert len(plan.resources("terraform_data")) == len(plan.resources())
        assert plan.resources("aws_vpc") == ()
        assert [resource.index for resource in plan.resources(name="each")] == ["a", "b.c"]
        assert [resource.address for resource in plan.resources(module="rooms.shelf", name="this")] == [
            'module.rooms["attic"].module.shelf.terraform_data.this',
            'module.rooms["cellar"].module.shelf.terraform_data.this',
        ]
        assert all(resource.module_path == () for resource in plan.resources(module=""))

    def test_a_resource_knows_its_address_parts(self, plan: Plan) -> None:
        this = plan['module.rooms["attic"].module.shelf.terraform_data.this']
        assert (this.mode, this.type, this.name, this.index) == ("managed", "terraform_data", "this", None)
        assert this.module == 'module.rooms["attic"].module.shelf'
        assert this.module_path == ("rooms", "shelf")
        assert this.provider == "terraform.io/builtin/terraform"
        assert repr(this) == f"<{this.address}>"

    def test_data_sources_come_from_the_plan_and_from_what_was_read_for_it(self, plan: Plan) -> None:
        assert {data.name: data.change.action for data in plan.data_sources()} == {
            "later": Action.READ,
            "at_once": Action.NO_OP,
        }
        assert plan.data_source("terraform_remote_state", name="at_once")["outputs.name"] == "other"
        assert plan.data_source("data.terraform_remote_state.later").is_unknown("outputs")

    def test_managed_resources_and_data_sources_are_kept_apart(self, plan: Plan) -> None:
        assert plan.resources("terraform_remote_state") == ()
        assert plan.data_sources("terraform_data") == ()
        with pytest.raises(PlanError, match="there is no terraform_remote_state in prod"):
            plan.resource("terraform_remote_state")

    def test_a_plan_can_be_counted_walked_and_asked(self, plan: Plan) -> None:
        assert len(plan) == len(list(plan)) == len(plan.resources()) + len(plan.data_sources())
        assert "terraform_data.kept" in plan
        assert "terraform_data.gone" not in plan
        assert repr(plan) == f"<plan of prod: {len(plan)} resources>"
        assert plan.terraform_version.startswith("1.")


class TestLookingUp:
    def test_one_is_found_by_type_name_module_index_or_address(self, plan: Plan) -> None:
        assert plan.resource("terraform_data", name="kept") is plan["terraform_data.kept"]
        assert plan.resource("terraform_data.kept") is plan["terraform_data.kept"]
        assert plan.resource("terraform_data", name="counted", index=1).address == "terraform_data.counted[1]"
        assert plan.resource("terraform_data", name="each", index="b.c").address == 'terraform_data.each["b.c"]'

    def test_several_are_refused_with_their_addresses(self, plan: Plan) -> None:
        with pytest.raises(PlanError) as caught:
            plan.resource("terraform_data", name="this", module="rooms")
        assert str(caught.value) == (
            "there are 2 of terraform_data named 'this' in module 'rooms' in prod: "
            'module.rooms["attic"].terraform_data.this, module.rooms["cellar"].terraform_data.this. '
            "Say which by name, module, index or address."
        )

    def test_a_mistyped_address_gets_the_nearest_ones(self, plan: Plan) -> None:
        with pytest.raises(PlanError, match=r"there is no terraform_data\.kep in prod\. Did you mean terraform_data\."):
            plan["terraform_data.kep"]

    def test_a_mistyped_type_gets_the_nearest_one(self, plan: Plan) -> None:
        with pytest.raises(PlanError, match=r"there is no terraform_date in prod\. Did you mean terraform_data\?"):
            plan.resource("terraform_date")

    def test_a_wrong_name_of_a_known_type_is_said_without_a_false_hint(self, plan: Plan) -> None:
        with pytest.raises(PlanError) as caught:
            plan.resource("terraform_data", name="nothing", index=3)
        assert str(caught.value) == "there is no terraform_data named 'nothing' index 3 in prod"

    def test_an_unknown_output_gets_the_known_ones(self, plan: Plan) -> None:
        with pytest.raises(PlanError, match=r"no output 'sise' in prod\. Known outputs: id, literal, "):
            plan.output("sise")
        with pytest.raises(PlanError, match="Known outputs: none"):
            made().output("x")


class TestChanges:
    def test_every_action_is_told(self, plan: Plan) -> None:
        assert plan.changes["terraform_data.created"].action is Action.CREATE
        assert plan.changes["terraform_data.updated"].action is Action.UPDATE
        assert plan.changes["terraform_data.replaced"].action is Action.REPLACE
        assert plan.changes["terraform_data.gone"].action is Action.DELETE
        assert plan.changes["terraform_data.kept"].action is Action.NO_OP
        assert plan.changes["data.terraform_remote_state.later"].action is Action.READ
        assert plan.changes["terraform_data.forgotten"].action is Action.FORGET

    def test_a_replacement_says_why_and_in_which_order(self, plan: Plan) -> None:
        change = plan["terraform_data.replaced"].change
        assert change.replace_paths == ("triggers_replace",)
        assert change.why == "replace because cannot update; changed: triggers_replace"
        assert change.create_before_destroy
        assert (change.before["triggers_replace"], change.after["triggers_replace"]) == ("first", "second")

    def test_a_replacement_destroys_first_unless_told_otherwise(self) -> None:
        plan = made(changed("anvil.this", ["delete", "create"], replace_paths=[["rule", 0, "name"]]))
        change = plan["anvil.this"].change
        assert change.action is Action.REPLACE
        assert not change.create_before_destroy
        assert change.why == "changed: rule[0].name"

    def test_a_deletion_says_why_and_has_nothing_after(self, plan: Plan) -> None:
        change = plan.changes["terraform_data.gone"]
        assert change.why == "delete because no resource config"
        assert change.before["input"] == "no longer wanted"
        assert change.after is None

    def test_an_update_has_its_values_before_and_after(self, plan: Plan) -> None:
        updated = plan["terraform_data.updated"]
        assert updated["input.size"] == 2
        assert updated.before("input.size") == 1
        assert updated.change.why == ""

    def test_before_a_creation_there_is_nothing(self, plan: Plan) -> None:
        assert plan["terraform_data.created"].before("input") is None
        assert plan["terraform_data.updated"].before("input.none[0]") is None

    def test_a_moved_resource_knows_where_it_was(self, plan: Plan) -> None:
        change = plan["terraform_data.new_name"].change
        assert change.action is Action.NO_OP
        assert change.previous_address == "terraform_data.old_name"
        assert plan["terraform_data.kept"].change.previous_address is None

    def test_a_deposed_object_is_a_change_of_its_own_and_no_resource(self, plan: Plan) -> None:
        assert plan.changes["terraform_data.kept (deposed 0badcafe)"].action is Action.DELETE
        assert plan["terraform_data.kept"].change.action is Action.NO_OP

    def test_a_deposed_object_that_stays_is_no_resource_either(self) -> None:
        deposed = {**changed("anvil.this", ["no-op"], after={"size": 1}), "deposed": "0badcafe"}
        plan = made(deposed, changed("anvil.this", ["no-op"], after={"size": 2}))
        assert [resource["size"] for resource in plan] == [2]

    def test_changes_are_counted_by_action(self, plan: Plan) -> None:
        assert plan.count(Action.UPDATE) == 1
        assert plan.count(Action.REPLACE) == 1
        assert plan.count(Action.DELETE) == 2
        assert plan.count(Action.FORGET) == 1
        assert plan.count(Action.READ) == 0, "a data source is read, but nothing happens to it"
        assert len(plan.changes) == len(list(plan.changes)) == 1 + sum(plan.count(action) for action in Action)


class TestValues:
    def test_a_path_leads_to_a_value(self, plan: Plan) -> None:
        assert plan["terraform_data.wired"]["input[0]"] == "known"
        assert plan["terraform_data.secret"]["input.user"] == "admin"
        assert plan['terraform_data.each["b.c"]']["input"] == "b.c"

    def test_what_is_known_after_apply_is_undecided_with_address_and_path(self, plan: Plan) -> None:
        wired = plan["terraform_data.wired"]
        assert isinstance(wired["input[2].key"], Unknown)
        assert wired.is_unknown("input[1]")
        assert not wired.is_unknown("input[0]")
        with pytest.raises(Undecided, match=r"terraform_data\.wired: input\[2\]\.key is undecided"):
            assert wired["input[2].key"] == "x"

    def test_the_way_through_an_unknown_value_is_unknown(self, plan: Plan) -> None:
        assert plan["terraform_data.created"].is_unknown("output.deep[3]")

    def test_a_sensitive_value_is_set_but_not_told(self, plan: Plan) -> None:
        secret = plan["terraform_data.secret"]
        assert secret.is_sensitive("input.password")
        assert secret.is_sensitive("input.token")
        assert not secret.is_sensitive("input.user")
        with pytest.raises(SensitiveValueError, match=r"terraform_data\.secret: input\.password is sensitive"):
            assert secret["input.password"] == "hunter2-default"

    def test_a_sensitive_value_can_be_found_nowhere_in_the_plan(self, plan: Plan) -> None:
        assert "hunter2" in (DATA / "plan.json").read_text(encoding="utf-8")
        assert "hunter2" not in json.dumps(plan.document)
        assert "hunter2" not in repr([resource.values for resource in plan])

    def test_a_path_that_is_not_set_says_what_there_is(self, plan: Plan) -> None:
        wired, updated = plan["terraform_data.wired"], plan["terraform_data.updated"]
        with pytest.raises(PlanError, match=r"terraform_data\.updated .*: input\.sise is not set: did you mean size\?"):
            updated["input.sise"]
        with pytest.raises(PlanError, match=r"input\.qqq is not set: known are size, zone"):
            updated["input.qqq"]
        with pytest.raises(PlanError, match=r"input\[3\] is not set: there are 3 elements"):
            wired["input[3]"]
        with pytest.raises(PlanError, match=r"input\[0\]\.x is not set: what is there is 'known'"):
            wired["input[0].x"]

    def test_a_path_that_is_not_set_says_where_the_block_is(self, plan: Plan) -> None:
        with pytest.raises(PlanError, match=r"terraform_data\.kept \(\S*main\.tf:\d+\): inptu is not set"):
            plan["terraform_data.kept"]["inptu"]

    def test_get_gives_the_default_for_what_is_null_or_not_there(self, plan: Plan) -> None:
        kept = plan["terraform_data.kept"]
        assert kept["triggers_replace"] is None
        assert kept.get("triggers_replace", "none") == "none"
        assert kept.get("input.deep", 3) == 3
        assert kept.get("nothing") is None
        assert kept.get("input") == "as it was"

    def test_get_keeps_a_false_value(self) -> None:
        this = made(changed("anvil.this", ["create"], after={"flag": False, "text": "", "list": []}))["anvil.this"]
        assert this.get("flag", True) is False
        assert this.get("text", "x") == ""
        assert this.get("list", [1]) == []

    def test_json_text_is_read_as_data(self, plan: Plan) -> None:
        policy = plan["terraform_data.policy"].document("input")
        assert policy["Statement"][0]["Action"] == ["s3:GetObject"]

    def test_json_text_that_is_not_known_yet_is_unknown(self, plan: Plan) -> None:
        assert isinstance(plan["terraform_data.open_policy"].document("input"), Unknown)

    def test_json_text_that_is_sensitive_stays_so(self, plan: Plan) -> None:
        assert isinstance(plan["terraform_data.secret"].document("input.token"), Sensitive)

    def test_what_is_no_json_text_is_refused_with_address_and_path(self, plan: Plan) -> None:
        with pytest.raises(PlanError, match=r"terraform_data\.kept: input does not hold JSON"):
            plan["terraform_data.kept"].document("input")
        with pytest.raises(PlanError, match=r"terraform_data\.wired: input is not a JSON text but Items"):
            plan["terraform_data.wired"].document("input")

    def test_reads_are_recorded_where_somebody_asks(self, plan: Plan) -> None:
        kept = plan["terraform_data.kept"]
        with reads.recording() as seen:
            _ = kept["input"], kept.get("nothing")
            assert reads.recorded() == tuple(seen)
        _ = kept["id"]
        assert [(read.resource, read.path, read.value) for read in seen] == [
            (kept, "input", "as it was"),
            (kept, "nothing", None),
        ]


class TestOutputsAndVariables:
    def test_an_output_has_its_planned_value_and_change(self, plan: Plan) -> None:
        assert plan.output("size") == 2
        assert plan.outputs["size"].change.action is Action.UPDATE
        assert plan.outputs["size"].change.before == 1
        assert not plan.outputs["size"].sensitive

    def test_an_output_that_goes_is_none_after_apply(self, plan: Plan) -> None:
        assert "gone" not in plan.outputs

    def test_an_unknown_output_is_undecided_by_its_name(self, plan: Plan) -> None:
        with pytest.raises(Undecided, match=r"^output\.id is undecided"):
            assert plan.output("id") == "x"

    def test_a_sensitive_output_is_marked(self, plan: Plan) -> None:
        assert plan.outputs["password"].sensitive
        assert isinstance(plan.output("password"), Sensitive)

    def test_variables_are_told_but_for_sensitive_ones(self, plan: Plan) -> None:
        assert plan.variables["zones"] == ["a", "b"]
        assert isinstance(plan.variables["password"], Sensitive)


class TestPlaces:
    def test_a_resource_knows_file_and_line_of_its_block_and_arguments(self, plan: Plan) -> None:
        text = (DATA / "after/main.tf").read_text(encoding="utf-8").splitlines()
        place = plan["terraform_data.counted[1]"].place
        assert place is not None
        assert text[place.line - 1] == 'resource "terraform_data" "counted" {'
        argument = plan["terraform_data.counted[1]"].place_of("input")
        assert argument is not None
        assert "count.index" in text[argument.line - 1]

    def test_a_data_source_has_a_place_too(self, plan: Plan) -> None:
        place = plan.data_source("data.terraform_remote_state.later").place
        assert place is not None
        lines = (DATA / "after/main.tf").read_text(encoding="utf-8").splitlines()
        assert lines[place.line - 1] == 'data "terraform_remote_state" "later" {'

    def test_a_nested_module_is_found_by_its_local_sources(self, plan: Plan) -> None:
        shelf = plan['module.rooms["attic"].module.shelf.terraform_data.this']
        assert shelf.place is not None
        assert shelf.place.file.resolve() == DATA / "after/rooms/shelf/main.tf"
        assert [place.file.resolve() for place in shelf.module_calls] == [
            DATA / "after/main.tf",
            DATA / "after/rooms/main.tf",
        ]

    def test_without_the_folder_there_are_no_places(self) -> None:
        kept = load_plan(DATA / "plan.json")["terraform_data.kept"]
        assert kept.place is None
        assert kept.place_of("input") is None
        assert kept.module_calls == ()
        with pytest.raises(PlanError, match="source not at hand"):
            kept["inptu"]


def test_a_plan_without_changes_is_an_empty_stack() -> None:
    plan = Plan({"format_version": "1.2", "planned_values": {}}, environment="dev")
    assert (len(plan), len(plan.changes), dict(plan.outputs), plan.variables) == (0, 0, {}, {})


def test_a_resource_without_values_has_none() -> None:
    this = made(changed("anvil.this", ["create"], after=None))["anvil.this"]
    assert this.values == {}
    assert this.get("x") is None

"""Drift as the real provider reports it on an emulated account, and as plans written by hand have it."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from stackproof.analysis.drift import Drift, Kind, describe, find_drift, is_applied, require_no_changes
from stackproof.errors import StackproofError
from stackproof.plan.change import Action
from stackproof.plan.document import parse_document
from stackproof.plan.model import Plan
from stackproof.plan.redaction import redact
from stackproof.plan.source import Sources
from stackproof.sandbox.clients import Clients
from stackproof.sandbox.emulated.account import EmulatedAccount
from stackproof.terraform import children, locate
from stackproof.terraform.installation import Request, install
from stackproof.terraform.providers import Package
from stackproof.terraform.runner import Terraform
from stackproof.terraform.workspace import link_copy

STACKS = Path(__file__).parent / "stacks"
SECRET = "correct-horse-battery-staple"
OTHER_SECRET = "incorrect-horse"
STRANGER = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
HANGS_SECONDS = 120


@dataclass(frozen=True)
class Plans:
    """Plans of one applied stack: `clean` right after the apply, `drifted` after the changes."""

    clean: Plan
    drifted: Plan
    folder: Path

    def line(self, text: str) -> int:
        """The line of the configuration in which a text stands first."""
        lines = (self.folder / "main.tf").read_text(encoding="utf-8").splitlines()
        return next(number for number, line in enumerate(lines, 1) if text in line)


@pytest.fixture(scope="module")
def plans(tmp_path_factory: pytest.TempPathFactory, aws_package: Package, lock: Callable[..., None]) -> Plans:
    assert aws_package.executable
    home = tmp_path_factory.mktemp("drifting")
    folder = Path(shutil.copytree(STACKS / "drifting", home / "stack"))
    lock(folder)
    variables = home / "own.tfvars.json"
    variables.write_text(json.dumps({"password": SECRET}), encoding="utf-8")
    with EmulatedAccount() as account, children.scratch_folder() as scratch:
        request = Request(
            cli=locate.locate(),
            original=folder,
            copy=link_copy(folder, scratch / "copy", with_state=False),
            scratch=scratch,
            cache=home / "cache",
            timeout=HANGS_SECONDS,
            caller=os.environ,
            account=account.environment(),
        )
        installed = install(request).unserved()
        environment = {**installed.environment, "TMPDIR": str(scratch)}
        terraform = Terraform(request.cli, installed.folder, environment, timeout=HANGS_SECONDS)

        def plan() -> Plan:
            terraform.plan(scratch / "plan", var_files=[variables])
            document = redact(parse_document(terraform.show(scratch / "plan"), "plan"))
            return Plan(document, environment="live", sources=Sources(folder, {"": "."}))

        terraform.apply(var_files=[variables])
        clean = plan()
        meddle(Clients(account), str(account.account_id))
        return Plans(clean, plan(), folder)


def meddle(client: Clients, number: str) -> None:
    """The six changes that matter most, and some that matter less."""
    groups = client("ec2").describe_security_groups(Filters=[{"Name": "group-name", "Values": ["tasks"]}])
    client("ec2").authorize_security_group_ingress(
        GroupId=groups["SecurityGroups"][0]["GroupId"],
        IpPermissions=[{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}],
    )
    iam = client("iam")
    iam.detach_role_policy(RoleName="task", PolicyArn=f"arn:aws:iam::{number}:policy/read")
    iam.put_role_policy(RoleName="task", PolicyName="stranger", PolicyDocument=STRANGER)
    attached = iam.create_policy(PolicyName="everything", PolicyDocument=STRANGER)["Policy"]["Arn"]
    iam.attach_role_policy(RoleName="task", PolicyArn=attached)
    client("ecr").put_image_scanning_configuration(
        repositoryName="images", imageScanningConfiguration={"scanOnPush": False}
    )
    client("logs").put_retention_policy(logGroupName="tasks", retentionInDays=1)
    client("cloudwatch").delete_alarms(AlarmNames=["cpu"])
    client("ssm").put_parameter(Name="secret", Value=OTHER_SECRET, Type="SecureString", Overwrite=True)
    jobs = client("sqs").get_queue_url(QueueName="jobs")["QueueUrl"]
    client("sqs").set_queue_attributes(QueueUrl=jobs, Attributes={"DelaySeconds": "7"})


@pytest.fixture(scope="module")
def drifts(plans: Plans) -> Mapping[str, Drift]:
    return {drift.address: drift for drift in find_drift(plans.drifted)}


def only(drift: Drift, path: str) -> tuple[Any, Any, bool]:
    (difference,) = (difference for difference in drift.differences if difference.path == path)
    return difference.before, difference.after, difference.undone


def test_what_an_apply_made_is_no_drift(plans: Plans) -> None:
    # the provider shows the group's rules and the role's policies as news: they were made after both
    told = {entry["address"] for entry in plans.clean.document["resource_drift"]}
    assert {"aws_iam_role.task", "aws_security_group.tasks", "aws_iam_policy.read"} <= told
    assert find_drift(plans.clean) == ()
    require_no_changes(plans.clean)


def test_all_that_was_meddled_with_is_named_and_nothing_else(drifts: Mapping[str, Drift]) -> None:
    assert {address: drift.kind for address, drift in drifts.items()} == {
        "aws_security_group.tasks": Kind.CHANGED,
        "aws_iam_role_policy_attachment.read": Kind.DELETED,
        "aws_iam_role.task": Kind.CHANGED,
        "aws_ecr_repository.images": Kind.CHANGED,
        "aws_cloudwatch_log_group.tasks": Kind.CHANGED,
        "aws_cloudwatch_metric_alarm.cpu": Kind.DELETED,
        "aws_ssm_parameter.secret": Kind.CHANGED,
    }


def test_an_opened_security_group_is_named_by_what_was_opened(drifts: Mapping[str, Drift]) -> None:
    before, after, undone = only(drifts["aws_security_group.tasks"], "ingress")
    assert before is None
    assert after == [{"protocol": "tcp", "from_port": 22, "to_port": 22, "peer": "0.0.0.0/0"}]
    # rules are resources of their own here, so Terraform leaves a stranger's alone
    assert not undone
    assert drifts["aws_security_group.tasks"].action is Action.NO_OP


def test_policies_added_to_a_role_are_named(drifts: Mapping[str, Drift]) -> None:
    _, inline, undone = only(drifts["aws_iam_role.task"], "inline_policy")
    assert [policy["name"] for policy in inline] == ["stranger"]
    assert not undone
    _, attached, _ = only(drifts["aws_iam_role.task"], "managed_policy_arns")
    assert [policy["policy_arn"].split("/")[-1] for policy in attached] == ["everything"]


@pytest.mark.parametrize("address", ["aws_iam_role_policy_attachment.read", "aws_cloudwatch_metric_alarm.cpu"])
def test_what_was_deleted_is_made_again(drifts: Mapping[str, Drift], address: str) -> None:
    assert drifts[address].action is Action.CREATE
    assert drifts[address].sentence == "was deleted outside Terraform; the next apply makes it again"


def test_changed_arguments_are_named_with_both_values_and_their_place(
    plans: Plans, drifts: Mapping[str, Drift]
) -> None:
    assert only(drifts["aws_ecr_repository.images"], "image_scanning_configuration[0].scan_on_push") == (
        True,
        False,
        True,
    )
    retention = drifts["aws_cloudwatch_log_group.tasks"]
    assert only(retention, "retention_in_days") == (30, 1, True)
    assert retention.place is not None
    assert retention.place.line == plans.line('"aws_cloudwatch_log_group"')
    (difference,) = retention.differences
    assert difference.place is not None
    assert difference.place.line == plans.line("retention_in_days")
    assert describe(retention)[1].startswith("  retention_in_days was 30, is 1 at ")


def test_a_changed_secret_is_named_and_not_told(plans: Plans, drifts: Mapping[str, Drift]) -> None:
    drift = drifts["aws_ssm_parameter.secret"]
    assert [difference.path for difference in drift.differences] == ["value", "version"]
    told = "\n".join(describe(drift)) + json.dumps(drift.as_dict()) + json.dumps(plans.drifted.document)
    assert SECRET not in told
    assert OTHER_SECRET not in told
    assert "  value was (sensitive value), is (sensitive value)" in told


def test_what_the_configuration_ignores_is_no_drift(plans: Plans, drifts: Mapping[str, Drift]) -> None:
    (entry,) = (raw for raw in plans.drifted.document["resource_drift"] if raw["address"] == "aws_sqs_queue.jobs")
    assert entry["change"]["after"]["delay_seconds"] == 7
    assert "aws_sqs_queue.jobs" not in drifts


def test_a_plan_that_changes_again_is_refused_naming_every_attribute(plans: Plans) -> None:
    with pytest.raises(StackproofError) as raised:
        require_no_changes(plans.drifted)
    said = str(raised.value)
    assert said.startswith("live: 5 left to do after an apply:")
    assert f"aws_cloudwatch_log_group.tasks: retention_in_days: 1 -> 30 at {plans.folder}/main.tf:" in said
    assert "aws_ecr_repository.images: image_scanning_configuration[0].scan_on_push: false -> true" in said
    assert "aws_cloudwatch_metric_alarm.cpu: " in said
    assert OTHER_SECRET not in said


def entry(
    before: Any, after: Any, *, type: str = "aws_thing", name: str = "this", actions: tuple[str, ...] = (), **more: Any
) -> dict[str, Any]:
    """An entry of `resource_changes` or `resource_drift`."""
    chosen = actions or (("no-op",) if before == after else ("update",))
    change = {"actions": list(chosen), "before": before, "after": after, "after_unknown": {}, **more}
    return {"address": f"{type}.{name}", "mode": "managed", "type": type, "name": name, "change": change}


def planned(drift: list[dict[str, Any]], changes: list[dict[str, Any]] | None = None, **more: Any) -> Plan:
    rest = [entry(raw["change"]["after"], raw["change"]["after"], type=raw["type"], name=raw["name"]) for raw in drift]
    document = {
        "format_version": "1.2",
        "resource_drift": drift,
        "resource_changes": rest if changes is None else changes,
        **more,
    }
    return Plan(redact(document), environment="live")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, ""),
        (None, []),
        ({}, None),
        (None, False),
        ([{"rule": "x", "flag": None}], [{"rule": "x", "flag": False}]),
        ([{"rule": "x"}, {"rule": "y", "more": None}], [{"rule": "x"}, {"rule": "y", "more": []}]),
        ("2026-01-01T00:00:00Z", "2026-02-02T10:20:30.5Z"),
        ('{"a": 1, "b": 2}', '{"b":2,"a":1}'),
    ],
)
def test_what_means_nothing_is_no_drift(before: Any, after: Any) -> None:
    assert find_drift(planned([entry({"x": before}, {"x": after})])) == ()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (True, False),
        (False, True),
        (30, None),
        ("a", ""),
        (["a", "b"], ["b", "a"]),
        (["a"], ["a", "a"]),
        ('{"a": 1}', '{"a": 2}'),
        ([{"rule": "x", "flag": True}], [{"rule": "x", "flag": False}]),
        ("2026-01-01T00:00:00Z", "never"),
    ],
)
def test_what_means_something_is_drift(before: Any, after: Any) -> None:
    (drift,) = find_drift(planned([entry({"x": before}, {"x": after})]))
    assert drift.kind is Kind.CHANGED
    assert not drift.undone


def test_what_terraform_sets_back_is_never_left_out() -> None:
    drift = entry({"x": None}, {"x": ""})
    (found,) = find_drift(planned([drift], [entry({"x": ""}, {"x": "2026"})]))
    assert only(found, "x") == (None, "", True)


def test_tags_are_told_once() -> None:
    tags = {"Team": "a"}, {"Team": "b"}
    drift = entry({"tags": tags[0], "tags_all": {**tags[0], "Own": "x"}}, {"tags": tags[1], "tags_all": tags[1]})
    (found,) = find_drift(planned([drift]))
    assert [difference.path for difference in found.differences] == ["tags.Team", "tags_all.Own"]


def test_of_a_long_list_only_what_changed_is_told() -> None:
    (found,) = find_drift(planned([entry({"x": ["a", "b", "c"]}, {"x": ["b", "c", "d"]})]))
    assert only(found, "x")[:2] == (["a"], ["d"])
    assert describe(found)[1:] == ['  x lost "a"', '  x gained "d"']


def test_a_sensitive_value_that_stays_is_no_drift() -> None:
    marks: dict[str, Any] = {"before_sensitive": {"key": True}, "after_sensitive": {"key": True}}
    assert find_drift(planned([entry({"key": SECRET, "x": 1}, {"key": SECRET, "x": 1}, **marks)])) == ()


def test_a_changed_secret_in_a_list_is_named() -> None:
    marks: dict[str, Any] = {
        "before_sensitive": {"env": [{}, {"value": True}]},
        "after_sensitive": {"env": [{}, {"value": True}]},
    }
    before = {"env": [{"name": "a", "value": "1"}, {"name": "b", "value": SECRET}]}
    after = {"env": [{"name": "a", "value": "1"}, {"name": "b", "value": OTHER_SECRET}]}
    (found,) = find_drift(planned([entry(before, after, **marks)]))
    assert [difference.path for difference in found.differences] == ["env[1].value"]


def test_a_replacement_names_what_forces_it() -> None:
    changes = [
        entry(
            {"name": "a", "size": 1, "id": "1"},
            {"name": "b", "size": 1},
            actions=("delete", "create"),
            replace_paths=[["name"]],
            after_unknown={"id": True},
        )
    ]
    with pytest.raises(StackproofError, match=r'aws_thing.this: name: "a" -> "b" \(replaces it\)'):
        require_no_changes(planned([], changes))


def test_a_resource_that_an_apply_would_delete_differs() -> None:
    (found,) = find_drift(planned([], [entry({"x": 1}, None, actions=("delete",))]))
    assert (found.kind, found.action) == (Kind.DIFFERS, Action.DELETE)
    assert found.sentence == "the next apply deletes it"


def test_an_output_that_an_apply_would_change_differs() -> None:
    outputs = {"url": {"actions": ["update"], "before": "a", "after": "b", "after_unknown": False}}
    (found,) = find_drift(planned([], [], output_changes=outputs))
    assert found.address == "output.url"
    assert only(found, "value") == ("a", "b", True)


def test_a_drift_and_another_difference_of_one_resource_are_told_apart() -> None:
    drift = entry({"x": 1, "y": 1}, {"x": 2, "y": 1})
    first, second = find_drift(planned([drift], [entry({"x": 2, "y": 1}, {"x": 1, "y": 9})]))
    assert (first.kind, only(first, "x")) == (Kind.CHANGED, (1, 2, True))
    assert (second.kind, only(second, "y")) == (Kind.DIFFERS, (1, 9, True))


def with_companions(type: str, drift: tuple[Any, Any], *others: tuple[str, dict[str, Any]]) -> tuple[Drift, ...]:
    """The drift of an owner beside other resources of the stack, which are as they were."""
    own = entry(*drift, type=type, name="owner")
    rest = [entry(values, values, type=kind, name=f"n{number}") for number, (kind, values) in enumerate(others)]
    return find_drift(planned([own], [entry(drift[1], drift[1], type=type, name="owner"), *rest]))


def opened(**more: Any) -> dict[str, Any]:
    rule = {
        "protocol": "tcp",
        "from_port": 443,
        "to_port": 443,
        "cidr_blocks": [],
        "security_groups": [],
        "self": False,
    }
    return {**rule, **more}


def test_rules_of_the_same_ports_are_accounted_for_one_by_one() -> None:
    shown = [opened(cidr_blocks=["10.0.0.0/8", "11.0.0.0/8"], security_groups=["sg-2"], self=True)]
    base = {"security_group_id": "sg-1", "ip_protocol": "tcp", "from_port": 443, "to_port": 443}
    rule = "aws_vpc_security_group_ingress_rule"
    declared: list[tuple[str, dict[str, Any]]] = [
        (rule, {**base, "cidr_ipv4": "10.0.0.0/8"}),
        (rule, {**base, "referenced_security_group_id": "123456789012/sg-2"}),
        (rule, {**base, "referenced_security_group_id": "sg-1"}),
    ]
    drift = ({"id": "sg-1", "ingress": []}, {"id": "sg-1", "ingress": shown})
    (found,) = with_companions("aws_security_group", drift, *declared)
    assert only(found, "ingress")[1] == [
        {"protocol": "tcp", "from_port": 443, "to_port": 443, "peer": "11.0.0.0/8"},
    ]
    assert with_companions("aws_security_group", drift, *declared, (rule, {**base, "cidr_ipv4": "11.0.0.0/8"})) == ()


def test_a_rule_of_another_group_or_direction_accounts_for_nothing() -> None:
    drift = ({"id": "sg-1", "ingress": []}, {"id": "sg-1", "ingress": [opened(cidr_blocks=["10.0.0.0/8"])]})
    base = {"ip_protocol": "tcp", "from_port": 443, "to_port": 443, "cidr_ipv4": "10.0.0.0/8"}
    other = ("aws_vpc_security_group_ingress_rule", {**base, "security_group_id": "sg-9"})
    out = ("aws_vpc_security_group_egress_rule", {**base, "security_group_id": "sg-1"})
    old = (
        "aws_security_group_rule",
        {**opened(cidr_blocks=["10.0.0.0/8"]), "security_group_id": "sg-1", "type": "egress"},
    )
    (found,) = with_companions("aws_security_group", drift, other, out, old)
    assert found.address == "aws_security_group.owner"


def test_a_rule_that_was_revoked_is_told_by_its_own_resource_only() -> None:
    shown = [opened(cidr_blocks=["10.0.0.0/8"])]
    group = entry({"id": "sg-1", "ingress": shown}, {"id": "sg-1", "ingress": []}, type="aws_security_group")
    rule = {
        "security_group_id": "sg-1",
        "ip_protocol": "tcp",
        "from_port": 443,
        "to_port": 443,
        "cidr_ipv4": "10.0.0.0/8",
    }
    gone = entry(rule, None, type="aws_vpc_security_group_ingress_rule", actions=("delete",))
    again = entry(None, rule, type="aws_vpc_security_group_ingress_rule", actions=("create",))
    same = entry(group["change"]["after"], group["change"]["after"], type="aws_security_group")
    (found,) = find_drift(planned([group, gone], [same, again]))
    assert (found.address, found.kind) == ("aws_vpc_security_group_ingress_rule.this", Kind.DELETED)


def test_a_bucket_policy_is_the_business_of_its_own_resource() -> None:
    drift = ({"id": "b", "policy": ""}, {"id": "b", "policy": "{}"})
    assert with_companions("aws_s3_bucket", drift, ("aws_s3_bucket_policy", {"bucket": "b", "policy": "{}"})) == ()
    assert with_companions("aws_s3_bucket", drift, ("aws_s3_bucket_policy", {"bucket": "c", "policy": "{}"})) != ()


def test_a_route_that_nobody_declared_is_named() -> None:
    routes = [{"cidr_block": "0.0.0.0/0", "gateway_id": "igw-1"}, {"cidr_block": "9.0.0.0/8", "gateway_id": "igw-1"}]
    declared = {"route_table_id": "rtb-1", "destination_cidr_block": "0.0.0.0/0", "gateway_id": "igw-1"}
    drift = ({"id": "rtb-1", "route": []}, {"id": "rtb-1", "route": routes})
    (found,) = with_companions("aws_route_table", drift, ("aws_route", declared))
    assert only(found, "route")[1] == [{"destination": "9.0.0.0/8", "target": "igw-1"}]


def test_an_address_that_its_gateway_took_is_no_drift() -> None:
    before = {"id": "eipalloc-1", "association_id": "", "private_ip": "", "private_dns": None}
    after = {"id": "eipalloc-1", "association_id": "eipassoc-1", "private_ip": "10.0.0.9", "private_dns": "ip-10-0-0-9"}
    gateway = {"allocation_id": "eipalloc-1", "association_id": "eipassoc-1", "private_ip": "10.0.0.9"}
    assert with_companions("aws_eip", (before, after), ("aws_nat_gateway", gateway)) == ()
    (found,) = with_companions("aws_eip", (before, after))
    assert {difference.path for difference in found.differences} >= {"association_id", "private_ip"}


def test_a_policy_that_somebody_else_attached_is_named() -> None:
    drift = ({"id": "p", "arn": "p", "attachment_count": 0}, {"id": "p", "arn": "p", "attachment_count": 2})
    attachments = [("aws_iam_role_policy_attachment", {"role": name, "policy_arn": "p"}) for name in ("a", "b")]
    assert with_companions("aws_iam_policy", drift, *attachments) == ()
    (found,) = with_companions("aws_iam_policy", drift, attachments[0])
    assert only(found, "attachment_count")[:2] == (0, 2)


def test_a_stack_of_which_nothing_is_recorded_is_not_applied() -> None:
    assert not is_applied(planned([], [entry(None, {"x": 1}, actions=("create",))]))
    assert is_applied(planned([], [entry(None, {"x": 1}, actions=("create",)), entry({"x": 1}, {"x": 1}, name="b")]))
    # all of it was deleted behind Terraform's back
    gone = entry({"x": 1}, None, actions=("delete",))
    assert is_applied(planned([gone], [entry(None, {"x": 1}, actions=("create",))]))


def test_values_that_nobody_may_use_account_for_nothing_and_fail_nothing() -> None:
    role = entry({"id": "r", "inline_policy": []}, {"id": "r", "inline_policy": [{"name": "p", "policy": "{}"}]})
    role |= {"type": "aws_iam_role", "address": "aws_iam_role.r"}
    after = {"role": "r", "name": "p", "policy": None}
    new = entry(None, after, type="aws_iam_role_policy", actions=("create",), after_unknown={"policy": True})
    same = {**role, "change": {**role["change"], "actions": ["no-op"], "before": role["change"]["after"]}}
    drift, made = find_drift(planned([role], [same, new]))
    assert (drift.address, made.address) == ("aws_iam_role.r", "aws_iam_role_policy.this")

"""The alarms: on what, above what, and who hears of it."""

import pytest

from stackproof import Plan, Resource, Stack
from stackproof.analysis.wiring import consumers

from . import written
from .policies import DOCUMENT

ALARM = "aws_cloudwatch_metric_alarm"


def fires_above(alarm: Resource, threshold: float) -> bool:
    return bool(alarm["comparison_operator"] == "GreaterThanThreshold" and alarm["threshold"] == threshold)


@pytest.mark.requirement("MON-1")
def test_alarm_fires_above_80_percent_cpu(stack: Stack) -> None:
    alarm = stack.resource(ALARM, index="cpu")
    assert (alarm["namespace"], alarm["metric_name"]) == ("AWS/ECS", "CPUUtilization")
    assert fires_above(alarm, 80)


@pytest.mark.requirement("MON-2")
def test_alarm_fires_above_80_percent_memory(stack: Stack) -> None:
    alarm = stack.resource(ALARM, index="memory")
    assert (alarm["namespace"], alarm["metric_name"]) == ("AWS/ECS", "MemoryUtilization")
    assert fires_above(alarm, 80)


@pytest.mark.requirement("MON-1", "MON-2")
@pytest.mark.parametrize("what", ["cpu", "memory"])
def test_those_alarms_watch_the_service(resolved: Stack, what: str) -> None:
    alarm = resolved.resource(ALARM, index=what)
    assert alarm.wired("dimensions.ClusterName").is_exactly(resolved.resource("aws_ecs_cluster"))
    assert alarm.wired("dimensions.ServiceName").is_exactly(resolved.resource("aws_ecs_service"))
    assert alarm["dimensions"] == {
        "ClusterName": resolved.resource("aws_ecs_cluster")["name"],
        "ServiceName": resolved.resource("aws_ecs_service")["name"],
    }


@pytest.mark.requirement("MON-3")
def test_alarm_fires_on_an_unhealthy_target(stack: Stack) -> None:
    alarm = stack.resource(ALARM, name="unhealthy_targets")
    assert (alarm["namespace"], alarm["metric_name"]) == ("AWS/ApplicationELB", "UnHealthyHostCount")
    assert fires_above(alarm, 0)


@pytest.mark.requirement("MON-3")
def test_that_alarm_watches_the_target_group(resolved: Stack) -> None:
    alarm = resolved.resource(ALARM, name="unhealthy_targets")
    assert alarm.wired("dimensions.LoadBalancer").is_exactly(resolved.resource("aws_lb"))
    assert alarm.wired("dimensions.TargetGroup").is_exactly(resolved.resource("aws_lb_target_group"))
    assert alarm["dimensions"] == {
        "LoadBalancer": resolved.resource("aws_lb")["arn_suffix"],
        "TargetGroup": resolved.resource("aws_lb_target_group")["arn_suffix"],
    }


@pytest.mark.requirement("MON-4")
def test_event_rule_matches_failed_executions_of_the_pipeline(resolved: Stack) -> None:
    rule = resolved.resource("aws_cloudwatch_event_rule")
    assert rule.wired("event_pattern").is_exactly(resolved.resource("aws_codepipeline"))
    assert rule.document("event_pattern") == {
        "source": ["aws.codepipeline"],
        "detail-type": ["CodePipeline Pipeline Execution State Change"],
        "detail": {"pipeline": [resolved.resource("aws_codepipeline")["name"]], "state": ["FAILED"]},
    }


@pytest.mark.requirement("MON-5")
def test_alarm_fires_on_a_failed_execution(resolved: Stack) -> None:
    alarm = resolved.resource(ALARM, name="pipeline_failures")
    assert (alarm["namespace"], alarm["metric_name"]) == ("AWS/Events", "TriggeredRules")
    assert alarm.wired("dimensions.RuleName").is_exactly(resolved.resource("aws_cloudwatch_event_rule"))
    assert list(alarm["dimensions"]) == ["RuleName"]
    assert fires_above(alarm, 0)


@pytest.mark.requirement("MON-6")
def test_every_alarm_goes_to_the_topic(resolved: Stack) -> None:
    for alarm in resolved.resources(ALARM):
        assert alarm["actions_enabled"]
        assert alarm.wired("alarm_actions").is_exactly(resolved.resource("aws_sns_topic"))
        assert len(alarm["alarm_actions"]) == 1


@pytest.mark.requirement("MON-7")
def test_failed_execution_goes_to_the_topic(resolved: Stack) -> None:
    target = resolved.resource("aws_cloudwatch_event_target")
    assert target.wired("rule").is_exactly(resolved.resource("aws_cloudwatch_event_rule"))
    assert target.wired("arn").is_exactly(resolved.resource("aws_sns_topic"))


@pytest.mark.requirement("MON-8")
def test_every_threshold_is_what_its_variable_says(plan: Plan) -> None:
    variables = plan.variables
    assert {alarm.index or alarm.name: alarm["threshold"] for alarm in plan.resources(ALARM)} == {
        "cpu": variables["cpu_alarm_threshold_percent"],
        "memory": variables["memory_alarm_threshold_percent"],
        "unhealthy_targets": variables["unhealthy_targets_alarm_threshold"],
        "pipeline_failures": variables["pipeline_failures_alarm_threshold"],
    }


@pytest.mark.requirement("MON-8")
def test_every_threshold_comes_from_a_variable(resolved: Stack) -> None:
    for alarm in resolved.resources(ALARM):
        for way in alarm.ways("threshold"):
            assert way[-1].what == "variable", f"{alarm.address}: threshold: {way[-1]}"


@pytest.mark.requirement("MON-9")
def test_module_hands_out_the_arn_of_every_alarm(resolved: Stack) -> None:
    assert "alarm_arns" in written.module("monitoring").output_names
    alarms = {alarm.index or alarm.name: alarm["arn"] for alarm in resolved.resources(ALARM)}
    assert resolved.output("alarm_arns") == alarms


@pytest.mark.requirement("MON-10")
def test_what_recovers_is_told_to_the_topic_too(resolved: Stack) -> None:
    for alarm in (*resolved.resources(ALARM, name="utilization"), resolved.resource(ALARM, name="unhealthy_targets")):
        assert alarm.wired("ok_actions").is_exactly(resolved.resource("aws_sns_topic"))
        assert len(alarm["ok_actions"]) == 1


@pytest.mark.requirement("MON-11")
def test_nothing_publishes_to_the_topic_but_alarms_and_the_event_rule(resolved: Stack) -> None:
    uses = consumers(resolved, resolved.resource("aws_sns_topic"))
    its_own = {"aws_sns_topic_policy", "aws_sns_topic_subscription", DOCUMENT}
    publishers = [*resolved.resources(ALARM), resolved.resource("aws_cloudwatch_event_target")]
    using = {use.address for use in uses if resolved[use.address].type not in its_own}
    assert using == {publisher.address for publisher in publishers}

"""The alarms: on what, above what, and who hears of it."""

import pytest

from stackproof import Plan, Resource, Stack

from . import written

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
def test_those_alarms_watch_the_service(stack: Stack, what: str) -> None:
    assert stack.resource(ALARM, index=what)["dimensions"] == {
        "ClusterName": stack.resource("aws_ecs_cluster")["name"],
        "ServiceName": stack.resource("aws_ecs_service")["name"],
    }


@pytest.mark.requirement("MON-3")
def test_alarm_fires_on_an_unhealthy_target(stack: Stack) -> None:
    alarm = stack.resource(ALARM, name="unhealthy_targets")
    assert (alarm["namespace"], alarm["metric_name"]) == ("AWS/ApplicationELB", "UnHealthyHostCount")
    assert fires_above(alarm, 0)


@pytest.mark.requirement("MON-3")
@pytest.mark.until_apply
def test_that_alarm_watches_the_target_group(stack: Stack) -> None:
    assert stack.resource(ALARM, name="unhealthy_targets")["dimensions"] == {
        "LoadBalancer": stack.resource("aws_lb")["arn_suffix"],
        "TargetGroup": stack.resource("aws_lb_target_group")["arn_suffix"],
    }


@pytest.mark.requirement("MON-4")
def test_event_rule_matches_failed_executions_of_the_pipeline(stack: Stack) -> None:
    assert stack.resource("aws_cloudwatch_event_rule").document("event_pattern") == {
        "source": ["aws.codepipeline"],
        "detail-type": ["CodePipeline Pipeline Execution State Change"],
        "detail": {"pipeline": [stack.resource("aws_codepipeline")["name"]], "state": ["FAILED"]},
    }


@pytest.mark.requirement("MON-5")
def test_alarm_fires_on_a_failed_execution(stack: Stack) -> None:
    alarm = stack.resource(ALARM, name="pipeline_failures")
    assert (alarm["namespace"], alarm["metric_name"]) == ("AWS/Events", "TriggeredRules")
    assert alarm["dimensions"] == {"RuleName": stack.resource("aws_cloudwatch_event_rule")["name"]}
    assert fires_above(alarm, 0)


@pytest.mark.requirement("MON-6")
def test_every_alarm_acts(stack: Stack) -> None:
    for alarm in stack.resources(ALARM):
        assert alarm["actions_enabled"]
        assert alarm.get("alarm_actions") is not None


@pytest.mark.requirement("MON-6")
def test_every_alarm_is_written_to_act_through_the_topic() -> None:
    call = written.root().block("module", "monitoring")
    alarms = [block for block in written.module("monitoring").blocks if ALARM in block.labels]
    assert written.expression(call, "topic_arn") == "module.codepipeline.topic_arn", written.place(call)
    for alarm in alarms:
        assert written.expression(alarm, "alarm_actions") == "[var.topic_arn]", written.place(alarm)


@pytest.mark.requirement("MON-6")
@pytest.mark.until_apply
def test_every_alarm_goes_to_the_topic(stack: Stack) -> None:
    for alarm in stack.resources(ALARM):
        assert alarm["alarm_actions"] == [stack.resource("aws_sns_topic")["arn"]]


@pytest.mark.requirement("MON-7")
def test_event_rule_has_a_target(stack: Stack) -> None:
    target = stack.resource("aws_cloudwatch_event_target")
    assert target["rule"] == stack.resource("aws_cloudwatch_event_rule")["name"]
    assert target.get("arn") is not None


@pytest.mark.requirement("MON-7")
@pytest.mark.until_apply
def test_event_goes_to_the_topic(stack: Stack) -> None:
    target = stack.resource("aws_cloudwatch_event_target")
    assert target["arn"] == stack.resource("aws_sns_topic")["arn"]


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
def test_no_threshold_is_written_as_a_number() -> None:
    thresholds = [
        (written.place(block), written.expression(block, "threshold"))
        for block in written.module("monitoring").blocks
        if ALARM in block.labels
    ]
    assert thresholds
    assert not [threshold for threshold in thresholds if not threshold[1].startswith(("var.", "each.value."))]


@pytest.mark.requirement("MON-9")
def test_module_hands_out_the_arn_of_every_alarm() -> None:
    output = written.module("monitoring").block("output", "alarm_arns")
    value = written.expression(output, "value")
    for alarm in ("cpu", "memory", "unhealthy_targets", "pipeline_failures"):
        assert f"{alarm} = {ALARM}." in value, written.place(output)

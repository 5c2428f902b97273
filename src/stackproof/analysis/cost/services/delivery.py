"""Delivery: builds and pipelines.

https://aws.amazon.com/codebuild/pricing/, https://aws.amazon.com/codepipeline/pricing/
"""

from __future__ import annotations

from collections.abc import Mapping

from stackproof.analysis.cost.bill import Bill, Missing
from stackproof.analysis.cost.ranges import Range
from stackproof.analysis.cost.services.pricer import Pricer

_PLATFORMS = {"LINUX_CONTAINER": "linux", "ARM_CONTAINER": "arm"}


def _project(bill: Bill) -> None:
    size, platform = bill.text("environment[0].compute_type"), bill.text("environment[0].type", "LINUX_CONTAINER")
    builds, minutes = bill.figure("builds"), bill.figure("minutes_per_build")
    if size is None or platform is None or builds is None or minutes is None:
        return
    if platform not in _PLATFORMS or not size.startswith("BUILD_GENERAL1_"):
        bill.gap(Missing.UNPRICED, f"builds on {size}, {platform}")
        return
    key = f"codebuild.{_PLATFORMS[platform]}.{size.removeprefix('BUILD_GENERAL1_').lower()}"
    bill.monthly("build minutes", key, Range.exactly(builds.value * minutes.value), by=(builds, minutes))


def _pipeline(bill: Bill) -> None:
    generation = bill.text("pipeline_type", "V1")
    if generation == "V1":
        bill.monthly("active pipeline", "codepipeline.v1", basis="if a change runs through it")
    elif generation == "V2":
        runs, minutes = bill.figure("executions"), bill.figure("minutes_per_execution")
        if runs is not None and minutes is not None:
            total = Range.exactly(runs.value * minutes.value)
            bill.monthly("action minutes", "codepipeline.v2.minute", total, by=(runs, minutes))


PRICERS: Mapping[str, Pricer] = {
    "aws_codebuild_project": Pricer(
        "CodeBuild", _project, {"builds": "builds", "minutes_per_build": "minutes of a build, each begun one counted"}
    ),
    "aws_codepipeline": Pricer(
        "CodePipeline",
        _pipeline,
        {
            "executions": "executions (of a V2 pipeline)",
            "minutes_per_execution": "minutes of all its actions together, each begun one counted",
        },
    ),
}

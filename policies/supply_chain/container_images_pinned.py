"""Containers name the version of the image that they run."""

from __future__ import annotations

from stackproof.plan.values import Value
from stackproof.plan.wiring import Traced
from stackproof.policy.rule import About, Case, Rule, Severity

IMAGES = {
    "aws_codebuild_project": "environment[0].image",
    "aws_ecs_task_definition": "container_definitions",
    "aws_lambda_function": "image_uri",
}

UNTAGGED = frozenset({"repository_url"})
"""Attributes that hold an address without a tag."""


class ContainerImagesPinned(Rule):
    about = About(
        id="SP_SUP_010",
        title="Containers run an image with a version",
        severity=Severity.MEDIUM,
        types=tuple(IMAGES),
        why="what runs changes with whatever is pushed next: two tasks may differ, and nothing can go back",
        remedy="name a digest, or a tag that is never moved, in place of latest or stable",
        source="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/container-considerations.html",
        options={"floating": ("edge", "latest", "nightly", "stable")},
    )

    def judge(self, case: Case) -> None:
        path = IMAGES[case.resource.type]
        if path == "container_definitions":
            for container in case.resource.document(path):
                with case.part():
                    _judge_image(case, f"container {container['name']}", container["image"], path)
        elif case.given(path):
            _judge_image(case, case.resource.name, case.given(path), path)


def _judge_image(case: Case, who: str, image: Value, path: str) -> None:
    version = image.rpartition("/")[2]
    if "@" in version:
        return
    if isinstance(image, Traced) and {feed.attribute for feed in image.feeds} - UNTAGGED:
        case.undecided(f"which version {who} runs is not known", path)
    elif version.partition(":")[2] in ("", *case.options["floating"]):
        case.fail(f"{who} runs whatever was pushed last", path)


check = ContainerImagesPinned()

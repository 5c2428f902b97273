"""A tag of an image means the same image for ever."""

from __future__ import annotations

from stackproof.policy.rule import About, Case, Rule, Severity


class ImageTagsImmutable(Rule):
    about = About(
        id="SP_EXP_014",
        title="ECR tags are immutable",
        severity=Severity.MEDIUM,
        types=("aws_ecr_repository", "aws_ecr_repository_creation_template"),
        why="whoever may push can put another image behind a tag that was tested, and tasks then start that",
        remedy='set image_tag_mutability = "IMMUTABLE", and give every build a tag of its own',
        source="https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html",
    )

    def judge(self, case: Case) -> None:
        if case.given("image_tag_mutability", "MUTABLE") == "MUTABLE":
            case.fail("tags can be moved to another image", "image_tag_mutability")


check = ImageTagsImmutable()

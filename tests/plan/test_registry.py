"""The image repository."""

import pytest

from stackproof import Stack
from stackproof.analysis.wiring import consumers

from . import written


@pytest.mark.requirement("ECR-1")
def test_there_is_one_repository(stack: Stack) -> None:
    assert len(stack.resources("aws_ecr_repository")) == 1


@pytest.mark.requirement("ECR-2")
def test_every_push_is_scanned(stack: Stack) -> None:
    assert stack.resource("aws_ecr_repository")["image_scanning_configuration[0].scan_on_push"]


@pytest.mark.requirement("ECR-3")
def test_tags_are_immutable(stack: Stack) -> None:
    assert stack.resource("aws_ecr_repository")["image_tag_mutability"] == "IMMUTABLE"


@pytest.mark.requirement("ECR-4")
def test_last_10_images_are_kept_and_older_ones_expire(stack: Stack) -> None:
    [rule] = stack.resource("aws_ecr_lifecycle_policy").document("policy")["rules"]
    assert rule["action"] == {"type": "expire"}
    assert rule["selection"] == {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 10}


@pytest.mark.requirement("ECR-4")
def test_lifecycle_is_that_of_the_repository(resolved: Stack) -> None:
    repository = resolved.resource("aws_ecr_repository")
    assert resolved.resource("aws_ecr_lifecycle_policy").wired("repository").is_exactly(repository)


@pytest.mark.requirement("ECR-5")
def test_images_are_encrypted_with_aes_256(stack: Stack) -> None:
    repository = stack.resource("aws_ecr_repository")
    assert repository["encryption_configuration[0].encryption_type"] == "AES256"


@pytest.mark.requirement("ECR-6")
def test_module_hands_out_url_and_arn() -> None:
    assert {"repository_url", "repository_arn"} <= written.module("ecr").output_names


@pytest.mark.requirement("ECR-7")
def test_repository_is_used_by_task_build_and_their_roles_only(resolved: Stack) -> None:
    uses = {resolved[use.address] for use in consumers(resolved, resolved.resource("aws_ecr_repository"))}
    assert {(use.type, use.name) for use in uses} == {
        ("aws_ecr_lifecycle_policy", "this"),
        ("aws_ecs_task_definition", "this"),
        ("aws_codebuild_project", "this"),
        ("aws_iam_policy_document", "task_execution"),
        ("aws_iam_role_policy", "task_execution"),
        ("aws_iam_policy_document", "codebuild"),
        ("aws_iam_role_policy", "codebuild"),
    }

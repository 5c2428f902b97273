"""The known ways from some rights to more, as data: which actions each needs, and what they have to be allowed on.

Collected from https://bishopfox.com/blog/privilege-escalation-in-aws, the table of cloudsplaining
(https://github.com/salesforce/cloudsplaining) and https://pathfinding.cloud; the actions are those of the Service
Authorization Reference.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

RHINO = "https://rhinosecuritylabs.com/aws/aws-privilege-escalation-methods-mitigation/"
CLOUDSPLAINING = "https://cloudsplaining.readthedocs.io/en/latest/glossary/privilege-escalation/"


class Target(StrEnum):
    """What the first action of a method is done to."""

    ROLE = "role"
    USER = "user"
    GROUP = "group"
    POLICY = "managed policy"


@dataclass(frozen=True)
class IdentityMethod:
    """Changes who somebody is or what somebody may do."""

    name: str
    action: str
    target: Target
    explanation: str
    source: str = RHINO

    @property
    def gives_credentials(self) -> bool:
        """Whether it gives a user's credentials, which are nothing new for that user."""
        return self.action in ("iam:CreateAccessKey", "iam:CreateLoginProfile", "iam:UpdateLoginProfile")


@dataclass(frozen=True)
class PassRoleMethod:
    """Hands a role to a service that runs something of the caller's choice with it.

    `service` must be trusted by the role. Of each group in `actions` one action is needed.
    """

    name: str
    service: str
    actions: tuple[tuple[str, ...], ...]
    explanation: str
    source: str = RHINO


@dataclass(frozen=True)
class ComputeMethod:
    """Takes over something that runs with a role already, of one of these resource types."""

    name: str
    actions: tuple[tuple[str, ...], ...]
    types: tuple[str, ...]
    explanation: str
    source: str = CLOUDSPLAINING


IDENTITY_METHODS: tuple[IdentityMethod, ...] = (
    IdentityMethod(
        "write a role's inline policy", "iam:PutRolePolicy", Target.ROLE, "it can write the role any policy"
    ),
    IdentityMethod(
        "attach a policy to a role", "iam:AttachRolePolicy", Target.ROLE, "it can attach any policy to the role"
    ),
    IdentityMethod(
        "detach a policy from a role",
        "iam:DetachRolePolicy",
        Target.ROLE,
        "it can take a policy that denies away",
        CLOUDSPLAINING,
    ),
    IdentityMethod(
        "delete a role's inline policy",
        "iam:DeleteRolePolicy",
        Target.ROLE,
        "it can take a policy that denies away",
        CLOUDSPLAINING,
    ),
    IdentityMethod(
        "change whom a role trusts", "iam:UpdateAssumeRolePolicy", Target.ROLE, "it can let itself assume the role"
    ),
    IdentityMethod(
        "remove a role's boundary",
        "iam:DeleteRolePermissionsBoundary",
        Target.ROLE,
        "nothing limits the role any more",
        CLOUDSPLAINING,
    ),
    IdentityMethod(
        "replace a role's boundary",
        "iam:PutRolePermissionsBoundary",
        Target.ROLE,
        "it can give the role a wider boundary",
        CLOUDSPLAINING,
    ),
    IdentityMethod(
        "write a user's inline policy", "iam:PutUserPolicy", Target.USER, "it can write the user any policy"
    ),
    IdentityMethod(
        "attach a policy to a user", "iam:AttachUserPolicy", Target.USER, "it can attach any policy to the user"
    ),
    IdentityMethod("make a user's access key", "iam:CreateAccessKey", Target.USER, "it gets the user's credentials"),
    IdentityMethod("make a user's password", "iam:CreateLoginProfile", Target.USER, "it can log in as the user"),
    IdentityMethod("change a user's password", "iam:UpdateLoginProfile", Target.USER, "it can log in as the user"),
    IdentityMethod(
        "remove a user's boundary",
        "iam:DeleteUserPermissionsBoundary",
        Target.USER,
        "nothing limits the user any more",
        CLOUDSPLAINING,
    ),
    IdentityMethod("join a group", "iam:AddUserToGroup", Target.GROUP, "it can put a user into the group"),
    IdentityMethod(
        "write a group's inline policy", "iam:PutGroupPolicy", Target.GROUP, "it can write the group any policy"
    ),
    IdentityMethod(
        "attach a policy to a group", "iam:AttachGroupPolicy", Target.GROUP, "it can attach any policy to the group"
    ),
    IdentityMethod(
        "write a managed policy", "iam:CreatePolicyVersion", Target.POLICY, "whoever has the policy gets what it writes"
    ),
    IdentityMethod(
        "go back to a policy's other version",
        "iam:SetDefaultPolicyVersion",
        Target.POLICY,
        "an older version may allow more",
    ),
)

PASS_ROLE_METHODS: tuple[PassRoleMethod, ...] = (
    PassRoleMethod(
        "run a new task",
        "ecs-tasks.amazonaws.com",
        (("ecs:RegisterTaskDefinition",), ("ecs:RunTask", "ecs:StartTask", "ecs:CreateService", "ecs:UpdateService")),
        "a task of its choice runs with the role",
        CLOUDSPLAINING,
    ),
    PassRoleMethod(
        "make a function",
        "lambda.amazonaws.com",
        (
            ("lambda:CreateFunction",),
            (
                "lambda:InvokeFunction",
                "lambda:CreateEventSourceMapping",
                "lambda:AddPermission",
                "lambda:CreateFunctionUrlConfig",
            ),
        ),
        "a function of its choice runs with the role",
    ),
    PassRoleMethod(
        "start an instance", "ec2.amazonaws.com", (("ec2:RunInstances",),), "an instance of its choice has the role"
    ),
    PassRoleMethod(
        "give an instance a role",
        "ec2.amazonaws.com",
        (("ec2:AssociateIamInstanceProfile", "ec2:ReplaceIamInstanceProfileAssociation"),),
        "an instance that it can enter gets the role",
        CLOUDSPLAINING,
    ),
    PassRoleMethod(
        "make instances by a group",
        "ec2.amazonaws.com",
        (
            ("autoscaling:CreateLaunchConfiguration", "ec2:CreateLaunchTemplate"),
            ("autoscaling:CreateAutoScalingGroup", "autoscaling:UpdateAutoScalingGroup"),
        ),
        "instances of its choice have the role",
        CLOUDSPLAINING,
    ),
    PassRoleMethod(
        "make a stack",
        "cloudformation.amazonaws.com",
        (("cloudformation:CreateStack",),),
        "a template of its choice is made with the role",
    ),
    PassRoleMethod(
        "make a build",
        "codebuild.amazonaws.com",
        (("codebuild:CreateProject", "codebuild:UpdateProject"), ("codebuild:StartBuild", "codebuild:StartBuildBatch")),
        "commands of its choice run with the role",
        CLOUDSPLAINING,
    ),
    PassRoleMethod(
        "make a pipeline",
        "datapipeline.amazonaws.com",
        (("datapipeline:CreatePipeline",), ("datapipeline:PutPipelineDefinition",), ("datapipeline:ActivatePipeline",)),
        "a pipeline of its choice runs with the role",
    ),
    PassRoleMethod(
        "make a development endpoint",
        "glue.amazonaws.com",
        (("glue:CreateDevEndpoint",),),
        "it can enter an endpoint with the role",
    ),
    PassRoleMethod(
        "make a Glue job",
        "glue.amazonaws.com",
        (("glue:CreateJob", "glue:UpdateJob"), ("glue:StartJobRun", "glue:CreateTrigger")),
        "a job of its choice runs with the role",
        CLOUDSPLAINING,
    ),
    PassRoleMethod(
        "make a notebook",
        "sagemaker.amazonaws.com",
        (("sagemaker:CreateNotebookInstance",), ("sagemaker:CreatePresignedNotebookInstanceUrl",)),
        "it can enter a notebook with the role",
        CLOUDSPLAINING,
    ),
    PassRoleMethod(
        "make a SageMaker job",
        "sagemaker.amazonaws.com",
        (("sagemaker:CreateTrainingJob", "sagemaker:CreateProcessingJob"),),
        "a job of its choice runs with the role",
        CLOUDSPLAINING,
    ),
    PassRoleMethod(
        "make a state machine",
        "states.amazonaws.com",
        (
            ("states:CreateStateMachine", "states:UpdateStateMachine"),
            ("states:StartExecution", "states:StartSyncExecution"),
        ),
        "a state machine of its choice acts with the role",
        CLOUDSPLAINING,
    ),
    PassRoleMethod(
        "run an automation",
        "ssm.amazonaws.com",
        (("ssm:StartAutomationExecution",),),
        "an automation of its choice acts with the role",
        CLOUDSPLAINING,
    ),
    PassRoleMethod(
        "make a schedule",
        "scheduler.amazonaws.com",
        (("scheduler:CreateSchedule",),),
        "calls of its choice are made with the role",
        "https://pathfinding.cloud",
    ),
    PassRoleMethod(
        "make a service of App Runner",
        "tasks.apprunner.amazonaws.com",
        (("apprunner:CreateService", "apprunner:UpdateService"),),
        "a container of its choice runs with the role",
        "https://pathfinding.cloud",
    ),
)

COMPUTE_METHODS: tuple[ComputeMethod, ...] = (
    ComputeMethod(
        "change a function's code",
        (("lambda:UpdateFunctionCode",),),
        ("aws_lambda_function",),
        "its code runs with the function's role",
        RHINO,
    ),
    ComputeMethod(
        "change a function's layers",
        (("lambda:UpdateFunctionConfiguration",),),
        ("aws_lambda_function",),
        "its code runs with the function's role",
    ),
    ComputeMethod(
        "send a command to an instance",
        (("ssm:SendCommand", "ssm:StartSession"),),
        ("aws_instance",),
        "its commands run with the instance's role",
    ),
    ComputeMethod(
        "log in to an instance",
        (("ec2-instance-connect:SendSSHPublicKey", "ec2-instance-connect:SendSerialConsoleSSHPublicKey"),),
        ("aws_instance",),
        "its commands run with the instance's role",
    ),
    ComputeMethod(
        "enter a task", (("ecs:ExecuteCommand",),), ("aws_ecs_cluster",), "its commands run with the tasks' roles"
    ),
    ComputeMethod(
        "change a build",
        (("codebuild:UpdateProject",), ("codebuild:StartBuild", "codebuild:StartBuildBatch")),
        ("aws_codebuild_project",),
        "its commands run with the project's role",
    ),
    ComputeMethod(
        "override a build",
        (("codebuild:StartBuild", "codebuild:StartBuildBatch"),),
        ("aws_codebuild_project",),
        "a build specification of its choice runs with the project's role",
    ),
    ComputeMethod(
        "change a state machine",
        (("states:UpdateStateMachine",),),
        ("aws_sfn_state_machine",),
        "it acts with the state machine's role",
    ),
)

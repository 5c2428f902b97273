"""The known ways from some rights to more, as data: which actions each needs, and what they are done to.

Collected from https://rhinosecuritylabs.com/aws/aws-privilege-escalation-methods-mitigation/, from the table of
cloudsplaining (https://github.com/salesforce/cloudsplaining) and https://pathfinding.cloud; the actions are those of
the Service Authorization Reference. Left out is what AWS has ended, such as CodeStar, and what puts code where
something else runs it later, such as a pushed image.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

RHINO = "https://rhinosecuritylabs.com/aws/aws-privilege-escalation-methods-mitigation/"
PATHS = "https://pathfinding.cloud/paths/"
USER_GUIDE = "https://docs.aws.amazon.com/IAM/latest/UserGuide/"

Group = tuple[str, ...]
"""Actions of which one is needed."""


class Kind(StrEnum):
    """What an action on identities is done to."""

    ROLE = "role"
    USER = "user"
    GROUP = "group"
    POLICY = "policy"


class Outcome(StrEnum):
    """What a principal gets by an action on identities."""

    WRITES = "it decides what the target may do"
    BECOMES = "it may do what the target may do"
    LIFTS = "what limits the target is gone"


@dataclass(frozen=True)
class IdentityMethod:
    """Changes who somebody is, or what somebody may do."""

    name: str
    action: str
    kind: Kind
    outcome: Outcome
    explanation: str
    source: str = RHINO
    doubt: str = ""


@dataclass(frozen=True)
class NewIdentityMethod:
    """Makes a role or user, and gives it rights: of each group one action is needed, all on the new one."""

    name: str
    actions: tuple[Group, ...]
    kind: Kind
    explanation: str
    source: str


@dataclass(frozen=True)
class PassRoleMethod:
    """Hands a role that trusts a service to this service, which does something of the principal's choice with it.

    Of each group in `actions` one action is needed.
    """

    name: str
    service: str
    actions: tuple[Group, ...]
    explanation: str
    source: str


@dataclass(frozen=True)
class TakeOverMethod:
    """Has something of a Terraform type, that has a role already, do something of the principal's choice.

    Of each group in `actions` one action is needed, on it. `needs` names an argument without which it does not work.
    """

    name: str
    type: str
    actions: tuple[Group, ...]
    explanation: str
    source: str
    needs: str = ""
    doubt: str = ""


Method = IdentityMethod | NewIdentityMethod | PassRoleMethod | TakeOverMethod

IDENTITY_METHODS: tuple[IdentityMethod, ...] = (
    IdentityMethod(
        "write a role's inline policy",
        "iam:PutRolePolicy",
        Kind.ROLE,
        Outcome.WRITES,
        "it can write the role any policy",
    ),
    IdentityMethod(
        "attach a policy to a role",
        "iam:AttachRolePolicy",
        Kind.ROLE,
        Outcome.WRITES,
        "it can attach any policy to the role",
    ),
    IdentityMethod(
        "write a user's inline policy",
        "iam:PutUserPolicy",
        Kind.USER,
        Outcome.WRITES,
        "it can write the user any policy",
    ),
    IdentityMethod(
        "attach a policy to a user",
        "iam:AttachUserPolicy",
        Kind.USER,
        Outcome.WRITES,
        "it can attach any policy to the user",
    ),
    IdentityMethod(
        "write a group's inline policy",
        "iam:PutGroupPolicy",
        Kind.GROUP,
        Outcome.WRITES,
        "it can write the group any policy",
    ),
    IdentityMethod(
        "attach a policy to a group",
        "iam:AttachGroupPolicy",
        Kind.GROUP,
        Outcome.WRITES,
        "it can attach any policy to the group",
    ),
    IdentityMethod(
        "write a managed policy",
        "iam:CreatePolicyVersion",
        Kind.POLICY,
        Outcome.WRITES,
        "it can write a new default version of the policy",
    ),
    IdentityMethod(
        "go back to a policy's other version",
        "iam:SetDefaultPolicyVersion",
        Kind.POLICY,
        Outcome.WRITES,
        "another version of the policy may allow more",
        doubt="it depends on what other versions of the policy allow",
    ),
    IdentityMethod(
        "change whom a role trusts",
        "iam:UpdateAssumeRolePolicy",
        Kind.ROLE,
        Outcome.BECOMES,
        "it can let the role trust it, and then assume it",
    ),
    IdentityMethod(
        "make a user's access key", "iam:CreateAccessKey", Kind.USER, Outcome.BECOMES, "it gets credentials of the user"
    ),
    IdentityMethod(
        "make a user's password", "iam:CreateLoginProfile", Kind.USER, Outcome.BECOMES, "it can log in as the user"
    ),
    IdentityMethod(
        "change a user's password", "iam:UpdateLoginProfile", Kind.USER, Outcome.BECOMES, "it can log in as the user"
    ),
    IdentityMethod(
        "join a group", "iam:AddUserToGroup", Kind.GROUP, Outcome.BECOMES, "it can make itself a member of the group"
    ),
    IdentityMethod(
        "remove a role's boundary",
        "iam:DeleteRolePermissionsBoundary",
        Kind.ROLE,
        Outcome.LIFTS,
        "nothing limits the role any more",
        f"{USER_GUIDE}access_policies_boundaries.html",
    ),
    IdentityMethod(
        "replace a role's boundary",
        "iam:PutRolePermissionsBoundary",
        Kind.ROLE,
        Outcome.LIFTS,
        "it can give the role a wider boundary",
        f"{USER_GUIDE}access_policies_boundaries.html",
    ),
    IdentityMethod(
        "remove a user's boundary",
        "iam:DeleteUserPermissionsBoundary",
        Kind.USER,
        Outcome.LIFTS,
        "nothing limits the user any more",
        f"{USER_GUIDE}access_policies_boundaries.html",
    ),
    IdentityMethod(
        "replace a user's boundary",
        "iam:PutUserPermissionsBoundary",
        Kind.USER,
        Outcome.LIFTS,
        "it can give the user a wider boundary",
        f"{USER_GUIDE}access_policies_boundaries.html",
    ),
    IdentityMethod(
        "delete a role's inline policy",
        "iam:DeleteRolePolicy",
        Kind.ROLE,
        Outcome.LIFTS,
        "what the policy denies is not denied any more",
        f"{USER_GUIDE}reference_policies_evaluation-logic.html",
    ),
    IdentityMethod(
        "detach a policy from a role",
        "iam:DetachRolePolicy",
        Kind.ROLE,
        Outcome.LIFTS,
        "what the policy denies is not denied any more",
        f"{USER_GUIDE}reference_policies_evaluation-logic.html",
    ),
    IdentityMethod(
        "delete a user's inline policy",
        "iam:DeleteUserPolicy",
        Kind.USER,
        Outcome.LIFTS,
        "what the policy denies is not denied any more",
        f"{USER_GUIDE}reference_policies_evaluation-logic.html",
    ),
    IdentityMethod(
        "detach a policy from a user",
        "iam:DetachUserPolicy",
        Kind.USER,
        Outcome.LIFTS,
        "what the policy denies is not denied any more",
        f"{USER_GUIDE}reference_policies_evaluation-logic.html",
    ),
)

NEW_IDENTITY_METHODS: tuple[NewIdentityMethod, ...] = (
    NewIdentityMethod(
        "make a role",
        (("iam:CreateRole",), ("iam:PutRolePolicy", "iam:AttachRolePolicy")),
        Kind.ROLE,
        "it can make a role that trusts it and may do anything",
        f"{USER_GUIDE}id_roles_create.html",
    ),
    NewIdentityMethod(
        "make a user",
        (
            ("iam:CreateUser",),
            ("iam:PutUserPolicy", "iam:AttachUserPolicy"),
            ("iam:CreateAccessKey", "iam:CreateLoginProfile"),
        ),
        Kind.USER,
        "it can make a user that may do anything, and log in as it",
        f"{USER_GUIDE}id_users_create.html",
    ),
)

PASS_ROLE_METHODS: tuple[PassRoleMethod, ...] = (
    PassRoleMethod(
        "run a new task",
        "ecs-tasks.amazonaws.com",
        (("ecs:RegisterTaskDefinition",), ("ecs:RunTask", "ecs:StartTask", "ecs:CreateService", "ecs:UpdateService")),
        "a task of its choice runs with the role",
        f"{PATHS}ecs-004",
    ),
    PassRoleMethod(
        "make a function",
        "lambda.amazonaws.com",
        (
            ("lambda:CreateFunction",),
            ("lambda:InvokeFunction", "lambda:CreateEventSourceMapping", "lambda:AddPermission"),
        ),
        "a function of its choice runs with the role",
        RHINO,
    ),
    PassRoleMethod(
        "give a function another role",
        "lambda.amazonaws.com",
        (
            ("lambda:UpdateFunctionConfiguration",),
            ("lambda:UpdateFunctionCode",),
            ("lambda:InvokeFunction", "lambda:CreateEventSourceMapping", "lambda:AddPermission"),
        ),
        "a function with its code runs with the role",
        "https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html",
    ),
    PassRoleMethod(
        "start an instance",
        "ec2.amazonaws.com",
        (("ec2:RunInstances", "ec2:RequestSpotInstances"),),
        "an instance of its choice has the role",
        RHINO,
    ),
    PassRoleMethod(
        "give an instance a role",
        "ec2.amazonaws.com",
        (
            ("ec2:AssociateIamInstanceProfile", "ec2:ReplaceIamInstanceProfileAssociation"),
            ("ssm:StartSession", "ssm:SendCommand"),
        ),
        "an instance that it can enter gets the role",
        "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/attach-iam-role.html",
    ),
    PassRoleMethod(
        "make instances by a group",
        "ec2.amazonaws.com",
        (
            ("autoscaling:CreateLaunchConfiguration", "ec2:CreateLaunchTemplate"),
            ("autoscaling:CreateAutoScalingGroup", "autoscaling:UpdateAutoScalingGroup"),
        ),
        "instances of its choice have the role",
        "https://docs.aws.amazon.com/autoscaling/ec2/userguide/us-iam-role.html",
    ),
    PassRoleMethod(
        "make a stack",
        "cloudformation.amazonaws.com",
        (("cloudformation:CreateStack",),),
        "a template of its choice is made with the role",
        RHINO,
    ),
    PassRoleMethod(
        "make a stack by a change set",
        "cloudformation.amazonaws.com",
        (("cloudformation:CreateChangeSet",), ("cloudformation:ExecuteChangeSet",)),
        "a template of its choice is made with the role",
        f"{PATHS}cloudformation-005",
    ),
    PassRoleMethod(
        "give a stack another role",
        "cloudformation.amazonaws.com",
        (("cloudformation:UpdateStack",),),
        "a template of its choice is made with the role",
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-iam-servicerole.html",
    ),
    PassRoleMethod(
        "make a build",
        "codebuild.amazonaws.com",
        (("codebuild:CreateProject", "codebuild:UpdateProject"), ("codebuild:StartBuild", "codebuild:StartBuildBatch")),
        "commands of its choice run with the role",
        f"{PATHS}codebuild-001",
    ),
    PassRoleMethod(
        "make a delivery pipeline",
        "codepipeline.amazonaws.com",
        (("codepipeline:CreatePipeline", "codepipeline:UpdatePipeline"),),
        "commands of its choice run with the role",
        "https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-Commands.html",
    ),
    PassRoleMethod(
        "make a pipeline",
        "datapipeline.amazonaws.com",
        (("datapipeline:CreatePipeline",), ("datapipeline:PutPipelineDefinition",), ("datapipeline:ActivatePipeline",)),
        "a pipeline of its choice runs with the role",
        RHINO,
    ),
    PassRoleMethod(
        "make a development endpoint",
        "glue.amazonaws.com",
        (("glue:CreateDevEndpoint",),),
        "it can enter an endpoint with the role",
        RHINO,
    ),
    PassRoleMethod(
        "make a Glue job",
        "glue.amazonaws.com",
        (("glue:CreateJob", "glue:UpdateJob"), ("glue:StartJobRun", "glue:CreateTrigger")),
        "a job of its choice runs with the role",
        f"{PATHS}glue-003",
    ),
    PassRoleMethod(
        "run a Glue session",
        "glue.amazonaws.com",
        (("glue:CreateSession",), ("glue:RunStatement",)),
        "statements of its choice run with the role",
        "https://docs.aws.amazon.com/glue/latest/dg/interactive-sessions-overview.html",
    ),
    PassRoleMethod(
        "make a notebook",
        "sagemaker.amazonaws.com",
        (("sagemaker:CreateNotebookInstance",), ("sagemaker:CreatePresignedNotebookInstanceUrl",)),
        "it can enter a notebook with the role",
        f"{PATHS}sagemaker-001",
    ),
    PassRoleMethod(
        "make a SageMaker job",
        "sagemaker.amazonaws.com",
        (("sagemaker:CreateTrainingJob", "sagemaker:CreateProcessingJob"),),
        "a job of its choice runs with the role",
        f"{PATHS}sagemaker-002",
    ),
    PassRoleMethod(
        "make a state machine",
        "states.amazonaws.com",
        (
            ("states:CreateStateMachine", "states:UpdateStateMachine"),
            ("states:StartExecution", "states:StartSyncExecution"),
        ),
        "a state machine of its choice acts with the role",
        "https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html",
    ),
    PassRoleMethod(
        "run an automation",
        "ssm.amazonaws.com",
        (("ssm:CreateDocument", "ssm:UpdateDocument"), ("ssm:StartAutomationExecution",)),
        "an automation of its choice acts with the role",
        "https://docs.aws.amazon.com/systems-manager/latest/userguide/automation-setup.html",
    ),
    PassRoleMethod(
        "make a schedule",
        "scheduler.amazonaws.com",
        (("scheduler:CreateSchedule", "scheduler:UpdateSchedule"),),
        "calls of its choice are made with the role",
        "https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-universal.html",
    ),
    PassRoleMethod(
        "make a service of App Runner",
        "tasks.apprunner.amazonaws.com",
        (("apprunner:CreateService", "apprunner:UpdateService"),),
        "a container of its choice runs with the role",
        f"{PATHS}apprunner-001",
    ),
    PassRoleMethod(
        "run a batch job",
        "ecs-tasks.amazonaws.com",
        (("batch:RegisterJobDefinition",), ("batch:SubmitJob",)),
        "a container of its choice runs with the role",
        "https://docs.aws.amazon.com/batch/latest/userguide/job_definition_parameters.html",
    ),
    PassRoleMethod(
        "run a cluster of EMR",
        "ec2.amazonaws.com",
        (("elasticmapreduce:RunJobFlow",),),
        "steps of its choice run with the role",
        "https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-iam-roles.html",
    ),
    PassRoleMethod(
        "run a job of EMR Serverless",
        "emr-serverless.amazonaws.com",
        (("emr-serverless:StartJobRun",),),
        "a job of its choice runs with the role",
        "https://docs.aws.amazon.com/emr/latest/EMR-Serverless-UserGuide/jobs.html",
    ),
    PassRoleMethod(
        "make a code interpreter",
        "bedrock-agentcore.amazonaws.com",
        (
            ("bedrock-agentcore:CreateCodeInterpreter",),
            ("bedrock-agentcore:StartCodeInterpreterSession",),
            ("bedrock-agentcore:InvokeCodeInterpreter",),
        ),
        "code of its choice runs with the role",
        f"{PATHS}bedrock-001",
    ),
)

OVERRIDE_TASK = PassRoleMethod(
    "override a task",
    "ecs-tasks.amazonaws.com",
    (("ecs:RunTask", "ecs:StartTask"),),
    "a command of its choice runs in a task with the role",
    f"{PATHS}ecs-008",
)
"""Needs a task definition, and to pass its execution role as well."""

ASSUME = TakeOverMethod(
    "assume a role",
    "aws_iam_role",
    (("sts:AssumeRole",),),
    "it acts as the role",
    "https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html",
)

TAKE_OVER_METHODS: tuple[TakeOverMethod, ...] = (
    TakeOverMethod(
        "change a function's code",
        "aws_lambda_function",
        (("lambda:UpdateFunctionCode",),),
        "its code runs with the function's role",
        RHINO,
    ),
    TakeOverMethod(
        "change a function's layers",
        "aws_lambda_function",
        (("lambda:UpdateFunctionConfiguration",),),
        "its code runs with the function's role",
        "https://docs.aws.amazon.com/lambda/latest/dg/runtimes-modify.html",
    ),
    TakeOverMethod(
        "send a command to an instance",
        "aws_instance",
        (("ssm:SendCommand", "ssm:StartSession"),),
        "its commands run with the instance's role",
        "https://docs.aws.amazon.com/systems-manager/latest/userguide/run-command.html",
        doubt="it depends on whether the instance is managed by Systems Manager",
    ),
    TakeOverMethod(
        "log in to an instance",
        "aws_instance",
        (("ec2-instance-connect:SendSSHPublicKey", "ec2-instance-connect:SendSerialConsoleSSHPublicKey"),),
        "its commands run with the instance's role",
        "https://docs.aws.amazon.com/ec2-instance-connect/latest/APIReference/API_SendSSHPublicKey.html",
        doubt="it depends on whether the instance can be reached by SSH, or its serial console is open",
    ),
    TakeOverMethod(
        "change what an instance starts with",
        "aws_instance",
        (("ec2:ModifyInstanceAttribute",), ("ec2:StopInstances",), ("ec2:StartInstances",)),
        "its commands run with the instance's role",
        f"{PATHS}ec2-002",
    ),
    TakeOverMethod(
        "enter a task",
        "aws_ecs_service",
        (("ecs:ExecuteCommand",),),
        "its commands run with the task's role",
        f"{PATHS}ecs-006",
        needs="enable_execute_command",
    ),
    TakeOverMethod(
        "override a build",
        "aws_codebuild_project",
        (("codebuild:StartBuild", "codebuild:StartBuildBatch"),),
        "a build specification of its choice runs with the project's role",
        "https://docs.aws.amazon.com/codebuild/latest/APIReference/API_StartBuild.html",
    ),
    TakeOverMethod(
        "change a state machine",
        "aws_sfn_state_machine",
        (("states:UpdateStateMachine",),),
        "it acts with the state machine's role",
        "https://docs.aws.amazon.com/step-functions/latest/apireference/API_UpdateStateMachine.html",
    ),
    TakeOverMethod(
        "change a stack",
        "aws_cloudformation_stack",
        (("cloudformation:UpdateStack", "cloudformation:ExecuteChangeSet"),),
        "a template of its choice is made with the stack's role",
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-iam-servicerole.html",
    ),
    TakeOverMethod(
        "enter a development endpoint",
        "aws_glue_dev_endpoint",
        (("glue:UpdateDevEndpoint",),),
        "its commands run with the endpoint's role",
        RHINO,
    ),
    TakeOverMethod(
        "enter a notebook",
        "aws_sagemaker_notebook_instance",
        (("sagemaker:CreatePresignedNotebookInstanceUrl",),),
        "its commands run with the notebook's role",
        f"{PATHS}sagemaker-004",
    ),
    TakeOverMethod(
        "change a service of App Runner",
        "aws_apprunner_service",
        (("apprunner:UpdateService",),),
        "a container of its choice runs with the service's role",
        "https://docs.aws.amazon.com/apprunner/latest/dg/security_iam_service-with-iam.html",
    ),
)

RUNS_AS: Mapping[str, tuple[str, ...]] = {
    "aws_apprunner_service": ("instance_configuration[0].instance_role_arn",),
    "aws_cloudformation_stack": ("iam_role_arn",),
    "aws_codebuild_project": ("service_role",),
    "aws_ecs_service": ("task_definition",),
    "aws_ecs_task_definition": ("task_role_arn",),
    "aws_glue_dev_endpoint": ("role_arn",),
    "aws_iam_instance_profile": ("role",),
    "aws_instance": ("iam_instance_profile", "launch_template[0].id", "launch_template[0].name"),
    "aws_lambda_function": ("role",),
    "aws_launch_template": ("iam_instance_profile[0].name", "iam_instance_profile[0].arn"),
    "aws_sagemaker_notebook_instance": ("role_arn",),
    "aws_sfn_state_machine": ("role_arn",),
}
"""The arguments that lead from what runs to the role whose credentials are in reach there.

A task's execution role is not: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html
"""

ACTIONS = frozenset(
    action.lower()
    for action in (
        *(method.action for method in IDENTITY_METHODS),
        *(
            action
            for groups in (
                *(method.actions for method in (*PASS_ROLE_METHODS, OVERRIDE_TASK)),
                *(method.actions for method in (*TAKE_OVER_METHODS, ASSUME)),
                *(method.actions for method in NEW_IDENTITY_METHODS),
            )
            for group in groups
            for action in group
        ),
        "iam:PassRole",
    )
)
"""Every action that a method needs, in lower case."""

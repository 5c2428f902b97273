"""What requests ask for, held against what botocore and other clients really send."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from typing import Any

import boto3  # type: ignore[import-untyped]
import botocore.awsrequest  # type: ignore[import-untyped]
import botocore.serialize  # type: ignore[import-untyped]
import pytest

from stackproof.sandbox.api import models, requests
from stackproof.sandbox.api.wire import HttpRequest

pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")


def sent(service: str, action: str, parameters: Mapping[str, Any]) -> HttpRequest:
    """The request that boto3 makes of a call."""
    client = boto3.client(
        service,
        endpoint_url="http://127.0.0.1:1",
        region_name="eu-west-1",
        aws_access_key_id="AKIAEXAMPLE000000000",
        aws_secret_access_key="example",
    )
    kept: list[HttpRequest] = []

    def keep(request: Any, **_: Any) -> Any:
        headers = {
            name.lower(): value.decode() if isinstance(value, bytes) else str(value)
            for name, value in request.headers.items()
        }
        body = request.body.read() if hasattr(request.body, "read") else request.body or b""
        target = request.url[request.url.index("/", len("http://")) :]
        kept.append(HttpRequest(request.method, target, headers, body if isinstance(body, bytes) else body.encode()))
        return botocore.awsrequest.AWSResponse(request.url, 400, {}, None)

    client.meta.events.register("before-send", keep)
    method = next(name for name, operation in client.meta.method_to_api_mapping.items() if operation == action)
    with contextlib.suppress(Exception):  # the answer is none
        getattr(client, method)(**parameters)
    return kept[0]


def signed(service: str, **headers: str) -> dict[str, str]:
    credential = f"AKIAEXAMPLE000000000/20270101/eu-west-1/{service}/aws4_request"
    authorization = f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host, Signature=0"
    return {"authorization": authorization, **{name.replace("_", "-"): value for name, value in headers.items()}}


BUCKET = {"Bucket": "archive"}
CALLS: list[tuple[str, str, dict[str, Any]]] = [
    ("iam", "CreateRole", {"RoleName": "r", "AssumeRolePolicyDocument": "{}", "Tags": [{"Key": "a", "Value": "b"}]}),
    ("sts", "GetCallerIdentity", {}),
    ("elb", "DescribeLoadBalancers", {"LoadBalancerNames": ["a", "b"]}),
    ("elbv2", "DescribeLoadBalancers", {"Names": ["a", "b"]}),
    ("rds", "CreateDBInstance", {"DBInstanceIdentifier": "d", "DBInstanceClass": "c", "Engine": "mysql"}),
    (
        "cloudwatch",
        "PutMetricAlarm",
        {"AlarmName": "a", "EvaluationPeriods": 2, "ComparisonOperator": "LessThanThreshold"},
    ),
    ("sns", "CreateTopic", {"Name": "t", "Attributes": {"DisplayName": "shown", "KmsMasterKeyId": "k"}}),
    ("sqs", "CreateQueue", {"QueueName": "q", "Attributes": {"DelaySeconds": "1"}}),
    ("ses", "VerifyEmailIdentity", {"EmailAddress": "a@example.com"}),
    ("sesv2", "CreateEmailIdentity", {"EmailIdentity": "example.com"}),
    ("ec2", "DescribeVpcs", {"Filters": [{"Name": "vpc-id", "Values": ["vpc-1", "vpc-2"]}]}),
    (
        "ec2",
        "AuthorizeSecurityGroupIngress",
        {
            "GroupId": "sg-1",
            "IpPermissions": [{"FromPort": 80, "IpProtocol": "tcp", "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}],
        },
    ),
    ("ecs", "CreateService", {"serviceName": "s", "cluster": "c", "desiredCount": 2}),
    ("logs", "PutRetentionPolicy", {"logGroupName": "/a/b", "retentionInDays": 30}),
    ("dynamodb", "DescribeTable", {"TableName": "t"}),
    ("dynamodbstreams", "ListStreams", {"TableName": "table"}),
    (
        "application-autoscaling",
        "DeregisterScalableTarget",
        {"ServiceNamespace": "ecs", "ResourceId": "service/a/b", "ScalableDimension": "ecs:service:DesiredCount"},
    ),
    ("lambda", "GetFunction", {"FunctionName": "f"}),
    ("lambda", "ListTags", {"Resource": "arn:aws:lambda:eu-west-1:123456789012:function:f"}),
    ("apigateway", "GetRestApi", {"restApiId": "abc"}),
    ("apigatewayv2", "GetApi", {"ApiId": "abc"}),
    ("route53", "GetHostedZone", {"Id": "Z1"}),
    ("cloudfront", "GetDistribution", {"Id": "E1"}),
    ("s3control", "GetPublicAccessBlock", {"AccountId": "123456789012"}),
    ("s3", "ListBuckets", {}),
    ("s3", "CreateBucket", BUCKET | {"CreateBucketConfiguration": {"LocationConstraint": "eu-west-1"}}),
    ("s3", "HeadBucket", BUCKET),
    ("s3", "GetBucketPolicy", BUCKET),
    ("s3", "PutBucketPolicy", BUCKET | {"Policy": "{}"}),
    ("s3", "ListObjectsV2", BUCKET | {"Prefix": "a/"}),
    ("s3", "ListObjectVersions", BUCKET),
    ("s3", "PutObject", BUCKET | {"Key": "a/b c+d"}),
    ("s3", "HeadObject", BUCKET | {"Key": "a/b"}),
    ("s3", "GetObjectTagging", BUCKET | {"Key": "a"}),
    ("s3", "CopyObject", BUCKET | {"Key": "a", "CopySource": "other/b"}),
    ("s3", "CreateMultipartUpload", BUCKET | {"Key": "a"}),
    ("s3", "UploadPart", BUCKET | {"Key": "a", "PartNumber": 2, "UploadId": "u"}),
    ("s3", "ListParts", BUCKET | {"Key": "a", "UploadId": "u"}),
    ("s3", "GetBucketLifecycleConfiguration", BUCKET),
    ("s3", "ListBucketAnalyticsConfigurations", BUCKET),
    ("s3", "GetBucketAnalyticsConfiguration", BUCKET | {"Id": "i"}),
    ("s3", "PutBucketTagging", BUCKET | {"Tagging": {"TagSet": [{"Key": "a", "Value": "b"}]}}),
    (
        "s3",
        "PutBucketLifecycleConfiguration",
        BUCKET | {"LifecycleConfiguration": {"Rules": [{"ID": "r", "Status": "Enabled", "Filter": {"Prefix": ""}}]}},
    ),
]


@pytest.mark.parametrize(
    ("service", "action", "parameters"), CALLS, ids=lambda value: value if isinstance(value, str) else ""
)
def test_a_call_is_read_back(service: str, action: str, parameters: dict[str, Any]) -> None:
    read = requests.read(sent(service, action, parameters))
    assert (read.service, read.action) == (service, action)
    assert read.region in ("eu-west-1", "us-east-1")
    assert {name: read.parameters.get(name) for name in parameters} == parameters


SECRETS: list[tuple[str, str, dict[str, Any]]] = [
    ("secretsmanager", "CreateSecret", {"Name": "named", "SecretString": "hush"}),
    ("ssm", "PutParameter", {"Name": "named", "Value": "hush", "Type": "SecureString"}),
    (
        "rds",
        "CreateDBInstance",
        {"DBInstanceIdentifier": "named", "DBInstanceClass": "c", "Engine": "e", "MasterUserPassword": "hush"},
    ),
    ("iam", "CreateLoginProfile", {"UserName": "named", "Password": "hush"}),
    ("sqs", "SendMessage", {"QueueUrl": "named", "MessageBody": "hush"}),
    ("sns", "Publish", {"TopicArn": "named", "Message": "hush"}),
    ("ec2", "RunInstances", {"MinCount": 1, "MaxCount": 1, "ImageId": "named", "UserData": "hush"}),
    ("dynamodb", "PutItem", {"TableName": "named", "Item": {"a": {"S": "hush"}}}),
    ("s3", "PutObject", {"Bucket": "named", "Key": "k", "Body": b"hush"}),
    (
        "ecs",
        "RegisterTaskDefinition",
        {"family": "named", "containerDefinitions": [{"environment": [{"name": "A", "value": "hush"}]}]},
    ),
    ("lambda", "UpdateFunctionConfiguration", {"FunctionName": "named", "Environment": {"Variables": {"A": "hush"}}}),
    (
        "codebuild",
        "CreateProject",
        {
            "name": "named",
            "source": {"type": "S3"},
            "artifacts": {"type": "S3"},
            "serviceRole": "r",
            "environment": {
                "type": "ARM_CONTAINER",
                "image": "i",
                "computeType": "BUILD_GENERAL1_SMALL",
                "environmentVariables": [{"name": "A", "value": "hush"}],
            },
        },
    ),
]


@pytest.mark.parametrize(
    ("service", "action", "parameters"), SECRETS, ids=lambda value: value if isinstance(value, str) else ""
)
def test_secrets_are_not_among_the_parameters(service: str, action: str, parameters: dict[str, Any]) -> None:
    read = requests.read(sent(service, action, parameters))
    assert read.action == action
    assert '"named"' in json.dumps(read.parameters)
    assert "hush" not in json.dumps(read.parameters)


def test_a_token_in_a_free_map_is_not_among_the_parameters() -> None:
    action = {
        "name": "source",
        "actionTypeId": {"category": "Source", "owner": "ThirdParty", "provider": "GitHub", "version": "1"},
        "configuration": {"Owner": "somebody", "OAuthToken": "hush"},
    }
    store = {"type": "S3", "location": "bucket"}
    stages = [{"name": "source", "actions": [action]}]
    asked = {
        "pipeline": {
            "name": "p",
            "roleArn": "arn:aws:iam::123456789012:role/r",
            "artifactStore": store,
            "stages": stages,
        }
    }
    said = json.dumps(requests.read(sent("codepipeline", "CreatePipeline", asked)).parameters)
    assert "somebody" in said
    assert "hush" not in said


def test_a_stage_may_be_called_environment() -> None:
    asked = {"logGroupName": "/a", "tags": {"Environment": "dev", "Team": "t"}}
    assert requests.read(sent("logs", "CreateLogGroup", asked)).parameters == asked


def test_where_a_secret_is_may_be_said() -> None:
    asked = {"SecretId": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:n"}
    assert requests.read(sent("secretsmanager", "DescribeSecret", asked)).parameters == asked


@pytest.mark.parametrize(
    "service", ["s3", "s3control", "lambda", "apigateway", "apigatewayv2", "route53", "cloudfront", "eks", "efs"]
)
def test_each_operation_of_a_rest_service_is_told_from_the_others(service: str) -> None:
    model = models.service_model(service)
    serializer = botocore.serialize.create_serializer(model.protocol, include_validation=False)
    signing_name = next(one.signing_name for one in models.services() if one.name == service)
    mistaken = []
    for name in model.operation_names:
        operation = model.operation_model(name)
        needed = dict.fromkeys(operation.input_shape.required_members, "1") if operation.input_shape else {}
        simple = {
            key: value
            for key, value in needed.items()
            if operation.input_shape.members[key].serialization.get("location") in ("uri", "querystring", "header")
        }
        made = serializer.serialize_to_request(simple, operation)
        query = (
            "&".join(f"{key}={value}" for key, value in made["query_string"].items()) if made["query_string"] else ""
        )
        joint = "&" if "?" in made["url_path"] else "?"
        headers = signed(signing_name) | {key.lower(): value for key, value in made["headers"].items()}
        read = requests.read(HttpRequest(made["method"], made["url_path"] + (joint + query if query else ""), headers))
        # ListDirectoryBuckets is ListBuckets, asked of another host
        if (
            (read.service, read.action) != (service, name)
            and not operation.deprecated
            and name != "ListDirectoryBuckets"
        ):
            mistaken.append((name, str(read)))
    assert mistaken == []


@pytest.mark.parametrize(
    ("agent", "service"), [("aws-sdk-go-v2/1.36 api/neptune#1.37", "neptune"), ("Boto3/1.35", "rds")]
)
def test_services_that_differ_in_nothing_are_told_apart_by_the_client(agent: str, service: str) -> None:
    headers = signed("rds", user_agent=agent, content_type="application/x-www-form-urlencoded")
    read = requests.read(HttpRequest("POST", "/", headers, b"Action=DescribeDBClusters&Version=2014-10-31"))
    assert (read.service, read.action) == (service, "DescribeDBClusters")


def test_a_call_in_cbor_is_read() -> None:
    headers = signed("monitoring", smithy_protocol="rpc-v2-cbor", content_type="application/cbor")
    path = "/service/GraniteServiceVersion20100801/operation/DeleteAlarms"
    # {"AlarmNames": ["a"]}, the list of unknown length
    body = b"\xa1\x6aAlarmNames\x9f\x61a\xff"
    read = requests.read(HttpRequest("POST", path, headers, body))
    assert (str(read), read.parameters) == ("cloudwatch:DeleteAlarms", {"AlarmNames": ["a"]})


def test_an_unsigned_call_is_read_by_what_it_says_itself() -> None:
    headers = {"content-type": "application/x-amz-json-1.1", "x-amz-target": "AWSCognitoIdentityProviderService.SignUp"}
    assert str(requests.read(HttpRequest("POST", "/", headers, b"{}"))) == "cognito-idp:SignUp"
    form = {"content-type": "application/x-www-form-urlencoded"}
    body = b"Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=r"
    assert str(requests.read(HttpRequest("POST", "/", form, body))) == "sts:AssumeRoleWithWebIdentity"


def test_a_presigned_call_is_read() -> None:
    query = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIA%2F20270101%2Feu-west-1%2Fs3%2Faws4_request"
    read = requests.read(HttpRequest("GET", f"/archive/a?{query}"))
    assert (str(read), read.region, read.parameters) == ("s3:GetObject", "eu-west-1", {"Bucket": "archive", "Key": "a"})


UNREADABLE = [
    HttpRequest("GET", "/"),
    HttpRequest("GET", "//x?y#z"),
    HttpRequest("POST", "http://[", signed("s3"), b"\xff"),
    HttpRequest("BREW", "/pot", signed("s3")),
    HttpRequest("POST", "/", signed("nosuch", x_amz_target="NoSuch.Do"), b"{"),
    HttpRequest("POST", "/", signed("ecs", x_amz_target="AmazonEC2ContainerServiceV20141113.CreateService"), b"[1"),
    HttpRequest("POST", "/", signed("ecs", x_amz_target="AmazonEC2ContainerServiceV20141113.CreateService"), b"[1]"),
    HttpRequest("POST", "/", signed("ecs", x_amz_target="AmazonEC2ContainerServiceV20141113.Nothing"), b"{}"),
    HttpRequest(
        "POST", "/", signed("ec2", content_type="application/x-www-form-urlencoded"), b"Action=RunInstances&MinCount=x"
    ),
    HttpRequest("PUT", "/archive?tagging", signed("s3"), b"<Tagging><"),
    HttpRequest(
        "POST", "/service/GraniteServiceVersion20100801/operation/DeleteAlarms", signed("monitoring"), b"\xbf\x9f"
    ),
]


@pytest.mark.parametrize("http", UNREADABLE, ids=lambda http: f"{http.method} {http.target}")
def test_whatever_is_sent_is_read_as_far_as_it_goes(http: HttpRequest) -> None:
    read = requests.read(http)
    assert isinstance(str(read), str)
    assert read.parameters == {} or read.service in ("s3", "ec2")


def test_what_is_not_known_keeps_its_name() -> None:
    read = requests.read(HttpRequest("POST", "/", signed("nosuch", x_amz_target="NoSuch.Do"), b"{}"))
    assert (read.service, read.action) == ("nosuch", "Do")

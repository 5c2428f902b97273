"""EC2 instances give credentials only to callers that ask for a session first."""

from __future__ import annotations

from stackproof.policy.rule import About, Case, Rule, Severity

OPTIONS = "metadata_options"
TOKENS = f"{OPTIONS}[0].http_tokens"


class InstanceMetadataV2(Rule):
    """An instance that leaves its options to a launch template is judged there."""

    about = About(
        id="SP_EXP_016",
        title="EC2 instances require version 2 of the metadata service",
        severity=Severity.HIGH,
        types=("aws_instance", "aws_launch_template", "aws_launch_configuration", "aws_spot_instance_request"),
        why="an application that fetches any address for an attacker hands out the credentials of the instance's role",
        remedy='set http_tokens = "required" in metadata_options, or in aws_ec2_instance_metadata_defaults',
        source="https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-IMDS-new-instances.html",
    )

    def judge(self, case: Case) -> None:
        if not case.blocks(OPTIONS) and case.blocks("launch_template"):
            return
        defaults = case.stack.resources("aws_ec2_instance_metadata_defaults")
        tokens = case.given(TOKENS) or next((case.given("http_tokens", of=each) for each in defaults), None)
        if tokens != "required" and case.given(f"{OPTIONS}[0].http_endpoint") != "disabled":
            case.fail("version 1 of the metadata service answers", TOKENS)


check = InstanceMetadataV2()

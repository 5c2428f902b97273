"""CloudFront accepts no version of TLS that is outdated."""

from __future__ import annotations

from stackproof.policy.rule import About, Case, Rule, Severity

CERTIFICATE = "viewer_certificate[0]"
OUTDATED = ("SSLv3", "TLSv1", "TLSv1_2016", "TLSv1.1_2016")


class DistributionTlsVersion(Rule):
    about = About(
        id="SP_TLS_007",
        title="CloudFront accepts no outdated TLS",
        severity=Severity.MEDIUM,
        types=("aws_cloudfront_distribution",),
        why="old versions of TLS have known weaknesses, and a client can be talked down to the oldest one accepted",
        remedy='name a certificate of your own and set minimum_protocol_version = "TLSv1.2_2021"',
        source="https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/secure-connections-supported-viewer-protocols-ciphers.html",
    )

    def judge(self, case: Case) -> None:
        if case.given(f"{CERTIFICATE}.cloudfront_default_certificate"):
            case.fail("CloudFront's own certificate comes with TLSv1", f"{CERTIFICATE}.cloudfront_default_certificate")
            return
        version = case.given(f"{CERTIFICATE}.minimum_protocol_version", "TLSv1")
        if version in OUTDATED:
            case.fail(f"viewers may use {version}", f"{CERTIFICATE}.minimum_protocol_version")


check = DistributionTlsVersion()

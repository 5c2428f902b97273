"""CloudFront serves viewers over HTTPS only."""

from __future__ import annotations

from stackproof.policy.rule import About, Case, Rule, Severity


class DistributionRequiresHttps(Rule):
    about = About(
        id="SP_TLS_006",
        title="CloudFront serves no plain HTTP",
        severity=Severity.HIGH,
        types=("aws_cloudfront_distribution",),
        why="whoever is on the path reads what viewers send and get, and can change every page",
        remedy='set viewer_protocol_policy to "redirect-to-https" or "https-only" in every cache behavior',
        source="https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-https-viewers-to-cloudfront.html",
    )

    def judge(self, case: Case) -> None:
        for name in ("default_cache_behavior", "ordered_cache_behavior"):
            for number, behavior in enumerate(case.blocks(name)):
                with case.part():
                    if behavior["viewer_protocol_policy"] == "allow-all":
                        case.fail("viewers may use plain HTTP", f"{name}[{number}].viewer_protocol_policy")


check = DistributionRequiresHttps()

"""Images are scanned when they are pushed, by their repository or by the registry."""

from __future__ import annotations

from fnmatch import fnmatchcase

from stackproof.policy.rule import About, Case, Rule, Severity

PATH = "image_scanning_configuration[0].scan_on_push"


class ImagesScanned(Rule):
    about = About(
        id="SP_EXP_015",
        title="ECR scans images when they are pushed",
        severity=Severity.MEDIUM,
        types=("aws_ecr_repository",),
        why="known vulnerabilities in the image go live, and nobody knows",
        remedy="set scan_on_push = true in image_scanning_configuration, or let the registry scan",
        source="https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning.html",
    )

    def judge(self, case: Case) -> None:
        if not case.given(PATH) and not self._is_scanned_by_registry(case):
            case.fail("pushed images are not scanned", PATH)

    @staticmethod
    def _is_scanned_by_registry(case: Case) -> bool:
        return any(
            fnmatchcase(str(case.given("name")), str(pattern["filter"]))
            for registry in case.stack.resources("aws_ecr_registry_scanning_configuration")
            for rule in case.blocks("rule", of=registry)
            if rule["scan_frequency"] != "MANUAL"
            for pattern in rule["repository_filter"]
        )


check = ImagesScanned()

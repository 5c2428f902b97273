"""OpenSearch domains answer over HTTPS only."""

from __future__ import annotations

from stackproof.policy.rule import About, Case, Rule, Severity

PATH = "domain_endpoint_options[0].enforce_https"


class SearchRequiresHttps(Rule):
    about = About(
        id="SP_TLS_009",
        title="OpenSearch answers over HTTPS only",
        severity=Severity.MEDIUM,
        types=("aws_opensearch_domain", "aws_elasticsearch_domain"),
        why="whoever is on the path reads documents, queries and passwords",
        remedy="add domain_endpoint_options with enforce_https = true",
        source="https://docs.aws.amazon.com/opensearch-service/latest/developerguide/infrastructure-security.html",
    )

    def judge(self, case: Case) -> None:
        # true is the default in the block, and false that of a domain without the block
        if not case.blocks("domain_endpoint_options") or not case.given(PATH, default=True):
            case.fail("the domain answers plain HTTP", PATH)


check = SearchRequiresHttps()

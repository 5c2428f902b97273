"""No ACL of S3 gives anything to everybody, or to everybody with an AWS account."""

from __future__ import annotations

from stackproof.policy.rule import About, Case, Rule, Severity

PUBLIC = ("public-read", "public-read-write", "authenticated-read")
EVERYBODY = (
    "http://acs.amazonaws.com/groups/global/AllUsers",
    "http://acs.amazonaws.com/groups/global/AuthenticatedUsers",
)
GRANTS = {
    "aws_s3_bucket": ("grant", "uri"),
    "aws_s3_bucket_acl": ("access_control_policy[0].grant", "grantee[0].uri"),
    "aws_s3_object_copy": ("grant", "uri"),
}
"""Where grants are written one by one, and who gets each."""


class NoPublicAcl(Rule):
    about = About(
        id="SP_EXP_008",
        title="No ACL opens S3 to everybody",
        severity=Severity.HIGH,
        types=(*GRANTS, "aws_s3_object", "aws_s3_bucket_object"),
        why="anybody who guesses or finds the name reads the objects, or writes new ones",
        remedy="write no ACL, and let policies say who may read; a site for everybody goes through CloudFront",
        source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#canned-acl",
    )

    def judge(self, case: Case) -> None:
        with case.part():
            acl = case.given("acl")
            if acl in PUBLIC:
                case.fail(f"the ACL is {acl}", "acl")
            if acl:
                return  # the provider takes either an ACL or grants
        grants, grantee = GRANTS.get(case.resource.type, ("grant", ""))
        for grant in case.block_paths(grants):
            with case.part():
                path = f"{grant}.{grantee}"
                who = case.given(path)
                if who in EVERYBODY:
                    case.fail(f"a grant is for {who.rpartition('/')[2]}", path)


check = NoPublicAcl()

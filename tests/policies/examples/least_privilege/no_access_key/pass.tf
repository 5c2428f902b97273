resource "aws_iam_access_key" "retired" {
  user   = "robot"
  status = "Inactive"
}

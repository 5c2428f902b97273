resource "aws_ecr_repository" "this" {
  name                 = "immutable"
  image_tag_mutability = "IMMUTABLE"
}

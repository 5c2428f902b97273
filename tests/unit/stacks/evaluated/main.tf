# What resolving is tried on: values made of ids and ARNs, in all ways that a configuration has.
terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

variable "secret" {
  type      = string
  sensitive = true
}

variable "name" {
  type = string
}

provider "aws" {
  region = local.region

  default_tags {
    tags = {
      Environment = var.name
    }
  }
}

locals {
  region = "eu-west-1"
  ports  = { http = 80, https = 443 }
}

resource "aws_vpc" "this" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_subnet" "this" {
  count      = 2
  vpc_id     = aws_vpc.this.id
  cidr_block = cidrsubnet(aws_vpc.this.cidr_block, 8, count.index)
}

resource "aws_s3_bucket" "named" {
  bucket = "${var.name}-logs"
}

resource "aws_s3_bucket" "prefixed" {
  bucket_prefix = "${var.name}-"
}

resource "aws_iam_role" "this" {
  name               = "${var.name}-task"
  path               = "/service/"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_cloudwatch_log_group" "this" {
  name = "/app/${var.name}"
}

resource "aws_security_group" "other" {
  name_prefix = "other-"
  vpc_id      = aws_vpc.this.id
}

# blocks that are a set, of which the plan knows some parts
resource "aws_security_group" "this" {
  name   = var.name
  vpc_id = aws_vpc.this.id

  dynamic "ingress" {
    for_each = local.ports

    content {
      description     = ingress.key
      from_port       = ingress.value
      to_port         = ingress.value
      protocol        = "tcp"
      security_groups = ingress.key == "http" ? [aws_security_group.other.id] : [aws_security_group.third.id, aws_security_group.other.id]
    }
  }

  ingress {
    description = "all known"
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["10.0.0.0/8"]
  }
}

resource "aws_security_group" "third" {
  vpc_id = aws_vpc.this.id
}

# sets that are unknown as a whole, defaults that overrides leave out, numbers that only an apply makes
resource "aws_lb" "this" {
  name            = "${var.name}-front"
  internal        = true
  subnets         = [for subnet in aws_subnet.this : subnet.id]
  security_groups = toset([aws_security_group.this.id, aws_security_group.other.id])
}

resource "aws_autoscaling_group" "this" {
  max_size                  = 1
  min_size                  = 1
  vpc_zone_identifier       = aws_subnet.this[*].id
  health_check_grace_period = aws_lb.this.idle_timeout

  launch_template {
    id      = aws_launch_template.this.id
    version = aws_launch_template.this.latest_version
  }
}

resource "aws_launch_template" "this" {
  name_prefix = var.name
  user_data   = base64encode(templatefile("${path.module}/user_data.tftpl", { role = aws_iam_role.this.arn }))
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ecs-tasks.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "this" {
  statement {
    actions   = ["s3:GetObject"]
    resources = ["${aws_s3_bucket.named.arn}/*", aws_s3_bucket.prefixed.arn]
  }
}

data "aws_iam_policy_document" "hashed" {
  statement {
    actions   = ["s3:GetObject"]
    resources = ["${aws_s3_bucket.named.arn}/${sha1(aws_iam_role.this.arn)}"]
  }
}

data "aws_iam_policy_document" "late" {
  depends_on = [aws_vpc.this]

  statement {
    actions   = ["s3:ListAllMyBuckets"]
    resources = ["*"]
  }
}

resource "aws_iam_policy" "this" {
  for_each = {
    this   = data.aws_iam_policy_document.this.json
    hashed = data.aws_iam_policy_document.hashed.json
    late   = data.aws_iam_policy_document.late.json
  }

  name   = "${var.name}-${each.key}"
  policy = each.value
}

data "aws_vpc" "late" {
  id         = aws_vpc.this.id
  depends_on = [aws_vpc.this]
}

data "aws_caller_identity" "this" {}

module "net" {
  for_each = toset(["a", "b c"])
  source   = "./net"
  vpc      = aws_vpc.this
  key      = each.key
}

resource "aws_ssm_parameter" "secret" {
  name  = "/${var.name}/secret"
  type  = "SecureString"
  value = "${var.secret}@${aws_lb.this.dns_name}"
}

resource "terraform_data" "traced" {
  input = {
    upper    = upper(aws_vpc.this.arn)
    split    = split("/", aws_vpc.this.arn)[1]
    found    = regex("vpc-[0-9a-f]+", aws_vpc.this.arn)
    base64   = base64encode("role=${aws_iam_role.this.arn}")
    json     = jsonencode({ role = aws_iam_role.this.arn, objects = ["${aws_s3_bucket.named.arn}/*"] })
    format   = format("%s=%q", aws_s3_bucket.named.id, aws_vpc.this.id)
    join     = join(",", [aws_vpc.this.id, aws_security_group.other.id])
    replace  = replace(aws_cloudwatch_log_group.this.arn, ":log-group:", "!")
    template = templatefile("${path.module}/user_data.tftpl", { role = aws_iam_role.this.arn })
    url      = urlencode(aws_iam_role.this.arn)
    name     = aws_security_group.other.name
    bucket   = aws_s3_bucket.prefixed.id
    suffix   = aws_lb.this.arn_suffix
    vpc      = aws_vpc.this.id
    owner    = "arn:aws:ec2:eu-west-1:${aws_vpc.this.owner_id}:x/${aws_security_group.other.id}"
    data     = data.aws_vpc.late.arn
    module   = module.net["b c"].group
    output   = terraform_data.first.output.vpc
    tuple    = [for net in module.net : net.group]
    known    = cidrhost(aws_vpc.this.cidr_block, 4)
    chosen   = aws_vpc.this.id == "" ? aws_s3_bucket.named.arn : aws_iam_role.this.arn
  }
}

resource "terraform_data" "first" {
  input = { vpc = aws_vpc.this.id, plain = "x" }
}

resource "terraform_data" "undecided" {
  input = {
    compared = aws_vpc.this.id == ""
    either   = aws_vpc.this.id == "" ? "a" : "b"
    counted  = length(aws_vpc.this.arn)
    hashed   = sha1(aws_vpc.this.arn)
    both     = "${aws_vpc.this.id}-${sha1(aws_iam_role.this.arn)}"
    counts   = "${aws_vpc.this.id}-${length(aws_iam_role.this.arn)}"
    piece    = substr(aws_vpc.this.id, 0, 8)
    backward = strrev(aws_vpc.this.id)
    twice    = base64encode(base64encode(aws_vpc.this.arn))
    zipped   = base64gzip(aws_vpc.this.arn)
    version  = "${aws_launch_template.this.id}:${aws_launch_template.this.latest_version}"
    default  = "${aws_lb.this.id}:${coalesce(aws_lb.this.idle_timeout, 1)}"
    indirect = "${aws_vpc.this.id}-${aws_ssm_parameter.hashed.name}"
    owner    = aws_vpc.this.owner_id
    hash     = data.aws_iam_policy_document.this.id
    many     = join(",", concat(tolist(aws_lb.this.subnet_mapping[*].subnet_id), [aws_vpc.this.id]))
  }
}

resource "aws_ssm_parameter" "hashed" {
  name           = "/${aws_vpc.this.id}/${sha1(aws_iam_role.this.arn)}"
  type           = "String"
  insecure_value = "-"
}

resource "terraform_data" "secret" {
  input = {
    marked = sensitive("${var.secret}:${aws_iam_role.this.arn}")
    inner  = [sensitive({ text = var.secret, vpc = aws_vpc.this.id })]
  }
}

output "vpc" {
  value = aws_vpc.this.id
}

output "counted" {
  value = length(aws_vpc.this.id)
}

output "secret" {
  value     = "${var.secret}:${aws_vpc.this.id}"
  sensitive = true
}

output "object" {
  value = {
    id     = aws_vpc.this.id
    length = length(aws_vpc.this.id)
    plain  = "x"
  }
}

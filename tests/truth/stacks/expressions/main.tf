# Expressions of every kind that hand an id or an ARN on.

terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100, < 7.0"
    }
  }
}

provider "aws" {
  region = "us-east-1"

  default_tags {
    tags = { Stack = "expressions" }
  }
}

provider "aws" {
  alias  = "far"
  region = "eu-central-1"
}

variable "chosen" {
  type    = string
  default = "b"
}

variable "wanted" {
  type    = map(bool)
  default = { a = true, b = false, c = true }
}

resource "aws_sns_topic" "letter" {
  for_each = toset(["a", "b", "c"])

  name_prefix = "letter-${each.key}-"
}

resource "aws_sns_topic" "number" {
  count = 3

  name = "number-${count.index}-topic"
}

resource "aws_iam_role" "this" {
  name_prefix = "expressions-"

  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }]
  })

  dynamic "inline_policy" {
    for_each = { for letter, topic in aws_sns_topic.letter : letter => topic.arn if var.wanted[letter] }

    content {
      name = "publish-${inline_policy.key}"
      policy = jsonencode({
        Version   = "2012-10-17"
        Statement = [{ Effect = "Allow", Action = "sns:Publish", Resource = inline_policy.value }]
      })
    }
  }
}

resource "aws_iam_user" "this" {
  name = "expressions-user"
}

resource "aws_iam_access_key" "this" {
  user = aws_iam_user.this.name
}

resource "terraform_data" "relay" {
  input            = { first = aws_sns_topic.number[0].arn, rest = slice(aws_sns_topic.number[*].arn, 1, 3) }
  triggers_replace = [aws_iam_role.this.unique_id]
}

# read after the role is there, since its name is not known before
data "aws_iam_role" "again" {
  name = aws_iam_role.this.name
}

module "relay" {
  source = "./modules/relay"
  providers = {
    aws.near = aws
    aws.away = aws.far
  }

  topics = { for letter, topic in aws_sns_topic.letter : letter => { arn = topic.arn, wanted = var.wanted[letter] } }
  chosen = var.chosen
}

locals {
  letters = { for letter, topic in aws_sns_topic.letter : letter => topic.arn }
  grouped = { for letter, arn in local.letters : var.wanted[letter] ? "wanted" : "other" => arn... }
  nested  = { outer = { inner = [for topic in aws_sns_topic.number : { id = topic.id, tags = [topic.name] }] } }
  indexes = { a = 2, b = 0, c = 1 }

  values = {
    lookup      = lookup(local.letters, var.chosen, "none")
    coalesce    = coalesce(var.chosen == "a" ? aws_sns_topic.letter["a"].arn : null, aws_sns_topic.letter["b"].arn)
    conditional = var.wanted["b"] ? aws_sns_topic.letter["b"].arn : aws_sns_topic.letter["c"].arn
    element     = element(aws_sns_topic.number[*].arn, 4)
    flat        = join(",", flatten([[aws_sns_topic.number[2].arn], [[aws_sns_topic.letter["a"].arn]]]))
    format      = format("%s|%s", aws_sns_topic.number[1].name, aws_sns_topic.letter["c"].arn)
    grouped     = local.grouped["other"][0]
    index       = aws_sns_topic.number[length(aws_sns_topic.number) - 1].arn
    nested      = local.nested.outer.inner[1].id
    json        = jsonencode({ keys = { for number, topic in aws_sns_topic.number : topic.arn => number if number != 1 } })
    yaml        = yamlencode({ letters = values(local.letters), number = aws_sns_topic.number[0].arn })
    decoded     = jsondecode(jsonencode({ arn = aws_sns_topic.letter["b"].arn })).arn
    encoded     = base64encode("topic: ${aws_sns_topic.letter["c"].arn}")
    merged      = merge({ a = aws_sns_topic.number[0].arn }, { a = aws_sns_topic.number[1].arn }).a
    replaced    = replace(aws_sns_topic.letter["a"].arn, "us-east-1", "eu-west-1")
    split       = split(":", aws_sns_topic.number[2].arn)[5]
    try         = try(aws_sns_topic.letter["z"].arn, aws_sns_topic.letter["a"].arn)
    template    = "%{for letter in sort(keys(var.wanted))}%{if var.wanted[letter]}${aws_sns_topic.letter[letter].arn};%{endif}%{endfor}"
    transposed  = keys(transpose({ x = [aws_sns_topic.letter["a"].arn] }))[0]
    zipped      = zipmap(["p", "q"], [aws_sns_topic.number[1].arn, aws_sns_topic.letter["b"].arn])["q"]
    one         = one([for letter, topic in aws_sns_topic.letter : topic.arn if !var.wanted[letter]])
    relayed     = module.relay.chosen
    far         = module.relay.far.arn
    pairs       = join(" ", [for pair in module.relay.pairs : "${pair.left}>${pair.right}"])
    data        = data.aws_iam_role.again.arn
    built       = terraform_data.relay.output.rest[1]
    upper       = upper(aws_sns_topic.letter["a"].arn)
    chomped = chomp(<<-EOT
      one ${aws_sns_topic.number[0].arn}
      two ${aws_iam_role.this.arn}
    EOT
    )
  }
}

resource "aws_ssm_parameter" "value" {
  for_each = local.values

  name           = "/values/${each.key}"
  type           = "String"
  insecure_value = each.value
}

resource "aws_ssm_parameter" "crosswise" {
  for_each = local.indexes

  name           = "/crosswise/${each.key}"
  type           = "String"
  insecure_value = aws_sns_topic.number[each.value].arn
  description    = "for ${aws_sns_topic.letter[each.key].id}"
}

resource "aws_ssm_parameter" "shifted" {
  count = 3

  name           = "/shifted/${count.index}"
  type           = "String"
  insecure_value = aws_sns_topic.number[(count.index + 1) % 3].arn

  tags = {
    Letter = aws_sns_topic.letter[keys(aws_sns_topic.letter)[2 - count.index]].name
    Same   = count.index == 1 ? aws_sns_topic.number[count.index].name : "none"
  }
}

resource "aws_ssm_parameter" "secret" {
  name  = "/secret"
  type  = "SecureString"
  value = "${aws_iam_access_key.this.id}:${aws_iam_access_key.this.secret}"
}

resource "aws_cloudwatch_metric_alarm" "rate" {
  alarm_name          = "rate"
  comparison_operator = "GreaterThanThreshold"
  evaluation_periods  = 1
  threshold           = 1
  alarm_actions       = concat(local.grouped["wanted"], [module.relay.far.arn])

  metric_query {
    id          = "sum"
    expression  = "a + c"
    return_data = true
  }

  dynamic "metric_query" {
    for_each = [for letter in ["a", "c"] : { letter = letter, name = aws_sns_topic.letter[letter].name }]
    iterator = query

    content {
      id = query.value.letter

      dynamic "metric" {
        for_each = [query.value.name]

        content {
          namespace   = "AWS/SNS"
          metric_name = "NumberOfMessagesPublished"
          period      = 60
          stat        = "Sum"
          dimensions  = { TopicName = metric.value }
        }
      }
    }
  }
}

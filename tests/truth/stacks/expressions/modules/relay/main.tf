terraform {
  required_providers {
    aws = {
      source                = "hashicorp/aws"
      configuration_aliases = [aws.near, aws.away]
    }
  }
}

variable "topics" {
  type = map(object({ arn = string, wanted = bool, note = optional(string, "none") }))
}

variable "chosen" {
  type = string
}

resource "aws_sns_topic" "far" {
  provider = aws.away

  name_prefix = "far-"
}

module "pair" {
  source = "../pair"
  providers = {
    aws = aws.near
  }

  for_each = { for letter, topic in var.topics : letter => topic if topic.wanted }

  name  = each.key
  left  = each.value.arn
  right = var.topics[var.chosen].arn
}

output "chosen" {
  value = var.topics[var.chosen].arn
}

output "far" {
  value = aws_sns_topic.far
}

output "pairs" {
  value = [for letter in reverse(sort(keys(module.pair))) : module.pair[letter].ends]
}

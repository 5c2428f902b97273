resource "aws_vpc" "this" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_subnet" "this" {
  for_each = { "us-east-1a" = "10.0.1.0/24", "us-east-1b" = "10.0.2.0/24" }

  vpc_id            = aws_vpc.this.id
  availability_zone = each.key
  cidr_block        = each.value
}

resource "aws_subnet" "by_id" {
  for_each = { "use1-az3" = "10.0.3.0/24", "use1-az4" = "10.0.4.0/24" }

  vpc_id               = aws_vpc.this.id
  availability_zone_id = each.key
  cidr_block           = each.value
}

resource "aws_subnet" "anywhere" {
  count = 2

  vpc_id     = aws_vpc.this.id
  cidr_block = cidrsubnet(aws_vpc.this.cidr_block, 8, 10 + count.index)
}

resource "aws_lb" "this" {
  subnets = [for subnet in aws_subnet.this : subnet.id]
}

resource "aws_lb" "mapped" {
  load_balancer_type = "network"

  subnet_mapping {
    subnet_id = aws_subnet.by_id["use1-az3"].id
  }

  subnet_mapping {
    subnet_id = aws_subnet.by_id["use1-az4"].id
  }
}

# Which name means which id differs from account to account.
resource "aws_lb" "name_and_id" {
  subnets = [aws_subnet.this["us-east-1a"].id, aws_subnet.by_id["use1-az3"].id] # undecided
}

# There can be no mappings beside subnets.
resource "aws_lb" "either" {
  subnets = [for subnet in aws_subnet.this : subnet.id]

  dynamic "subnet_mapping" {
    for_each = aws_subnet.by_id["use1-az3"].private_dns_hostname_type_on_launch == "resource-name" ? [1] : []

    content {
      subnet_id = aws_subnet.by_id["use1-az3"].id
    }
  }
}

resource "aws_ecs_service" "this" {
  name            = "spread"
  task_definition = "app:1"

  network_configuration {
    subnets = concat(values(aws_subnet.this)[*].id, aws_subnet.anywhere[*].id)
  }
}

# Its tasks stand where the instances do.
resource "aws_ecs_service" "bridge" {
  name            = "bridge"
  task_definition = "app:1"
}

resource "aws_ecs_service" "anywhere" {
  name            = "anywhere"
  task_definition = "app:1"

  network_configuration {
    subnets = aws_subnet.anywhere[*].id # undecided
  }
}

resource "aws_autoscaling_group" "elsewhere" {
  min_size            = 2
  max_size            = 2
  vpc_zone_identifier = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"] # undecided

  launch_template {
    name = "app"
  }
}

resource "terraform_data" "subnets" {
  input = { ids = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"] }
}

resource "aws_ecs_service" "unknown" {
  name            = "unknown"
  task_definition = "app:1"

  network_configuration {
    subnets = terraform_data.subnets.output.ids # undecided
  }
}

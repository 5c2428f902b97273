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
}

variable "tiers" {
  type = map(object({ offset = number, public = bool }))
  default = {
    edge = { offset = 0, public = true }
    work = { offset = 4, public = false }
  }
}

data "aws_availability_zones" "all" {
  state = "available"
}

locals {
  zones = slice(data.aws_availability_zones.all.names, 0, 2)
  doors = {
    web = { port = 443, from = [aws_security_group.base["edge"].id] }
    job = { port = 8080, from = [aws_security_group.base["edge"].id, aws_security_group.base["work"].id] }
  }
  subnets = merge([for name, tier in module.tier : { for zone, id in tier.subnet_ids : "${name}/${zone}" => id }]...)
}

resource "aws_vpc" "this" {
  cidr_block           = "10.60.0.0/16"
  enable_dns_hostnames = true
}

resource "aws_internet_gateway" "this" {
  vpc_id = aws_vpc.this.id
}

module "tier" {
  source   = "./modules/tier"
  for_each = var.tiers

  network = aws_vpc.this
  name    = each.key
  zones   = local.zones
  offset  = each.value.offset
  gateway = each.value.public ? [aws_internet_gateway.this.id] : []
}

resource "aws_eip" "exit" {
  count  = length(local.zones)
  domain = "vpc"
}

resource "aws_nat_gateway" "exit" {
  count = length(local.zones)

  allocation_id = aws_eip.exit[count.index].id
  subnet_id     = module.tier["edge"].subnet_ids[local.zones[count.index]]
}

# crosswise, so that an index and a key are seldom the same
resource "aws_route" "exit" {
  for_each = toset(local.zones)

  route_table_id         = module.tier["work"].route_table_ids[each.key]
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = reverse(aws_nat_gateway.exit[*].id)[index(local.zones, each.value)]
}

resource "aws_security_group" "base" {
  for_each = var.tiers

  name   = "base-${each.key}"
  vpc_id = aws_vpc.this.id
}

resource "aws_security_group" "door" {
  for_each = local.doors

  name   = "door-${each.key}"
  vpc_id = aws_vpc.this.id

  dynamic "ingress" {
    for_each = { for number, source in each.value.from : tostring(number) => source }
    iterator = source

    content {
      description     = "from ${source.key}"
      protocol        = "tcp"
      from_port       = each.value.port
      to_port         = each.value.port
      security_groups = [source.value]
    }
  }
}

resource "aws_vpc_security_group_egress_rule" "pairs" {
  for_each = { for pair in setproduct(keys(local.doors), keys(var.tiers)) : join("-", pair) => pair }

  security_group_id            = aws_security_group.door[each.value[0]].id
  referenced_security_group_id = aws_security_group.base[each.value[1]].id
  ip_protocol                  = "-1"
}

resource "aws_network_acl" "all" {
  vpc_id     = aws_vpc.this.id
  subnet_ids = [for key, id in local.subnets : id if startswith(key, "work/")]
}

resource "aws_vpc_endpoint" "queue" {
  vpc_id              = aws_vpc.this.id
  service_name        = "com.amazonaws.us-east-1.sqs"
  vpc_endpoint_type   = "Interface"
  subnet_ids          = values(module.tier["work"].subnet_ids)
  security_group_ids  = [for key in ["web"] : aws_security_group.door[key].id]
  private_dns_enabled = true
}

resource "aws_network_interface" "tap" {
  count = 2

  subnet_id       = element([for id in values(module.tier["edge"].subnet_ids) : id], count.index + 1)
  security_groups = count.index == 0 ? [aws_security_group.base["edge"].id] : values(aws_security_group.door)[*].id
}

resource "aws_launch_template" "worker" {
  name = "worker"

  network_interfaces {
    subnet_id       = try(module.tier["work"].subnet_ids["none"], module.tier["work"].subnet_ids[local.zones[0]])
    security_groups = concat([aws_security_group.door["job"].id], [aws_security_group.base["work"].id])
  }

  user_data = base64encode(templatefile("${path.module}/worker.sh.tftpl", {
    exits  = aws_nat_gateway.exit[*].public_ip
    vpc    = aws_vpc.this.id
    groups = { for key, group in aws_security_group.base : key => group.id }
  }))
}

output "subnet_ids" {
  value = local.subnets
}

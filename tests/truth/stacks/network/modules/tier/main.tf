variable "network" {
  type = object({ id = string, cidr_block = string })
}

variable "name" {
  type = string
}

variable "zones" {
  type = list(string)
}

variable "offset" {
  type = number
}

variable "gateway" {
  type = list(string)
}

module "subnet" {
  source = "../subnet"
  count  = length(var.zones)

  vpc_id = var.network.id
  zone   = var.zones[count.index]
  range  = cidrsubnet(var.network.cidr_block, 8, var.offset + count.index)
}

resource "aws_route_table" "this" {
  for_each = toset(length(var.gateway) == 0 ? var.zones : ["all"])

  vpc_id = var.network.id

  dynamic "route" {
    for_each = var.gateway

    content {
      cidr_block = "0.0.0.0/0"
      gateway_id = route.value
    }
  }
}

resource "aws_route_table_association" "this" {
  count = length(var.zones)

  subnet_id      = module.subnet[count.index].subnet.id
  route_table_id = try(aws_route_table.this[var.zones[count.index]], aws_route_table.this["all"]).id
}

output "subnet_ids" {
  value = zipmap(var.zones, module.subnet[*].subnet.id)
}

output "route_table_ids" {
  value = { for key, table in aws_route_table.this : key => table.id }
}

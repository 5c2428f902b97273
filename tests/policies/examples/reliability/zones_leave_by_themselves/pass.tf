locals {
  zones = { "us-east-1a" = 0, "us-east-1b" = 1 }
}

resource "aws_vpc" "this" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_internet_gateway" "this" {
  vpc_id = aws_vpc.this.id
}

resource "aws_subnet" "public" {
  for_each = local.zones

  vpc_id            = aws_vpc.this.id
  availability_zone = each.key
  cidr_block        = cidrsubnet("10.0.0.0/16", 8, each.value)
}

resource "aws_subnet" "private" {
  for_each = local.zones

  vpc_id            = aws_vpc.this.id
  availability_zone = each.key
  cidr_block        = cidrsubnet("10.0.0.0/16", 8, each.value + 8)
}

resource "aws_nat_gateway" "this" {
  for_each = local.zones

  subnet_id         = aws_subnet.public[each.key].id
  connectivity_type = "private"
}

resource "aws_route_table" "private" {
  for_each = local.zones

  vpc_id = aws_vpc.this.id
}

resource "aws_route" "private" {
  for_each = local.zones

  route_table_id         = aws_route_table.private[each.key].id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = aws_nat_gateway.this[each.key].id
}

resource "aws_route_table_association" "private" {
  for_each = local.zones

  route_table_id = aws_route_table.private[each.key].id
  subnet_id      = aws_subnet.private[each.key].id
}

# What leaves by no NAT gateway may be shared.
resource "aws_route_table" "public" {
  vpc_id = aws_vpc.this.id

  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.this.id
  }
}

resource "aws_route_table_association" "public" {
  for_each = local.zones

  route_table_id = aws_route_table.public.id
  subnet_id      = aws_subnet.public[each.key].id
}

resource "terraform_data" "gateway" {
  input = "nat-0123456789abcdef0"
}

resource "aws_route_table" "unknown" {
  vpc_id = aws_vpc.this.id
}

resource "aws_route" "unknown" {
  route_table_id         = aws_route_table.unknown.id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = terraform_data.gateway.output # undecided
}

resource "aws_route_table_association" "unknown" {
  route_table_id = aws_route_table.unknown.id
  subnet_id      = aws_subnet.private["us-east-1a"].id
}

# The zone of this subnet is known elsewhere.
resource "aws_nat_gateway" "elsewhere" {
  subnet_id         = "subnet-0123456789abcdef0" # undecided
  connectivity_type = "private"
}

resource "aws_route" "elsewhere" {
  route_table_id         = aws_route_table.unknown.id
  destination_cidr_block = "10.1.0.0/16"
  nat_gateway_id         = aws_nat_gateway.elsewhere.id
}

# AWS chooses the zones of these.
resource "aws_subnet" "anywhere" {
  count = 2

  vpc_id     = aws_vpc.this.id
  cidr_block = cidrsubnet("10.0.0.0/16", 8, count.index + 16)
}

resource "aws_nat_gateway" "anywhere" {
  subnet_id         = aws_subnet.anywhere[0].id
  connectivity_type = "private"
}

resource "aws_route_table" "anywhere" {
  vpc_id = aws_vpc.this.id
}

resource "aws_route" "anywhere" {
  route_table_id         = aws_route_table.anywhere.id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = aws_nat_gateway.anywhere.id # undecided
}

resource "aws_route_table_association" "anywhere" {
  route_table_id = aws_route_table.anywhere.id
  subnet_id      = aws_subnet.anywhere[1].id
}

# Nobody knows yet which table this belongs to, and both have routes of their own.
resource "aws_ebs_volume" "later" {
  availability_zone = "us-east-1a"
  snapshot_id       = "snap-1"
}

resource "aws_route" "either" {
  route_table_id         = aws_ebs_volume.later.encrypted ? aws_route_table.anywhere.id : aws_route_table.private["us-east-1a"].id # undecided
  destination_cidr_block = "10.2.0.0/16"
  nat_gateway_id         = aws_nat_gateway.this["us-east-1b"].id
}

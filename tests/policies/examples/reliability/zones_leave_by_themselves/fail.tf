resource "aws_vpc" "this" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_subnet" "public" {
  vpc_id            = aws_vpc.this.id
  availability_zone = "us-east-1a"
  cidr_block        = "10.0.0.0/24"
}

resource "aws_subnet" "private" {
  vpc_id            = aws_vpc.this.id
  availability_zone = "us-east-1b"
  cidr_block        = "10.0.1.0/24"
}

resource "aws_nat_gateway" "this" {
  subnet_id         = aws_subnet.public.id
  connectivity_type = "private"
}

resource "aws_route_table" "apart" {
  vpc_id = aws_vpc.this.id
}

resource "aws_route" "nat" {
  route_table_id         = aws_route_table.apart.id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = aws_nat_gateway.this.id # fails
}

resource "aws_route_table_association" "apart" {
  route_table_id = aws_route_table.apart.id
  subnet_id      = aws_subnet.private.id
}

resource "aws_route_table" "inline" {
  vpc_id = aws_vpc.this.id

  route {
    cidr_block     = "0.0.0.0/0"
    nat_gateway_id = aws_nat_gateway.this.id # fails
  }
}

resource "aws_route_table_association" "inline" {
  route_table_id = aws_route_table.inline.id
  subnet_id      = aws_subnet.private.id
}

# Two ids of zones can be compared, as two names can.
resource "aws_subnet" "by_id" {
  for_each = { "use1-az1" = "10.0.2.0/24", "use1-az2" = "10.0.3.0/24" }

  vpc_id               = aws_vpc.this.id
  availability_zone_id = each.key
  cidr_block           = each.value
}

resource "aws_nat_gateway" "by_id" {
  subnet_id         = aws_subnet.by_id["use1-az1"].id
  connectivity_type = "private"
}

resource "aws_route_table" "by_id" {
  vpc_id = aws_vpc.this.id
}

resource "aws_route" "by_id" {
  route_table_id         = aws_route_table.by_id.id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = aws_nat_gateway.by_id.id # fails
}

resource "aws_route_table_association" "by_id" {
  route_table_id = aws_route_table.by_id.id
  subnet_id      = aws_subnet.by_id["use1-az2"].id
}

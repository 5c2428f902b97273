resource "aws_default_security_group" "this" {
  vpc_id = "vpc-1"

  ingress {
    protocol    = -1 # fails
    from_port   = 0
    to_port     = 0
    cidr_blocks = ["10.0.0.0/16"]
    self        = true
  }
}

resource "aws_security_group" "this" {
  vpc_id = "vpc-1"
}

resource "aws_security_group" "other" {
  vpc_id = "vpc-1"
}

resource "aws_security_group_rule" "other" {
  security_group_id        = aws_security_group.this.id
  source_security_group_id = aws_security_group.other.id
  type                     = "ingress"
  protocol                 = "all" # fails
  from_port                = 0
  to_port                  = 0
}

resource "aws_vpc_security_group_ingress_rule" "other" {
  security_group_id            = aws_security_group.this.id
  referenced_security_group_id = aws_security_group.other.id
  ip_protocol                  = "-1" # fails
}

resource "aws_vpc_security_group_ingress_rule" "addresses" {
  security_group_id = aws_security_group.this.id
  cidr_ipv6         = "2600:1f00::/32"
  ip_protocol       = "-1" # fails
}

resource "aws_vpc_security_group_ingress_rule" "tcp" {
  security_group_id            = aws_security_group.this.id
  referenced_security_group_id = aws_security_group.other.id
  ip_protocol                  = "tcp" # fails
  from_port                    = 0
  to_port                      = 65535
}

resource "aws_security_group_rule" "udp" {
  security_group_id = aws_security_group.this.id
  cidr_blocks       = ["10.0.0.0/16"]
  type              = "ingress"
  protocol          = "17" # fails
  from_port         = 1
  to_port           = 65535
}

resource "aws_security_group" "inline" {
  vpc_id = "vpc-1"

  ingress {
    protocol  = "-1"
    from_port = 0
    to_port   = 0
    self      = true
  }
}

resource "aws_security_group" "named" {
  vpc_id = "vpc-1"

  ingress {
    protocol    = "tcp"
    from_port   = 8080
    to_port     = 8080
    cidr_blocks = ["10.0.0.0/16"]
  }

  egress {
    protocol    = "-1"
    from_port   = 0
    to_port     = 0
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_security_group" "apart" {
  vpc_id = "vpc-1"
}

resource "aws_security_group_rule" "self" {
  security_group_id = aws_security_group.apart.id
  type              = "ingress"
  protocol          = "all"
  from_port         = 0
  to_port           = 0
  self              = true
}

resource "aws_security_group_rule" "same" {
  security_group_id        = aws_security_group.apart.id
  source_security_group_id = aws_security_group.apart.id
  type                     = "ingress"
  protocol                 = "-1"
  from_port                = 0
  to_port                  = 0
}

resource "aws_security_group_rule" "out" {
  security_group_id = aws_security_group.apart.id
  type              = "egress"
  protocol          = "-1"
  from_port         = 0
  to_port           = 0
  cidr_blocks       = ["0.0.0.0/0"]
}

resource "aws_vpc_security_group_ingress_rule" "same" {
  security_group_id            = aws_security_group.apart.id
  referenced_security_group_id = aws_security_group.apart.id
  ip_protocol                  = "-1"
}

resource "aws_vpc_security_group_ingress_rule" "named" {
  security_group_id = aws_security_group.apart.id
  cidr_ipv4         = "10.0.0.0/16"
  ip_protocol       = "tcp"
  from_port         = 8080
  to_port           = 8080
}

resource "aws_vpc_security_group_ingress_rule" "ephemeral" {
  security_group_id = aws_security_group.apart.id
  cidr_ipv4         = "10.0.0.0/16"
  ip_protocol       = "tcp"
  from_port         = 1024
  to_port           = 65535
}

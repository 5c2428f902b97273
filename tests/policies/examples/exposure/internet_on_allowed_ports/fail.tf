variable "ports" {
  type    = list(number)
  default = [5432]
}

resource "aws_vpc" "this" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_ec2_managed_prefix_list" "halves" {
  name           = "halves"
  address_family = "IPv4"
  max_entries    = 2

  entry {
    cidr = "0.0.0.0/1"
  }

  entry {
    cidr = "192.0.2.0/24"
  }
}

resource "aws_default_security_group" "this" {
  vpc_id = aws_vpc.this.id

  ingress {
    protocol         = "-1"
    from_port        = 0
    to_port          = 0
    ipv6_cidr_blocks = ["::/0"] # fails
  }
}

resource "aws_security_group" "inline" {
  vpc_id = aws_vpc.this.id

  dynamic "ingress" {
    for_each = var.ports

    content {
      protocol    = "tcp"
      from_port   = ingress.value
      to_port     = ingress.value
      cidr_blocks = ["0.0.0.0/0"] # fails in the plan
    }
  }
}

resource "aws_security_group" "apart" {
  vpc_id = aws_vpc.this.id
}

resource "aws_security_group_rule" "halves" {
  security_group_id = "sg-0123456789abcdef0"
  type              = "ingress"
  protocol          = "tcp"
  from_port         = 80
  to_port           = 443
  cidr_blocks       = ["0.0.0.0/1", "128.0.0.0/1"] # fails
}

resource "aws_security_group_rule" "list" {
  security_group_id = aws_security_group.apart.id
  type              = "ingress"
  protocol          = "tcp"
  from_port         = 22
  to_port           = 22
  prefix_list_ids   = [aws_ec2_managed_prefix_list.halves.id] # fails
}

resource "aws_vpc_security_group_ingress_rule" "task" {
  security_group_id = aws_security_group.apart.id
  cidr_ipv4         = "0.0.0.0/0" # fails
  ip_protocol       = "tcp"
  from_port         = 8080
  to_port           = 8080
}

resource "aws_vpc_security_group_ingress_rule" "v6" {
  security_group_id = aws_security_group.apart.id
  cidr_ipv6         = "2000::/3" # fails
  ip_protocol       = "udp"
  from_port         = 443
  to_port           = 443
}

resource "aws_vpc_security_group_ingress_rule" "later" {
  security_group_id = aws_security_group.apart.id
  prefix_list_id    = "pl-0123456789abcdef0" # undecided
  ip_protocol       = "tcp"
  from_port         = 8080
  to_port           = 8080
}

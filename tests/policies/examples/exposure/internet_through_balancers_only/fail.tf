resource "aws_vpc" "this" {
  cidr_block                       = "10.0.0.0/16"
  assign_generated_ipv6_cidr_block = true
}

resource "aws_subnet" "this" {
  vpc_id          = aws_vpc.this.id
  cidr_block      = "10.0.1.0/24"
  ipv6_cidr_block = cidrsubnet(aws_vpc.this.ipv6_cidr_block, 8, 1)
}

resource "aws_security_group" "task" {
  vpc_id = aws_vpc.this.id
}

resource "aws_vpc_security_group_ingress_rule" "task" { # fails
  security_group_id = aws_security_group.task.id
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

resource "aws_vpc_security_group_ingress_rule" "office" {
  security_group_id = aws_security_group.task.id
  cidr_ipv4         = "52.95.110.0/24"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

resource "aws_ecs_task_definition" "this" {
  family                   = "only-fail"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = 256
  memory                   = 512
  container_definitions    = jsonencode([{ name = "app", image = "app" }])
}

resource "aws_ecs_service" "this" {
  name            = "only-fail"
  task_definition = aws_ecs_task_definition.this.arn
  launch_type     = "FARGATE"

  network_configuration {
    subnets         = [aws_subnet.this.id]
    security_groups = [aws_security_group.task.id]
  }
}

resource "aws_security_group" "instance" {
  vpc_id = aws_vpc.this.id

  ingress { # fails
    protocol         = "tcp"
    from_port        = 80
    to_port          = 80
    ipv6_cidr_blocks = ["::/0"]
  }
}

resource "aws_instance" "this" {
  ami                    = "ami-12345678"
  instance_type          = "t4g.micro"
  subnet_id              = aws_subnet.this.id
  ipv6_address_count     = 1
  vpc_security_group_ids = [aws_security_group.instance.id]
}

resource "aws_security_group_rule" "list" {
  security_group_id = aws_security_group.task.id
  type              = "ingress"
  protocol          = "tcp"
  from_port         = 80
  to_port           = 80
  prefix_list_ids   = ["pl-0123456789abcdef0"] # undecided
}

resource "aws_instance" "this" {
  ami                         = "ami-12345678"
  instance_type               = "t4g.micro"
  associate_public_ip_address = true # fails
}

resource "aws_launch_configuration" "this" {
  image_id                    = "ami-12345678"
  instance_type               = "t4g.micro"
  associate_public_ip_address = true # fails
}

resource "aws_launch_template" "this" {
  network_interfaces {
    device_index = 0
  }

  network_interfaces {
    device_index                = 1
    associate_public_ip_address = "true" # fails
  }
}

resource "aws_instance" "elastic" {
  ami           = "ami-12345678"
  instance_type = "t4g.micro"
}

resource "aws_eip" "this" {
  domain   = "vpc"
  instance = aws_instance.elastic.id # fails
}

resource "aws_eip_association" "this" {
  allocation_id = "eipalloc-1"
  instance_id   = aws_instance.elastic.id # fails
}

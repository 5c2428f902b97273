resource "aws_instance" "this" {
  ami                         = "ami-12345678"
  instance_type               = "t4g.micro"
  associate_public_ip_address = false
}

resource "aws_instance" "by_default" {
  ami           = "ami-12345678"
  instance_type = "t4g.micro"
}

resource "aws_launch_template" "this" {
  network_interfaces {
    associate_public_ip_address = false
  }
}

resource "aws_launch_template" "by_default" {
  image_id = "ami-12345678"
}

resource "aws_eip" "nat" {
  domain = "vpc"
}

resource "aws_instance" "this" {
  ami           = "ami-12345678"
  instance_type = "t4g.micro"

  metadata_options {
    http_tokens = "required"
  }
}

resource "aws_instance" "by_template" {
  instance_type = "t4g.micro"

  launch_template {
    id = aws_launch_template.this.id
  }
}

resource "aws_launch_template" "this" {
  image_id = "ami-12345678"

  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }
}

resource "aws_launch_configuration" "off" {
  image_id      = "ami-12345678"
  instance_type = "t4g.micro"

  metadata_options {
    http_endpoint = "disabled"
  }
}

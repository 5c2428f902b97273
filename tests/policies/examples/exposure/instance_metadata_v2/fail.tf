resource "aws_instance" "by_default" { # fails
  ami           = "ami-12345678"
  instance_type = "t4g.micro"
}

resource "aws_instance" "over_template" {
  instance_type = "t4g.micro"

  launch_template {
    id = aws_launch_template.this.id
  }

  metadata_options {
    http_tokens = "optional" # fails
  }
}

resource "aws_launch_template" "this" {
  image_id = "ami-12345678"

  metadata_options { # fails
    http_put_response_hop_limit = 1
  }
}

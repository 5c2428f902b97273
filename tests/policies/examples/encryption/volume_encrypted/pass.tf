resource "aws_ebs_volume" "this" {
  availability_zone = "us-east-1a"
  size              = 8
  encrypted         = true
}

resource "aws_instance" "this" {
  ami           = "ami-12345678"
  instance_type = "t3.micro"

  root_block_device {
    encrypted = true
  }

  dynamic "ebs_block_device" {
    for_each = toset(["/dev/sdb", "/dev/sdc"])

    content {
      device_name = ebs_block_device.value
      encrypted   = true
    }
  }
}

resource "aws_launch_template" "this" {
  image_id      = "ami-12345678"
  instance_type = "t3.micro"

  block_device_mappings {
    device_name = "/dev/xvda"

    ebs {
      encrypted = true
    }
  }

  block_device_mappings {
    device_name  = "/dev/sdb"
    virtual_name = "ephemeral0"
  }
}

# Its volumes are those of the template.
resource "aws_instance" "templated" {
  launch_template {
    id = aws_launch_template.this.id
  }
}

resource "aws_spot_instance_request" "this" {
  ami           = "ami-12345678"
  instance_type = "t3.micro"

  root_block_device {
    encrypted = true
  }
}

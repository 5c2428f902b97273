resource "aws_ebs_volume" "silent" { # fails
  availability_zone = "us-east-1a"
  size              = 8
}

resource "aws_ebs_volume" "plain" {
  availability_zone = "us-east-1a"
  size              = 8
  encrypted         = false # fails
}

resource "aws_ebs_volume" "copied" { # undecided
  availability_zone = "us-east-1a"
  snapshot_id       = "snap-12345678"
}

resource "aws_instance" "silent" { # fails
  ami           = "ami-12345678"
  instance_type = "t3.micro"
}

resource "aws_instance" "sized" {
  ami           = "ami-12345678"
  instance_type = "t3.micro"

  root_block_device { # fails
    volume_size = 16
  }

  ebs_block_device {
    device_name = "/dev/sdb"
    encrypted   = false # fails
  }
}

resource "aws_spot_instance_request" "silent" { # fails
  ami           = "ami-12345678"
  instance_type = "t3.micro"
}

resource "aws_launch_template" "silent" { # fails
  image_id = "ami-12345678"
}

resource "aws_launch_template" "mapped" {
  block_device_mappings {
    device_name = "/dev/xvda"

    ebs {
      encrypted = "false" # fails
    }
  }

  block_device_mappings {
    device_name = "/dev/sdb"

    ebs { # fails
      volume_size = 16
    }
  }

  block_device_mappings {
    device_name = "/dev/sdc"

    ebs { # undecided
      snapshot_id = "snap-12345678"
    }
  }
}

resource "aws_instance" "otherwise" {
  launch_template {
    name = "encrypted"
  }

  root_block_device {
    encrypted = false # fails
  }
}

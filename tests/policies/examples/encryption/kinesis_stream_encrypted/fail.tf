resource "aws_kinesis_stream" "silent" { # fails
  name        = "silent"
  shard_count = 1
}

resource "aws_kinesis_stream" "plain" {
  name            = "plain"
  shard_count     = 1
  encryption_type = "NONE" # fails
}

resource "aws_opensearch_domain" "off" {
  domain_name = "https-off"

  domain_endpoint_options {
    enforce_https = false # fails
  }
}

resource "aws_elasticsearch_domain" "without" { # fails
  domain_name = "https-without"
}

terraform {
  # Bucket, key, region and table differ per environment and come from
  # -backend-config=environments/<environment>.s3.tfbackend.
  backend "s3" {
    encrypt = true

    # Terraform 1.11 deprecates locking by DynamoDB alone. Both locks are held
    # until every client reads the lock file, then the table can go.
    use_lockfile = true
  }
}

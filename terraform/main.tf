provider "aws" {
  region = var.aws_region

  default_tags {
    tags = {
      Project     = var.project
      Environment = var.environment
      ManagedBy   = "terraform"
    }
  }
}

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

locals {
  name       = "${var.project}-${var.environment}"
  account_id = data.aws_caller_identity.current.account_id
  partition  = data.aws_partition.current.partition

  # Roles and the key policy name these before they exist, so each name is decided
  # here and handed to both sides.
  task_log_group_name  = "/ecs/${local.name}"
  build_log_group_name = "/codebuild/${local.name}"
  artifact_bucket_name = "${local.name}-artifacts-${local.account_id}"
  topic_name           = "${local.name}-notifications"

  container_port = 8080
}

module "vpc" {
  source = "./modules/vpc"

  name               = local.name
  cidr_block         = var.vpc_cidr
  single_nat_gateway = var.single_nat_gateway
}

module "ecr" {
  source = "./modules/ecr"

  name         = local.name
  force_delete = !var.deletion_protection
}

module "alb" {
  source = "./modules/alb"

  name                = local.name
  vpc_id              = module.vpc.vpc_id
  vpc_cidr_block      = module.vpc.vpc_cidr_block
  public_subnet_ids   = module.vpc.public_subnet_ids
  target_port         = local.container_port
  certificate_arn     = var.certificate_arn
  deletion_protection = var.deletion_protection
}

module "iam" {
  source = "./modules/iam"

  name                     = local.name
  ecr_repository_arn       = module.ecr.repository_arn
  task_secret_arns         = [local.secret_arns.alpha_vantage_api_key]
  task_secret_kms_key_arns = local.alpha_vantage_kms_key_arns
  task_log_group_name      = local.task_log_group_name
  cluster_name             = local.name
  service_name             = local.name
  task_definition_family   = local.name
  build_project_name       = local.name
  build_log_group_name     = local.build_log_group_name
  artifact_bucket_name     = local.artifact_bucket_name
  artifact_kms_key_arn     = aws_kms_key.this.arn
  github_connection_arn    = var.github_connection_arn
}

module "ecs" {
  source = "./modules/ecs"

  name                   = local.name
  cluster_name           = local.name
  service_name           = local.name
  task_definition_family = local.name
  log_group_name         = local.task_log_group_name
  vpc_id                 = module.vpc.vpc_id
  private_subnet_ids     = module.vpc.private_subnet_ids
  alb_security_group_id  = module.alb.security_group_id
  target_group_arn       = module.alb.target_group_arn
  execution_role_arn     = module.iam.task_execution_role_arn
  task_role_arn          = module.iam.task_role_arn
  image                  = "${module.ecr.repository_url}:${var.image_tag}"
  container_name         = var.project
  container_port         = local.container_port
  environment_variables  = var.environment_variables
  cpu                    = var.task_cpu
  memory                 = var.task_memory
  min_tasks              = var.min_tasks
  max_tasks              = var.max_tasks

  secrets = {
    ALPHA_VANTAGE_API_KEY = local.secret_arns.alpha_vantage_api_key
  }
}

module "codebuild" {
  source = "./modules/codebuild"

  name               = local.name
  log_group_name     = local.build_log_group_name
  service_role_arn   = module.iam.codebuild_role_arn
  kms_key_arn        = aws_kms_key.this.arn
  ecr_repository_url = module.ecr.repository_url
}

module "codepipeline" {
  source = "./modules/codepipeline"

  name                  = local.name
  service_role_arn      = module.iam.codepipeline_role_arn
  artifact_bucket_name  = local.artifact_bucket_name
  force_destroy         = !var.deletion_protection
  topic_name            = local.topic_name
  notification_emails   = var.notification_emails
  kms_key_arn           = aws_kms_key.this.arn
  github_repository     = var.github_repository
  github_branch         = var.github_branch
  github_connection_arn = var.github_connection_arn
  github_oauth_token    = one(data.aws_secretsmanager_secret_version.github_oauth_token[*].secret_string)
  build_project_name    = module.codebuild.project_name
  cluster_name          = module.ecs.cluster_name
  service_name          = module.ecs.service_name
}

module "monitoring" {
  source = "./modules/monitoring"

  name                        = local.name
  topic_arn                   = module.codepipeline.topic_arn
  cluster_name                = module.ecs.cluster_name
  service_name                = module.ecs.service_name
  alb_arn_suffix              = module.alb.arn_suffix
  target_group_arn_suffix     = module.alb.target_group_arn_suffix
  pipeline_name               = module.codepipeline.pipeline_name
  cpu_threshold_percent       = var.cpu_alarm_threshold_percent
  memory_threshold_percent    = var.memory_alarm_threshold_percent
  unhealthy_targets_threshold = var.unhealthy_targets_alarm_threshold
  pipeline_failures_threshold = var.pipeline_failures_alarm_threshold
}

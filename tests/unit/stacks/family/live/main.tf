module "local" {
  source = "./modules/local"
}

module "shared" {
  source = "../shared"
}

output "greeting" {
  description = "What both modules say."
  value       = "${module.local.word}, ${module.shared.word}"
}

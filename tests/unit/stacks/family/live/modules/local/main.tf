output "word" {
  description = "What this module says."
  value       = trimspace(file("${path.module}/word.txt"))
}

run "x" {
  command = apply
}

run "own" {
  command = apply
}

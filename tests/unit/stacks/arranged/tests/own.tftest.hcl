variables {
  nope = 1
}

run "own" {
  command = apply
}

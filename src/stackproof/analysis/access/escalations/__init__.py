"""Ways from some rights to more."""

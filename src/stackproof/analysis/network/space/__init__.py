"""What packets are made of: addresses, protocols and ports, as sets."""

"""What sends and receives: the network interfaces of every kind of resource."""

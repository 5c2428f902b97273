"""What lies between interfaces: groups, ACLs, route tables, subnets, gateways."""

output "vpc_id" {
  description = "Id of the VPC."
  value       = aws_vpc.this.id
}

output "vpc_cidr_block" {
  description = "IPv4 range of the VPC."
  value       = aws_vpc.this.cidr_block
}

output "public_subnet_ids" {
  description = "Ids of the public subnets, one per zone."
  value       = [for zone in local.zones : aws_subnet.public[zone].id]
}

# Tasks must not start before they have a way to the registry.
output "private_subnet_ids" {
  description = "Ids of the private subnets, one per zone."
  value       = [for zone in local.zones : aws_subnet.private[zone].id]
  depends_on  = [aws_route.nat, aws_route_table_association.private]
}

output "default_security_group_id" {
  description = "Id of the VPC's default security group, which has no rules."
  value       = aws_default_security_group.this.id
}

output "nat_public_ips" {
  description = "Addresses from which the tasks reach the internet, for allow lists."
  value       = [for zone in local.nat_zones : aws_eip.nat[zone].public_ip]
}

"""moto 5.2.5 leaves the network interface of a NAT gateway that is deleted, and its address associated with it.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteNatGateway.html
"""

from __future__ import annotations

import importlib
from typing import Any

SERVICE = "ec2"


def install() -> None:
    """Delete the interface with its gateway, and give the address free, as AWS does."""
    backend: Any = importlib.import_module("moto.ec2.models").EC2Backend
    delete = backend.delete_nat_gateway

    def delete_nat_gateway(self: Any, nat_gateway_id: str) -> Any:  # noqa: ANN401
        deleted = delete(self, nat_gateway_id)
        interfaces = {address["networkInterfaceId"] for address in deleted.address_set}
        for address in self.addresses:
            if address.association_id and address.eni and address.eni.id in interfaces:
                self.disassociate_address(association_id=address.association_id)
        for interface in interfaces:
            self.enis.pop(interface, None)
        return deleted

    backend.delete_nat_gateway = delete_nat_gateway

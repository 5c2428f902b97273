"""EBS volumes say that they are encrypted, wherever they are declared."""

from __future__ import annotations

from collections.abc import Iterator

from stackproof.policy.rule import About, Case, Rule, Severity

YES = (True, "true")
"""Launch templates hold strings."""


class VolumeEncrypted(Rule):
    about = About(
        id="SP_ENC_007",
        title="EBS volumes say that they are encrypted",
        severity=Severity.HIGH,
        types=("aws_ebs_volume", "aws_instance", "aws_launch_template", "aws_spot_instance_request"),
        why="whoever copies or shares a snapshot of a plain volume can read all that was ever on it",
        remedy="set encrypted = true for each volume, in root_block_device or block_device_mappings for an image's",
        source="https://docs.aws.amazon.com/ebs/latest/userguide/ebs-encryption.html",
    )

    def judge(self, case: Case) -> None:
        volumes = dict(self._volumes(case))
        if not (volumes or case.blocks("launch_template")):
            case.fail("nothing says that the volumes of its image are encrypted")
        for volume, name in volumes.items():
            with case.part():
                path = f"{volume}encrypted"
                if case.given(path) in YES:
                    continue
                if case.given(f"{volume}snapshot_id"):
                    case.undecided(f"{name} is as its snapshot is, and nobody knows whether that is encrypted", path)
                else:
                    case.fail(f"nothing says that {name} is encrypted", path)

    def _volumes(self, case: Case) -> Iterator[tuple[str, str]]:
        """Each volume, as the beginning of its arguments' paths and what it is called."""
        if case.resource.type == "aws_ebs_volume":
            yield "", "the volume"
        # a launch template says the same for an instance that is made of it, unless that says otherwise
        is_described = bool(case.blocks("root_block_device")) or not case.blocks("launch_template")
        if case.resource.type in ("aws_instance", "aws_spot_instance_request") and is_described:
            yield "root_block_device[0].", "the root volume"
        for number, device in enumerate(case.blocks("ebs_block_device")):
            yield f"ebs_block_device[{number}].", device.get("device_name") or "a volume"
        for number, device in enumerate(case.blocks("block_device_mappings")):
            for inner, _ in enumerate(device.get("ebs") or ()):
                yield f"block_device_mappings[{number}].ebs[{inner}].", device.get("device_name") or "a volume"


check = VolumeEncrypted()

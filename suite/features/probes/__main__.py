"""``python -m suite.features.probes FRAMEWORK PROBE RESULT``: run one probe, write what it found to the file RESULT.

An error ends the process with its traceback and leaves no result: what was not seen is not an answer.
"""

from __future__ import annotations

import importlib
import json
import sys
from dataclasses import asdict
from pathlib import Path

from suite.features.probes import packages


def main(framework: str, probe: str, result: str) -> None:
    """Run one probe of a framework, or read one fact of its package."""
    own = [importlib.import_module(f"suite.features.probes.{name}") for name in (framework, f"{framework}_files")]
    function = next((getattr(module, probe) for module in own if hasattr(module, probe)), None)
    found = function() if function else getattr(packages, probe)(framework)
    text = json.dumps({**asdict(found), "versions": packages.versions(framework)})
    unfinished = Path(f"{result}.part")
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(result)


if __name__ == "__main__":
    main(*sys.argv[1:])

"""Runs inside a framework's environment: trains a little in the default mode and prints what took effect, as JSON.

``python settings_probe.py FRAMEWORK [PROBE]``: with a probe, that setting is switched the other way.
"""

import json
import sys

from suite.frameworks import Stretch, framework
from suite.worker import effective
from suite.worker.clock import PerfClock
from tests.contract import networks

THREADS = 1


def main(name: str, probe: str | None) -> None:
    """Start, build, train, read back."""
    chosen = framework(name)
    if probe:
        chosen.switch(probe)
    requested = chosen.requested(THREADS, chosen.default_mode)
    chosen.start(THREADS)
    task, _, dtype = next(each for each in networks.tried(chosen) if each[1:] == (chosen.default_mode, "float32"))
    trainer = chosen.build(task, chosen.default_mode)
    trainer.load(networks.given_weights(task, dtype))
    inputs, labels = trainer.prepare(*networks.given_examples(task, dtype))
    batch = networks.batch_of(task.name)
    trainer.train(Stretch(inputs=inputs, labels=labels, examples=len(labels), batch=batch), PerfClock())
    sys.stdout.write(json.dumps({"requested": requested, "settings": {**effective.settings(), **trainer.settings()}}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None)

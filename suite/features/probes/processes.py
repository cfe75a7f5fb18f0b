"""What runs in another process than the probe that asks for it: a network that was exported, without its code."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from suite.features.probes.found import require


def reloaded(framework: str, exported: Path, images: Any) -> Any:
    """Return what an exported network makes of images (n, ...), computed in a process of its own.

    Raises:
        MismatchError: it could not; the message is its last line.
    """
    asked, answer = exported.with_name("images.json"), exported.with_name("outputs.json")
    asked.write_text(json.dumps(images), encoding="utf-8")
    command = [sys.executable, "-m", "suite.features.probes.processes", framework, *map(str, (exported, asked, answer))]
    done = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    require(done.returncode == 0, f"it could not be run by another process: {done.stderr.strip().splitlines()[-1:]}")
    return json.loads(answer.read_text(encoding="utf-8"))


def _pytorch(exported: str, images: Any) -> Any:
    import torch

    return torch.export.load(exported).module()(torch.tensor(images)).tolist()


def _tensorflow(exported: str, images: Any) -> Any:
    import tensorflow as tf

    loaded = tf.saved_model.load(exported)  # to be kept: its variables go with it
    return loaded.serve(tf.constant(images)).numpy().tolist()


def _main(framework: str, exported: str, asked: str, answer: str) -> None:
    run = {"pytorch": _pytorch, "tensorflow": _tensorflow, "keras": _tensorflow}[framework]
    found = run(exported, json.loads(Path(asked).read_text(encoding="utf-8")))
    Path(answer).write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    _main(*sys.argv[1:])

"""How long a run will take: what the same cell took on this machine last time, else a guess from the network's work."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field, replace
from pathlib import Path

from suite import home, records
from suite.cells import IN_CONTAINER, Cell
from suite.layers import Views
from suite.presets import Preset
from suite.workload import Workload
from suite.workloads import workloads

START_UP_S = 4.0
STEP_OVERHEAD_S = 1.5e-3
FLOP_PER_S_AND_CORE = 3e10
PUBLISHED_IMAGE_S = 1e-4
MAPS_S = 60.0
"""Rough guesses for a cell never run here, not measurements; what runs take on this machine replaces them."""


def flop_per_image(workload: Workload) -> float:
    """Return the work of training on one image: 2 operations per multiply-add, forward, and twice that backward."""
    total, views = 0, 1
    for shape in workload.shapes():
        if isinstance(shape.layer, Views):
            views = shape.input_shape[-1]
        if shape.weight_shape:
            total += views * math.prod(shape.weight_shape) * math.prod(shape.output_shape[:-1])
    return 6.0 * total


@dataclass
class Estimates:
    """Seconds by cell name."""

    preset: Preset
    threads: int
    known: dict[str, float] = field(default_factory=dict)

    @classmethod
    def load(cls, preset: Preset, threads: int) -> Estimates:
        """Read what earlier runs took here; a missing or damaged file means that nothing is known."""
        try:
            known = json.loads(_file().read_text())["seconds"]
            known = {key: float(value) for key, value in known.items() if 0 < float(value) < math.inf}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            known = {}
        return cls(preset=preset, threads=threads, known=known)

    def key(self, cell: Cell) -> str:
        """Return the name under which a cell's time is kept: sampled cells differ from preset to preset."""
        return f"{cell.name} {self.preset.name} {self.threads} threads"

    def seconds(self, cell: Cell) -> float:
        """Return how long one run of ``cell`` will take."""
        known = self.known.get(self.key(cell))
        if known is None and cell.probe == IN_CONTAINER:
            known = self.known.get(self.key(replace(cell, probe=None)))
        if known is not None:
            return known
        images = self.preset.sample_images + self.preset.warmup * cell.batch
        evaluation = 0.0
        task = workloads()[cell.workload]
        if cell.epochs is not None:
            images = cell.epochs * (cell.examples or task.examples)
            evaluation = 1.5 * cell.epochs + (MAPS_S if task.matching else 0.0)
        work = flop_per_image(task) / (FLOP_PER_S_AND_CORE * self.threads)
        taking_in = PUBLISHED_IMAGE_S if cell.lane == "as-published" else 0.0
        return START_UP_S + evaluation + images * (work + STEP_OVERHEAD_S / cell.batch + taking_in)

    def learn(self, cell: Cell, seconds: float) -> None:
        """Note how long a run of ``cell`` took: later estimates lean on the latest runs."""
        known = self.known.get(self.key(cell))
        self.known[self.key(cell)] = seconds if known is None else (known + seconds) / 2

    def save(self) -> None:
        """Keep what was learnt for the next run on this machine."""
        records.replace_json(_file(), {"seconds": {key: round(value, 2) for key, value in sorted(self.known.items())}})


def _file() -> Path:
    return home.cache() / "durations.json"

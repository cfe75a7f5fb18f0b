"""What trainings left behind for people to look at, read and checked: see :mod:`suite.worker.pictures`."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from suite import inputs, records
from suite.records import Record
from suite.report.material import Material, mapping
from suite.report.names import Name
from suite.workload import Workload
from suite.workloads import workloads

FAULTS = (OSError, ValueError, KeyError, EOFError, TypeError, zipfile.BadZipFile, zlib.error)
"""What reading a damaged .npz can end with."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Shown:
    """One run's file: whose it is, its workload, the weights at its end, and what else it holds."""

    name: Name
    raw: Record
    task: Workload
    weights: Mapping[str, np.ndarray]
    arrays: Mapping[str, np.ndarray]

    def first_weights(self) -> dict[str, np.ndarray]:
        """Return the weights that the run started from, drawn again from its seed."""
        return inputs.weights(self.task, int(self.raw["seed"]))


def of(material: Material, raw: Record) -> Shown | str:
    """Return what a run left behind, or the sentence that says why it cannot be shown."""
    file = str(mapping(raw.get("pictures")).get("file"))
    who = f"The pictures of {raw.get('cell')}, block {raw.get('block')} are left out: {file}"
    path = material.folder / file
    if not path.resolve().is_relative_to(material.folder.resolve()):
        return f"{who} lies outside the run's folder."
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return f"{who} is missing."
    except OSError as error:
        return f"{who} cannot be read ({error.strerror})."
    if records.sha256_of(data) != mapping(raw.get("pictures")).get("sha256"):
        return f"{who} was altered or damaged since its result was written."
    task = workloads().get(str(raw.get("workload")))
    if task is None:
        return f"{who} is of a workload that this version of evenmatch does not have."
    try:
        found = _arrays(data)
        return _checked(material, raw, task, found)
    except FAULTS:
        return f"{who} does not hold what it should."


def arrays(path: Path) -> dict[str, np.ndarray] | None:
    """Return every array of an .npz file, None where there is no such file that can be read."""
    try:
        return _arrays(path.read_bytes())
    except FAULTS:
        return None


def _arrays(data: bytes) -> dict[str, np.ndarray]:
    with np.load(io.BytesIO(data), allow_pickle=False) as file:
        return {name: file[name] for name in file.files}


def _checked(material: Material, raw: Record, task: Workload, found: Mapping[str, np.ndarray]) -> Shown:
    weights = {name.removeprefix("weights/"): array for name, array in found.items() if name.startswith("weights/")}
    if {name: array.shape for name, array in weights.items()} != {
        name: array.shape for name, array in inputs.weights(task, 0).items()
    }:
        raise ValueError("other weights than the workload's")
    if task.matching is None:
        count = len(found["labels"])
        shapes = {"images": (count, *task.input_shape), "logits": (count, task.classes), "index": (count,)}
        if count == 0 or int(found["pool"]) < 1 or not np.isfinite(found["logits"]).all():
            raise ValueError("no predictions")
    else:
        shapes = {"truth": found["map"].shape, "left": found["map"].shape}
        str(found["pair"])
        if found["map"].ndim != 2 or found["map"].size == 0:
            raise ValueError("no map")
    if any(found[name].shape != shape for name, shape in shapes.items()):
        raise ValueError("arrays of other shapes")
    rest = {name: array for name, array in found.items() if not name.startswith("weights/")}
    return Shown(name=material.name_of(raw), raw=raw, task=task, weights=weights, arrays=rest)

"""The job that the driver hands to a worker."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

from suite import records
from suite.frameworks import Device


@dataclass(frozen=True, kw_only=True)
class Job:
    """One run, as the worker needs to know it. All paths are absolute.

    With ``epochs`` None only steps are sampled: one first step, ``warmup`` steps, ``steady`` steps.
    With ``epochs`` set, whole epochs over the rows of the order file are trained and evaluated; the warm-up then
    happens on the same network beforehand, which starts anew from the initial weights afterwards. ``probe`` names the
    one setting that is switched the other way. Whole matched trainings write what there is to see of them to
    ``pictures_file``; nothing, where that is empty.

    In lane as-published, ``mode`` is the program's variant; ``weights`` and ``order`` are empty, since the program
    draws its own with ``seed``; it trains on the first ``examples`` ones, and nothing is warmed up.
    """

    lane: str = "matched"
    workload: str
    framework: str
    mode: str
    batch: int
    epochs: int | None
    warmup: int
    steady: int
    threads: int
    data: str
    weights: str
    order: str
    examples: int
    seed: int
    steps_file: str
    pictures_file: str = ""
    probe: str | None = None
    device: Device = "cpu"

    def write(self, path: Path) -> None:
        """Write the job for the worker to read."""
        records.write_json_once(path, {"schema": records.SCHEMA, **asdict(self)})

    @classmethod
    def read(cls, path: Path) -> Job:
        """Read what :meth:`write` wrote."""
        record = records.read_json(path, "the worker's job")
        del record["schema"]
        return cls(**record)

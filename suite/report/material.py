"""What a report is made from: analysis, raw results and plan of one run, and the ways to look things up in them.

Records may be incomplete (a worker that died left no settings, an older analysis no notes), so every look-up here has
an answer for "not there", and the sections need not ask.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from suite.records import Record
from suite.report import text
from suite.report.names import Name, default_mode, rank

DATA = "--data"

OWN_OPTIONS = {"--out": 1, "--resume": 0}
"""Options of one particular run, with their number of values: a command to reproduce something leaves them out."""


def records(value: object) -> list[Record]:
    """Return the JSON objects in ``value``; nothing for null."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def mapping(value: object) -> Record:
    """Return ``value`` if it is a JSON object, else an empty one."""
    return value if isinstance(value, dict) else {}


@dataclass(frozen=True, kw_only=True)
class Material:
    """The records of one run; ``folder`` holds the files that raw results point to."""

    folder: Path
    analysis: Record
    raws: list[Record]
    plan: Record | None

    @cached_property
    def ok(self) -> list[Record]:
        """The raw results that ended well, in the order of blocks and positions."""
        good = [raw for raw in self.raws if raw.get("status") == "ok"]
        return sorted(good, key=lambda raw: (raw.get("block") or 0, raw.get("position") or 0, str(raw.get("cell"))))

    @cached_property
    def cells(self) -> list[Record]:
        """The analysed cells."""
        return records(self.analysis.get("cells"))

    @cached_property
    def comparisons(self) -> list[Record]:
        """The analysed pairs."""
        return records(self.analysis.get("comparisons"))

    @cached_property
    def _named(self) -> list[Record]:
        planned = records(mapping(self.plan).get("runs"))
        return [item for item in [*planned, *self.cells, *self.raws] if item.get("framework") and item.get("mode")]

    @cached_property
    def names(self) -> list[Name]:
        """Every framework and mode, the study's frameworks first, modes in the order of the plan."""
        found = list(dict.fromkeys(Name(framework=item["framework"], mode=item["mode"]) for item in self._named))
        return sorted(found, key=lambda name: rank(name.framework))

    def name(self, key: str) -> Name:
        """Return the framework and mode that records call ``key``, as ``pytorch-eager``."""
        for name in self.names:
            if name.key == key:
                return name
        framework, _, mode = key.partition("-")
        return Name(framework=framework, mode=mode or "default")

    @cached_property
    def defaults(self) -> dict[str, Name]:
        """The default mode of each framework, or the first one planned where that was not run."""
        chosen: dict[str, Name] = {}
        for name in self.names:
            if name.framework not in chosen or name.mode == default_mode(name.framework):
                chosen[name.framework] = name
        return chosen

    @cached_property
    def workloads(self) -> list[str]:
        """Every workload, in the order of the plan."""
        return list(dict.fromkeys(item["workload"] for item in self._named if item.get("workload")))

    @cached_property
    def preset(self) -> str:
        """The preset's name."""
        return str(self._first("preset") or "custom")

    @cached_property
    def profile(self) -> str:
        """The profile's name."""
        return str(self._first("profile") or "unknown profile")

    @cached_property
    def run(self) -> str:
        """The run's id."""
        return str(self._first("run") or self.folder.name)

    @cached_property
    def data(self) -> Record:
        """What was trained on: ``name``, ``synthetic``, ``sha256`` and more."""
        return mapping(self._first("data"))

    @cached_property
    def synthetic(self) -> bool:
        """Whether the images were made up, so that accuracies hold for them alone."""
        return bool(self.analysis.get("synthetic") or self.data.get("synthetic"))

    def cells_of(self, workload: str, quantity: str) -> list[Record]:
        """Return the cells of a workload that measured ``quantity``, frameworks in the usual order, then by size."""
        place = {name.key: index for index, name in enumerate(self.names)}
        found = [cell for cell in self.cells if cell.get("workload") == workload and cell.get("quantity") == quantity]
        return sorted(found, key=lambda cell: (*setting_key(cell), place.get(name_of(cell).key, len(place))))

    def raws_of(self, workload: str) -> list[Record]:
        """Return the good raw results of a workload."""
        return [raw for raw in self.ok if raw.get("workload") == workload]

    def batches(self, workload: str) -> list[int]:
        """Return the batch sizes that a workload was run with, ascending."""
        sizes = {batch_of(item) for item in self._named if item.get("workload") == workload}
        return sorted(size for size in sizes if size is not None)

    def main_batch(self, workload: str, quantity: str) -> int | None:
        """Return the batch size to speak of first: 32, the frameworks' usual default, or else the largest there is."""
        cells = self.cells_of(workload, quantity)
        sizes = {batch_of(cell) for cell in cells if cell.get("median_s") is not None} or {batch_of(c) for c in cells}
        known = sorted(size for size in sizes if size is not None)
        return 32 if 32 in known else known[-1] if known else None

    def command(self, select: str = "") -> str:
        """Return the shell command that measures this again, or only the cells that the glob ``select`` names."""
        given = [str(word) for word in mapping(self.plan).get("command") or []]
        given = _private(given)
        words = _without(given, OWN_OPTIONS | ({"--select": 1} if select else {})) or [
            "nox",
            "-s",
            f"bench-{self.profile}",
            "--",
            "--preset",
            self.preset,
        ]
        if select:
            words += [] if "--" in words or words[0] != "nox" else ["--"]
            words += ["--select", select]
        return shlex.join(words)

    def _first(self, key: str) -> Any:
        for record in [mapping(self.plan), self.analysis, *self.ok, *self.raws]:
            if record.get(key):
                return record[key]
        return None


def _private(words: list[str]) -> list[str]:
    """Return a command without the folder of the data, which may hold a user's name."""
    hidden = [f"{DATA}=DIR" if word.startswith(f"{DATA}=") else word for word in words]
    return ["DIR" if before == DATA else word for before, word in zip(["", *hidden], hidden, strict=False)]


def _without(words: list[str], options: dict[str, int]) -> list[str]:
    kept: list[str] = []
    skip = 0
    for word in words:
        if skip:
            skip -= 1
        elif word in options:
            skip = options[word]
        elif word.partition("=")[0] not in options:
            kept.append(word)
    return kept


def name_of(record: Record) -> Name:
    """Return the framework and mode of a cell or raw result."""
    return Name(framework=str(record.get("framework")), mode=str(record.get("mode")))


def batch_of(record: Record) -> int | None:
    """Return the batch size of a cell, comparison or raw result."""
    return mapping(record.get("params")).get("batch")


def epochs_of(record: Record) -> int | None:
    """Return the number of epochs of a whole training, or ``None`` where only steps were sampled."""
    return mapping(record.get("params")).get("epochs")


def setting_key(record: Record) -> tuple[int, int]:
    """Return (epochs, batch) to sort by, as the study's tables do."""
    return (epochs_of(record) or 0, batch_of(record) or 0)


def setting(record: Record) -> str:
    """Return a cell's parameters in words: "batch 32", "batch 4, 10 epochs"."""
    epochs, batch = epochs_of(record), batch_of(record)
    parts = [f"batch {batch}"] if batch is not None else []
    if epochs is not None:
        parts.append("1 epoch" if epochs == 1 else f"{epochs} epochs")
    examples = mapping(record.get("params")).get("examples")
    return ", ".join(parts) + (f" of {text.count(examples)} examples" if examples else "")

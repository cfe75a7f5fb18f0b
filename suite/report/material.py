"""What a report is made from: analysis, raw results and plan of one run, and the ways to look things up in them.

Records may be incomplete (a worker that died left no settings, an older analysis no notes), so every look-up here has
an answer for "not there", and the sections need not ask.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from suite.frameworks import arms
from suite.records import Record
from suite.report import commands, text
from suite.report.names import AS_PUBLISHED, MATCHED, PUBLISHED, Name, default_mode, further, rank
from suite.report.standing import Arm, Standing, standings


def records(value: object) -> list[Record]:
    """Return the JSON objects in ``value``; nothing for null."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def mapping(value: object) -> Record:
    """Return ``value`` if it is a JSON object, else an empty one."""
    return value if isinstance(value, dict) else {}


@dataclass(frozen=True, kw_only=True)
class Material:
    """The records of one run; ``folder`` holds the files that raw results point to.

    Those of one ``lane`` come from :meth:`of_lane`: tables and charts are made lane by lane, since nothing in one lane
    is to be read against the other, except where a section is about just that.
    """

    folder: Path
    analysis: Record
    raws: list[Record]
    plan: Record | None
    lane: str = ""

    @cached_property
    def lanes(self) -> list[Material]:
        """The material of each lane that was planned or run, the matched one first."""
        found = dict.fromkeys(lane_of(item) for item in self._named)
        return [self.of_lane(lane) for lane in sorted(found, key=lambda lane: (lane != MATCHED, lane))]

    def of_lane(self, lane: str) -> Material:
        """Return what belongs to one lane; runs with a setting switched to see what it costs belong to none."""

        def own(items: object) -> list[Record]:
            return [item for item in records(items) if lane_of(item) == lane and not item.get("probe")]

        analysis = {**self.analysis, **{key: own(self.analysis.get(key)) for key in ("cells", "comparisons", "scaled")}}
        analysis["study"] = {key: own(rows) for key, rows in mapping(self.analysis.get("study")).items()}
        plan = None if self.plan is None else {**self.plan, "runs": own(self.plan.get("runs"))}
        return replace(self, analysis=analysis, raws=own(self.raws), plan=plan, lane=lane)

    @property
    def parts(self) -> Iterator[tuple[Material, str]]:
        """Every workload of every lane, in the order of tables and charts."""
        return ((lane, workload) for lane in self.lanes for workload in lane.workloads)

    def titled(self, words: str) -> str:
        """Return a title with its lane, where that is not the matched one, and with the mark of an unlike device."""
        mark = mapping(self.analysis.get("device")).get("mark")
        return f"{'As published: ' if self.lane == AS_PUBLISHED else ''}{words}{f' ({mark})' if mark else ''}"

    @cached_property
    def standings(self) -> dict[Arm, Standing]:
        """What is proved of each framework, mode and workload."""
        return standings(self.raws, records(self.analysis.get("passports")))

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
        """The analysed pairs; one with an unmatched side has the verdict UNMATCHED, whatever the times say."""
        return [self._judged(item) for item in records(self.analysis.get("comparisons"))]

    def _judged(self, item: Record) -> Record:
        names = (self.name(str(item.get(side)), str(item.get("workload"))) for side in ("a", "b"))
        named = [str(key) for key in item.get("unmatched") or []]
        unmatched = list(dict.fromkeys([*named, *(name.key for name in names if name.unmatched)]))
        return {**item, "verdict": "UNMATCHED", "unmatched": unmatched} if unmatched else item

    @cached_property
    def _named(self) -> list[Record]:
        planned = records(mapping(self.plan).get("runs"))
        return [item for item in [*planned, *self.cells, *self.raws] if item.get("framework") and item.get("mode")]

    @cached_property
    def names(self) -> list[Name]:
        """Every framework and mode, the study's frameworks first, modes in the order of the plan."""
        found = dict.fromkeys(Name(framework=r["framework"], mode=r["mode"], lane=lane_of(r)) for r in self._named)
        return sorted(found, key=lambda name: (name.lane != MATCHED, rank(name.framework), name.mode != PUBLISHED))

    def arm(self, key: str) -> Name:
        """Return the framework and mode that records call ``key``, as ``pytorch-eager``, apart from any workload."""
        framework, mode = arms.split(key)
        known = next((name for name in self.names if name.key == key), None)
        return known or Name(framework=framework, mode=mode or "default", lane=self.lane or MATCHED)

    def name(self, key: str, workload: str) -> Name:
        """Return the framework and mode that records call ``key`` as it stands in a workload, marked if unmatched."""
        arm = self.arm(key)
        return replace(arm, unmatched=self.standing(arm, workload).unmatched)

    def name_of(self, record: Record) -> Name:
        """Return the framework and mode of a cell or raw result, marked where it is unmatched."""
        name = Name(framework=str(record.get("framework")), mode=str(record.get("mode")), lane=lane_of(record))
        return replace(name, unmatched=self.standing(name, str(record.get("workload"))).unmatched)

    def standing(self, name: Name, workload: str) -> Standing:
        """Return what is proved of a framework and mode in a workload."""
        nothing = AS_PUBLISHED if name.lane == AS_PUBLISHED else "none"
        return self.standings.get((name.lane, workload, name.key)) or Standing(status=nothing)

    def in_order(self, items: Iterable[Record]) -> list[Record]:
        """Return cells or raw results by setting, frameworks and modes in the usual order."""
        place = {(name.lane, name.key): index for index, name in enumerate(self.names)}

        def order(item: Record) -> tuple[tuple[int, int], int]:
            name = self.name_of(item)
            return setting_key(item), place.get((name.lane, name.key), len(place))

        return sorted(items, key=order)

    @cached_property
    def defaults(self) -> dict[str, Name]:
        """The default mode of each framework, or the first one planned where that was not run."""
        chosen: dict[str, Name] = {}
        for name in self.names:
            usual = default_mode(name.framework) if name.lane == MATCHED else PUBLISHED
            if name.framework not in chosen or name.mode == usual:
                chosen[name.framework] = name
        return chosen

    def is_default(self, name: Name) -> bool:
        """Tell whether a name stands for its framework where only one mode is shown."""
        chosen = self.defaults.get(name.framework)
        return chosen is not None and chosen.key == name.key

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
        found = [cell for cell in self.cells if cell.get("workload") == workload and cell.get("quantity") == quantity]
        return self.in_order(found)

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
        typed = [str(word) for word in mapping(self.plan).get("command") or []]
        return commands.measuring(typed, ["nox", "-s", f"bench-{self.profile}", "--", "--preset", self.preset], select)

    def parity_command(self, workload: str) -> str:
        """Return the shell command that examines a workload anew, as it was examined for this run."""
        arms = [arm for arm in self.names if arm.lane == MATCHED]
        others = any(arm.mode != default_mode(arm.framework) or further(arm.framework) for arm in arms)
        accelerator = str(mapping(mapping(self.plan).get("platform")).get("accelerator"))
        return commands.examining(workload, self._request, accelerator, all_modes=others)

    @property
    def doctor_command(self) -> str:
        """The shell command that says what a machine is, and what this run's profile needs there."""
        return commands.looking(self._request)

    @property
    def _request(self) -> Record:
        return {"profile": self._first("profile"), **mapping(mapping(self.plan).get("request"))}

    def _first(self, key: str) -> Any:
        for record in [mapping(self.plan), self.analysis, *self.ok, *self.raws]:
            if record.get(key):
                return record[key]
        return None


def lane_of(record: Record) -> str:
    """Return the lane of a cell, comparison, planned run or raw result; older records knew one only."""
    named = str(record.get("cell") or "").split("/")
    return str(record.get("lane") or (named[1] if len(named) > 1 else MATCHED))


def batch_of(record: Record) -> int | None:
    """Return the batch size of a cell, comparison or raw result."""
    return mapping(record.get("params")).get("batch")


def epochs_of(record: Record) -> int | None:
    """Return the number of epochs of a whole training, or ``None`` where only steps were sampled."""
    return mapping(record.get("params")).get("epochs")


def setting_key(record: Record) -> tuple[int, int]:
    """Return (epochs, batch) to sort by, as the study's tables do."""
    return (epochs_of(record) or 0, batch_of(record) or 0)


def length(record: Record) -> str:
    """Return how long a training is in words: "10 epochs", "1 epoch of 2 048 examples"; empty for sampled steps."""
    epochs, examples = epochs_of(record), mapping(record.get("params")).get("examples")
    parts = [] if epochs is None else ["1 epoch" if epochs == 1 else f"{epochs} epochs"]
    parts += [f"of {text.count(examples)} examples"] if examples else []
    return " ".join(parts)


def setting(record: Record) -> str:
    """Return a cell's parameters in words: "batch 32", "batch 4, 10 epochs"."""
    batch = batch_of(record)
    return ", ".join(words for words in ("" if batch is None else f"batch {batch}", length(record)) if words)

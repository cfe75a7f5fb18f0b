"""What the first study (COMP5511, 2021) could not tell, and how much of it this run covers."""

from __future__ import annotations

import statistics

from suite.frameworks import arms
from suite.notes import PUBLISHED, Evidence, Note, Rule, at, listed, number, plural
from suite.notes.devices import device

_MB = 1e6


class ProcessorOnly(Rule):
    """No run used a graphics processor."""

    id = "study-no-gpu"
    severity = "info"
    family = "study"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Look at the devices that the live frameworks reported, and at the GPUs of the machine."""
        devices = {found for raw in evidence.ok if (found := device(raw)) is not None}
        if devices != {"cpu"}:
            return []
        gpus = [at(raw, "machine.identity.gpus") for raw in evidence.ok]
        idle = sorted({str(gpu.get("name")) for each in gpus if isinstance(each, list) for gpu in each})
        there = f"this machine's {listed(idle)} stayed idle" if idle else "none is in this machine"
        return self.note(
            f"Nothing ran on a GPU ({there}), as in the first study: which framework is faster there, this run cannot "
            "say.",
            "Run the same preset on a machine and profile with a GPU.",
            devices=sorted(devices),
            gpus=idle,
        )


class MemoryUse(Rule):
    """What each framework needed of memory, which the first study did not record."""

    id = "study-memory-use"
    severity = "info"
    family = "study"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Take the median of each framework's cells, of sampled steps where there are any, else of whole trainings."""
        cells = [c for c in evidence.cells if c["lane"] != PUBLISHED and not c["probe"] and c["runs_ok"]]
        sampled = [cell for cell in cells if cell["quantity"] == "step"]
        found: dict[str, list[float]] = {}
        for cell in sampled or cells:
            if (peak := number(cell["peak_rss_bytes"])) is not None:
                found.setdefault(str(cell["framework"]), []).append(peak)
        if len(found) < 2:
            return []
        peaks = {framework: statistics.median(values) for framework, values in found.items()}
        words = listed(f"{framework} {peak / _MB:.0f} MB" for framework, peak in peaks.items())
        return self.note(
            f"The first study left open what the frameworks need of memory. Peak resident memory here, the median "
            f"over the cells of each: {words}. It is the whole process's, images and the framework's own libraries "
            "included.",
            "Compare the same batch size and data only; on a GPU its own memory counts, which this is not.",
            peak_rss_bytes=peaks,
        )


class OtherNetworks(Rule):
    """Few networks were measured, and others may come out the other way round."""

    id = "study-few-networks"
    severity = "info"
    family = "study"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """List the networks that ran, and over which span the ratio of two frameworks moves on them."""
        workloads = sorted({str(raw.get("workload")) for raw in evidence.ok})
        if not workloads:
            return []
        spans: dict[tuple[str, str, str], set[float]] = {}
        for row in evidence.comparisons:
            if row["low"] is not None and arms.split(row["a"])[0] != arms.split(row["b"])[0]:
                spans.setdefault((row["a"], row["b"], row["quantity"]), set()).add(row["ratio"])
        widest = max(spans.items(), key=lambda item: max(item[1]) / min(item[1]), default=None)
        moves = ""
        if widest and len(widest[1]) > 1:
            (a, b, quantity), ratios = widest
            moves = (
                f" Already here the {quantity} of {b} takes {min(ratios):.2f} to {max(ratios):.2f} times that of {a}."
            )
        return self.note(
            f"{plural(len(workloads), 'network')} ran ({listed(workloads)}): what comes out here need not hold for "
            f"others, larger ones above all.{moves}",
            "Measure the network that the decision is about, or one like it.",
            workloads=workloads,
        )

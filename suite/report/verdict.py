"""The answer first: one card for each workload, with the sentences and the times they rest on."""

from __future__ import annotations

from suite.records import Record
from suite.report import text
from suite.report.document import Bar, Tone, Verdict
from suite.report.material import Material, batch_of, epochs_of, name_of, setting
from suite.report.names import Name

MEASURES = {"step": "time per training step", "training": "time of a whole training"}
"""What a quantity is called in headings."""

SHARES = {"step": "time per step", "training": "time for a whole training"}
"""What a quantity is called in sentences about a framework's share of it."""


def verdicts(material: Material) -> list[Verdict]:
    """Return one verdict for each workload, in the order of the plan."""
    return [_verdict(material, workload) for workload in material.workloads]


def tone_of(verdict: str) -> Tone:
    """Return how a verdict is set off: faster, slower, or neither."""
    word = verdict.lower().split(" ")[0].rstrip(",.:")
    return "good" if word == "faster" else "bad" if word == "slower" else "even"


def sentence(material: Material, comparison: Record) -> str:
    """Return a comparison as one plain sentence: which share of a's time b needs, and what follows."""
    a, b = (material.name(str(comparison[side])).text for side in ("a", "b"))
    ratio, verdict = comparison.get("ratio"), str(comparison.get("verdict") or "no verdict")
    share = SHARES.get(str(comparison.get("quantity")), "time")
    if ratio is None:
        return str(comparison.get("sentence") or f"{b} could not be compared with {a}.")
    if comparison.get("low") is None or comparison.get("high") is None:
        return f"{b} needs about {text.ratio(ratio)} of {a}'s {share}: {verdict}."
    interval = text.ratio_range(comparison["low"], comparison["high"])
    return f"{b} needs {interval} of {a}'s {share}: {verdict}."


def main_quantity(material: Material, workload: str) -> str:
    """Return what the verdict rests on: step times where they were sampled, else whole trainings."""
    sampled = any(cell.get("median_s") is not None for cell in material.cells_of(workload, "step"))
    return "step" if sampled or not material.cells_of(workload, "training") else "training"


def between_defaults(material: Material, workload: str, quantity: str) -> list[Record]:
    """Return the comparisons of different frameworks in their default modes."""
    default = {name.key for name in material.defaults.values()}
    return [
        item
        for item in material.comparisons
        if item.get("workload") == workload
        and item.get("quantity") == quantity
        and {item.get("a"), item.get("b")} <= default
    ]


def _verdict(material: Material, workload: str) -> Verdict:
    quantity = main_quantity(material, workload)
    batch = material.main_batch(workload, quantity)
    cells = [cell for cell in material.cells_of(workload, quantity) if batch_of(cell) == batch]
    longest = max((epochs_of(cell) or 0 for cell in cells), default=0)
    cells = [cell for cell in cells if (epochs_of(cell) or 0) == longest]
    measured = [cell for cell in cells if cell.get("median_s") is not None]
    pairs = between_defaults(material, workload, quantity) if measured else []
    main = [item for item in pairs if batch_of(item) == batch and (epochs_of(item) or 0) == longest]
    return Verdict(
        workload=workload,
        setting=setting(cells[0]) if cells else "",
        measure=MEASURES[quantity],
        headline=_headline(material, main, measured),
        sentences=_sentences(material, main, measured),
        bars=_bars(material, measured),
        remark=_remark(cells, measured),
        details=_other_settings(material, pairs),
    )


def _headline(material: Material, pairs: list[Record], measured: list[Record]) -> str:
    """Return who leads, claiming no more than the verdicts of all pairs together support."""
    if not pairs:
        return "No comparison" if measured else "No verdict"
    verdicts = [str(item.get("verdict")) for item in pairs]
    if all(verdict.startswith("equal") for verdict in verdicts):
        return "Equally fast"
    won = [pair for item in pairs if (pair := _won(item))]
    if not won:
        few = all(verdict == "too few runs" for verdict in verdicts)
        return "Too few runs to tell" if few else "No difference shown"
    names = list(dict.fromkeys(str(item[side]) for item in pairs for side in ("a", "b")))
    unbeaten = [key for key in names if key not in {loser for _, loser in won}]
    if len(unbeaten) == 1:
        return f"{material.name(unbeaten[0]).title} is {'faster' if len(names) == 2 else 'fastest'}"
    faster, slower = won[0]
    return f"{material.name(faster).title} is faster than {material.name(slower).title}"


def _won(item: Record) -> tuple[str, str] | None:
    """Return (faster, slower) of a pair whose difference is shown."""
    a, b = str(item["a"]), str(item["b"])
    return {"faster": (b, a), "slower": (a, b)}.get(str(item.get("verdict")))


def _sentences(material: Material, pairs: list[Record], measured: list[Record]) -> list[str]:
    if pairs:
        return [sentence(material, item) for item in sorted(pairs, key=lambda item: _won(item) is None)]
    if not measured:
        return ["No run finished, so there is no verdict. See what failed."]
    if len({name_of(cell).framework for cell in measured}) > 1:
        return ["The frameworks were measured, but too few runs finished to compare them."]
    only = name_of(measured[0]).title
    return [f"Only {only} was measured, so there is nothing to compare it with."]


def _bars(material: Material, measured: list[Record]) -> list[Bar]:
    usual = set(material.defaults.values())
    chosen: dict[Name, Record] = {name_of(cell): cell for cell in measured if name_of(cell) in usual}
    chosen = chosen or {name_of(cell): cell for cell in measured}
    return [
        Bar(name=name, value=cell["median_s"], text=text.duration(cell["median_s"])) for name, cell in chosen.items()
    ]


def _remark(cells: list[Record], measured: list[Record]) -> str:
    if not measured:
        return ""
    runs = sorted({int(cell.get("runs_ok") or 0) for cell in measured})
    span = str(runs[0]) if len(runs) == 1 else f"{runs[0]} to {runs[-1]}"
    lost = sum(int(cell.get("runs_not_ok") or 0) for cell in cells)
    ending = f"; {text.plural(lost, 'run')} did not end well" if lost else ""
    return f"Median of {span} {'run' if runs[-1] == 1 else 'runs'}, each in its own process{ending}."


def _other_settings(material: Material, pairs: list[Record]) -> list[str]:
    """Return, for each pair, the smallest and largest ratio over all batch sizes, where there are several."""
    spans = []
    for a, b in dict.fromkeys((str(item["a"]), str(item["b"])) for item in pairs):
        known = [item for item in pairs if (item["a"], item["b"]) == (a, b) and item.get("ratio") is not None]
        batches = sorted({size for item in known if (size := batch_of(item)) is not None})
        if len(batches) < 2:
            continue
        low, high = (pick(known, key=lambda item: float(item["ratio"])) for pick in (min, max))
        spans.append(
            f"{material.name(b).title} against {material.name(a).title} over batch {batches[0]} to {batches[-1]}: from "
            f"{text.ratio(low['ratio'])} (batch {batch_of(low)}) to {text.ratio(high['ratio'])} (batch "
            f"{batch_of(high)})."
        )
    return spans

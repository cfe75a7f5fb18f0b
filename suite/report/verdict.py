"""The answer first: one card for each workload, with the sentences and the times they rest on."""

from __future__ import annotations

from dataclasses import replace

from suite.records import Record
from suite.report import text, trust, venues
from suite.report.chartdata import Bar
from suite.report.document import Note, Tone, Verdict
from suite.report.material import Material, batch_of, epochs_of, setting
from suite.report.names import AS_PUBLISHED, UNMATCHED, Name
from suite.report.standing import number

MEASURES = {"step": "time per training step", "training": "time of a whole training"}
"""What a quantity is called in headings."""

SHARES = {"step": "time per step", "training": "time for a whole training"}
"""What a quantity is called in sentences about a framework's share of it."""


def verdicts(material: Material, notes: list[Note]) -> list[Verdict]:
    """Return one verdict for each workload, in the order of the plan: of the matched lane wherever there is one."""
    chosen: dict[str, Material] = {}
    for lane, workload in material.parts:
        chosen.setdefault(workload, lane)
    every = {*material.workloads, *(trust.shortened(material, str(cell["cell"])) for cell in material.cells)}
    return [
        replace(_verdict(lane, workload), cautions=trust.cautions(notes, _rests_on(lane, workload), every))
        for workload, lane in chosen.items()
    ]


def names(material: Material, comparison: Record) -> tuple[Name, Name]:
    """Return the two sides of a comparison, the one it is held against first."""
    a, b = (material.name(str(comparison.get(side)), str(comparison.get("workload"))) for side in ("a", "b"))
    return a, b


def tone_of(verdict: str) -> Tone:
    """Return how a verdict is set off: faster, slower, unmatched, or neither."""
    tones: dict[str, Tone] = {"faster": "good", "slower": "bad", "unmatched": "unmatched"}
    return tones.get(verdict.lower().split(" ")[0].rstrip(",.:"), "even")


def sentence(material: Material, comparison: Record) -> str:
    """Return a comparison as one plain sentence: which share of a's time b needs, and what follows."""
    a, b = names(material, comparison)
    ratio, verdict = comparison.get("ratio"), str(comparison.get("verdict") or "no verdict")
    share = SHARES.get(str(comparison.get("quantity")), "time")
    if ratio is None:
        return str(comparison.get("sentence") or f"{b.text} could not be compared with {a.text}.")
    known = comparison.get("low") is not None and comparison.get("high") is not None
    amount = text.ratio_range(comparison.get("low"), comparison.get("high")) if known else f"about {text.ratio(ratio)}"
    ending = f": {verdict}."
    if comparison.get("unmatched"):
        marked = [name.plain for name in (a, b) if name.key in comparison["unmatched"]]
        ending = f". {UNMATCHED}: {text.listing(marked)}, so no verdict."
    return f"{b.plain} needs {amount} of {a.plain}'s {share}{ending}"


def main_quantity(material: Material, workload: str) -> str:
    """Return what the verdict rests on: step times where they were sampled, else whole trainings."""
    sampled = any(cell.get("median_s") is not None for cell in material.cells_of(workload, "step"))
    return "step" if sampled or not material.cells_of(workload, "training") else "training"


def between_defaults(material: Material, workload: str, quantity: str) -> list[Record]:
    """Return the comparisons of different frameworks in their default modes."""
    return [
        item
        for item in material.comparisons
        if item.get("workload") == workload and item.get("quantity") == quantity
        if all(material.is_default(name) for name in names(material, item))
    ]


def _verdict(material: Material, workload: str) -> Verdict:
    quantity, cells = _main_cells(material, workload)
    batch, longest = next(((batch_of(cell), epochs_of(cell) or 0) for cell in cells), (None, 0))
    measured = [cell for cell in cells if cell.get("median_s") is not None]
    pairs = between_defaults(material, workload, quantity) if measured else []
    main = [item for item in pairs if batch_of(item) == batch and (epochs_of(item) or 0) == longest]
    asked, answers = venues.answers(material, workload, cells)
    found = "" if asked and not main else _headline(material, main, measured)
    headline = "; ".join(words for words in (asked, found) if words)
    return Verdict(
        workload=workload,
        setting=setting(cells[0]) if cells else "",
        measure=MEASURES[quantity],
        headline=material.titled(headline),
        sentences=[
            *answers,
            *_sentences(material, main, measured, alone=not asked),
            *_unmatched(material, workload, measured),
        ],
        bars=_bars(material, measured),
        remark=_remark(cells, measured),
        details=_other_settings(material, pairs),
        turned=_turned(material, main),
    )


def _main_cells(material: Material, workload: str) -> tuple[str, list[Record]]:
    """Return the quantity that the verdict rests on, and its cells: of the main batch size, trained for longest."""
    quantity = main_quantity(material, workload)
    batch = material.main_batch(workload, quantity)
    cells = [cell for cell in material.cells_of(workload, quantity) if batch_of(cell) == batch]
    longest = max((epochs_of(cell) or 0 for cell in cells), default=0)
    return quantity, [cell for cell in cells if (epochs_of(cell) or 0) == longest]


def _rests_on(material: Material, workload: str) -> set[str]:
    """Return the names by which notes speak of what a card shows."""
    _, cells = _main_cells(material, workload)
    shown = [cell for cell in cells if material.is_default(material.name_of(cell))] or cells
    return {workload, *(trust.shortened(material, str(cell["cell"])) for cell in shown)}


def _headline(material: Material, pairs: list[Record], measured: list[Record]) -> str:
    """Return who leads, claiming no more than all verdicts together support; the unmatched lead nothing."""
    if not pairs:
        return "No comparison" if measured else "No verdict"
    judged = [item for item in pairs if not item.get("unmatched")]
    if not judged:
        return "No verdict: UNMATCHED"
    sides = [name for item in pairs for name in names(material, item)]
    left_out = list(dict.fromkeys(name.title for name in sides if name.unmatched))
    words = _leaders(material, judged, alone=not left_out)
    return f"{words}; {text.listing(left_out)} UNMATCHED" if left_out else words


def _leaders(material: Material, pairs: list[Record], *, alone: bool) -> str:
    """Return who is faster than whom, and of whom nothing is known. ``alone``: there are no others beside these."""
    verdicts = [str(item.get("verdict")) for item in pairs]
    if all(verdict.startswith("equal") for verdict in verdicts):
        return "Equally fast" if alone else f"{_titles(material, pairs)} are equally fast"
    won = [pair for item in pairs if (pair := _won(item))]
    if not won:
        few = all(verdict == "too few runs" for verdict in verdicts)
        return "Too few runs to tell" if few else "No difference shown"
    known = {name.key: name.title for item in pairs for name in names(material, item)}
    beaten = [key for key in known if key in {loser for _, loser in won}]
    unbeaten = [key for key in known if key not in beaten]
    if len(unbeaten) == 1 and alone:
        return f"{known[unbeaten[0]]} is {'faster' if len(known) == 2 else 'fastest'}"
    winners = [key for key in unbeaten if key in {winner for winner, _ in won}]
    if not winners or not all((winner, loser) in won for winner in winners for loser in beaten):
        winners, beaten = [won[0][0]], [won[0][1]]
    rest = [key for key in known if key not in (*winners, *beaten)]
    unclear = "see below" if {*rest} & {key for pair in won for key in pair} else "not resolved"
    first, second, others = (text.listing([known[key] for key in keys]) for keys in (winners, beaten, rest))
    ending = f"; {others}: {unclear}" if rest else ""
    return f"{first} {'is' if len(winners) == 1 else 'are'} faster than {second}{ending}"


def _titles(material: Material, pairs: list[Record]) -> str:
    return text.listing(list(dict.fromkeys(name.title for item in pairs for name in names(material, item))))


def _won(item: Record) -> tuple[str, str] | None:
    """Return (faster, slower) of a pair whose difference is shown."""
    a, b = str(item["a"]), str(item["b"])
    return {"faster": (b, a), "slower": (a, b)}.get(str(item.get("verdict")))


def _sentences(material: Material, pairs: list[Record], measured: list[Record], *, alone: bool) -> list[str]:
    if pairs:
        return [sentence(material, item) for item in sorted(pairs, key=lambda item: _won(item) is None)]
    if not measured:
        return ["No run finished, so there is no verdict. See what failed."]
    found = {material.name_of(cell).title: None for cell in measured}
    if len(found) > 1:
        return ["The frameworks were measured, but too few runs finished to compare them."]
    lone = f"Only {next(iter(found))} was measured, so there is nothing to compare it with."
    return [lone] if alone else []


def _turned(material: Material, pairs: list[Record]) -> list[str]:
    """Return, for each mode that is nobody's default, the verdicts that it turns round, with its own numbers.

    So that who is called slower in the default mode is not taken to be slower in every mode.
    """
    if material.lane == AS_PUBLISHED:  # switched programs are no modes to choose from
        return []
    lost = {pair for item in pairs if (pair := _won(item))}
    found: dict[Name, list[tuple[Record, Name]]] = {}
    for item in material.comparisons:
        won = _won(item)
        if won is None or not pairs or not _alike(item, pairs[0]):
            continue
        winner, loser = (material.name(key, str(item.get("workload"))) for key in won)
        usual = material.defaults.get(winner.framework)
        if usual and winner.key != usual.key and material.is_default(loser) and (loser.key, usual.key) in lost:
            found.setdefault(winner, []).append((item, loser))
    return [_turn(mode, turned, str(pairs[0].get("quantity"))) for mode, turned in found.items()]


def _alike(item: Record, other: Record) -> bool:
    return all(item.get(key) == other.get(key) for key in ("workload", "quantity", "params"))


def _turn(mode: Name, turned: list[tuple[Record, Name]], quantity: str) -> str:
    shares: list[str] = []
    for item, loser in turned:
        low, high = item["low"], item["high"]
        if str(item["b"]) == mode.key:  # the interval is that of the mode over the other: turn it over
            low, high = 1 / high, 1 / low
        amount = text.ratio_range(low, high)
        shares.append(
            f"{loser.plain} {amount}" if shares else f"{loser.plain} needs {amount} of its {SHARES[quantity]}"
        )
    others = text.listing([loser.title for _, loser in turned])
    return f"But {mode.plain}, measured in the same run, is faster than {others}: {text.listing(shares)}."


def _unmatched(material: Material, workload: str, measured: list[Record]) -> list[str]:
    """Return who is unmatched and why, one sentence for each reason."""
    reasons: dict[str, list[str]] = {}
    for name in dict.fromkeys(material.name_of(cell) for cell in measured):
        if name.unmatched and material.is_default(name):
            reasons.setdefault(material.standing(name, workload).reason, []).append(name.plain)
    return [f"{UNMATCHED}: {text.listing(listed)}: {reason.rstrip('.')}." for reason, listed in reasons.items()]


def _bars(material: Material, measured: list[Record]) -> list[Bar]:
    found = {material.name_of(cell): cell for cell in measured}
    chosen = {name: cell for name, cell in found.items() if material.is_default(name)} or found
    return [
        Bar(name=name, value=cell["median_s"], text=number(name, text.duration(cell["median_s"])).text)
        for name, cell in chosen.items()
    ]


def _remark(cells: list[Record], measured: list[Record]) -> str:
    if not measured:
        return ""
    runs = sorted({int(cell.get("runs_ok") or 0) for cell in measured})
    lost = sum(int(cell.get("runs_not_ok") or 0) for cell in cells)
    ending = f"; {text.plural(lost, 'run')} did not end well" if lost else ""
    if runs[-1] == 1:
        return f"One run each: how far another would lie from it is not known{ending}."
    span = str(runs[0]) if len(runs) == 1 else f"{runs[0]} to {runs[-1]}"
    return f"Median of {span} runs, each in its own process{ending}."


def _other_settings(material: Material, pairs: list[Record]) -> list[str]:
    """Return, for each pair, the smallest and largest ratio over all batch sizes, where there are several."""
    spans = []
    for a, b in dict.fromkeys((str(item["a"]), str(item["b"])) for item in pairs):
        known = [item for item in pairs if (item["a"], item["b"]) == (a, b) and item.get("ratio") is not None]
        batches = sorted({size for item in known if (size := batch_of(item)) is not None})
        if len(batches) < 2:
            continue
        low, high = (pick(known, key=lambda item: float(item["ratio"])) for pick in (min, max))
        first, second = (name.marked(name.title) for name in names(material, low))
        spans.append(
            f"{second} against {first} over batch {batches[0]} to {batches[-1]}: from {text.ratio(low['ratio'])} "
            f"(batch {batch_of(low)}) to {text.ratio(high['ratio'])} (batch {batch_of(high)})."
        )
    return spans

"""Where the time and the memory went: steps, phases, batch sizes, peak memory."""

from __future__ import annotations

import numpy as np

from suite.records import Record
from suite.report import text
from suite.report.chartdata import Bar, Bars, Line, Lines, Strip, Strips
from suite.report.document import Block, Cell, Column, Figure, Figures, Section, Table, Text
from suite.report.material import Material, batch_of, epochs_of, mapping, setting
from suite.report.names import Name
from suite.report.standing import foot, number
from suite.report.verdict import main_quantity
from suite.stats import median

QUANTILES = 64
"""Marks drawn for each run: enough to see two humps and a tail, few enough for a file that a phone opens at once."""

OUTER = 0.005
"""Share of the steps left out at each end of a strip, so that one hiccup does not squeeze the rest flat."""

PHASES = ("import", "build", "data", "first_step", "warmup", "steady", "evaluation", "maps")
"""The phases of a run, in their order."""

STEP_LEAD = (
    "One step is one batch through forward, backward and update; import, building, data, first step (tracing, "
    "compiling) and warm-up are not in it. Times are medians over runs, because each run is a process of its own and "
    "steps within one are alike. CPU / wall is the processor time of the worker over its wall time: 2.0 keeps two "
    "cores busy."
)


STRIPS_HELP = (
    f"In the charts of every step, the {QUANTILES} ticks of a run share its steady steps out evenly (quantiles), so "
    f"they lie close where times are common and apart in the tail; the outer {OUTER * 100:.1f} % at each end are left "
    "out. Runs stand in the order in which they were run."
)


def section(material: Material) -> Section:
    """Return the step times of every workload: table, distribution, growth with the batch size."""
    blocks: list[Block] = []
    figures: list[Figure] = []
    missing: list[Text] = []
    for lane, workload in material.parts:
        cells = lane.cells_of(workload, "step")
        blocks += [_table(lane, workload, cells)] if cells else []
        figures += _growth(lane, workload, cells)
    for lane, workload in material.parts:
        drawn, left_out = _distributions(lane, workload)
        figures += drawn
        missing += left_out
    blocks += [Figures(figures=figures)] if figures else []
    blocks += missing
    if any(isinstance(figure.chart, Strips) for figure in figures):
        blocks.append(Text(text=STRIPS_HELP))
    if not blocks:
        blocks.append(Text(text="No run got as far as steady steps."))
    return Section(id="steps", title="Step times", lead=STEP_LEAD, blocks=blocks)


def phases(material: Material) -> Section:
    """Return what a run cost beside its steps, and the memory it took."""
    blocks: list[Block] = []
    bars: list[Figure] = []
    for lane, workload in material.parts:
        batch = lane.main_batch(workload, main_quantity(lane, workload))
        raws = [raw for raw in lane.raws_of(workload) if mapping(raw.get("phases")) and batch_of(raw) == batch]
        blocks += [_phase_table(lane, workload, raws)] if raws else []
        bars += _memory(lane, workload)
    if bars:
        blocks.append(Figures(figures=bars))
    if not blocks:
        blocks.append(Text(text="No run reported its phases or its memory."))
    return Section(
        id="phases",
        title="Phases and memory",
        lead="What a run costs before and beside its steps. Each number is the median over the runs of its row.",
        blocks=blocks,
        reproduce=material.command(),
    )


def _table(material: Material, workload: str, cells: list[Record]) -> Table:
    numbers = ("Step, median", "Lowest run", "Highest run", "Per image", "First step", "CPU / wall", "Runs")
    return Table(
        caption=material.titled(f"{workload}: time per training step"),
        columns=[
            Column(title="Framework (mode)"),
            Column(title="Batch", number=True),
            *(Column(title=title, number=True) for title in numbers),
        ],
        rows=[_row(material.name_of(cell), cell) for cell in cells],
        foot=foot([material.name_of(cell) for cell in cells]),
        reproduce=material.command(f"*/{workload}/*"),
    )


def _row(name: Name, cell: Record) -> list[Cell]:
    batch, middle = batch_of(cell), cell.get("median_s")
    image = middle / batch if middle is not None and batch else None
    lost = int(cell.get("runs_not_ok") or 0)
    busy = cell.get("cpu_per_wall")
    times = (middle, cell.get("min_s"), cell.get("max_s"), image, cell.get("first_step_s"))
    return [
        Cell(text=name.text),
        Cell(text=text.plain(batch)),
        *(number(name, text.duration(time)) for time in times),
        number(name, text.MISSING if busy is None else f"{busy:.2f}"),
        Cell(text=text.plain(cell.get("runs_ok")), remark=f"{lost} not ok" if lost else ""),
    ]


def _growth(material: Material, workload: str, cells: list[Record]) -> list[Figure]:
    """Return step time and time per image over the batch size, where there is more than one size."""
    known = [cell for cell in cells if cell.get("median_s") is not None and batch_of(cell)]
    if len({batch_of(cell) for cell in known}) < 2:
        return []
    found: dict[Name, list[Record]] = {}
    for cell in known:
        found.setdefault(material.name_of(cell), []).append(cell)
    made = []
    for title, unit, per_image in (("step time", "ms per step", False), ("time per image", "µs per image", True)):
        lines = [_line(name, own, per_image) for name, own in found.items()]
        ends = text.listing([f"{line.name.text} {text.significant(line.ys[-1])}" for line in lines])
        made.append(
            Figure(
                title=material.titled(f"{workload}: {title} by batch size"),
                chart=Lines(lines=lines, x_label="batch size", y_label=unit, powers=True, from_zero=True),
                caption="Median over runs; the shade spans the lowest and the highest run.",
                description=f"{title.capitalize()} in {unit}; at the largest batch: {ends}.",
            )
        )
    return made


def _line(name: Name, own: list[Record], per_image: bool) -> Line:
    scales = [1e6 / (batch_of(cell) or 1) if per_image else 1e3 for cell in own]
    low, middle, high = (
        [
            float(cell[key] if cell.get(key) is not None else cell["median_s"]) * scale
            for cell, scale in zip(own, scales, strict=True)
        ]
        for key in ("min_s", "median_s", "max_s")
    )
    return Line(name=name, xs=[float(batch_of(cell) or 0) for cell in own], ys=middle, lows=low, highs=high)


def _distributions(material: Material, workload: str) -> tuple[list[Figure], list[Text]]:
    """Return a chart for each setting (of whole trainings only where no steps were sampled), and what was left out."""
    figures: list[Figure] = []
    missing: list[Text] = []
    readable = [raw for raw in material.raws_of(workload) if mapping(raw.get("steps")).get("file")]
    sampled = material.in_order([raw for raw in readable if epochs_of(raw) is None] or readable)
    for words in dict.fromkeys(setting(raw) for raw in sampled):
        found = [_strip(material, raw) for raw in sampled if setting(raw) == words]
        strips = [strip for strip in found if isinstance(strip, Strip)]
        missing += [Text(text=strip) for strip in found if isinstance(strip, str)]
        figures += [_distribution(material, workload, words, strips)] if strips else []
    return figures, missing


def _distribution(material: Material, workload: str, words: str, strips: list[Strip]) -> Figure:
    found: dict[Name, list[float]] = {}
    for strip in strips:
        found.setdefault(strip.name, []).append(strip.median)
    spans = [f"{name.text} {text.duration(min(own))} to {text.duration(max(own))}" for name, own in found.items()]
    return Figure(
        title=material.titled(f"{workload}, {words}: every step"),
        chart=Strips(strips=strips),
        caption="One row is one run, one tick a share of its steps, the dot its median.",
        description=f"Step times of each run; medians of the runs: {text.listing(spans)}.",
    )


def _strip(material: Material, raw: Record) -> Strip | str:
    """Return the strip of one run, or the sentence that says why there is none."""
    folder, file = material.folder, str(raw["steps"]["file"])
    who = f"{raw.get('cell')}, block {raw.get('block')}"
    path = folder / file
    if not path.resolve().is_relative_to(folder.resolve()):
        return f"The step times of {who} are left out: {file} lies outside the run's folder."
    try:
        times = np.load(path, allow_pickle=False)
    except FileNotFoundError:
        return f"The step times of {who} are left out: {file} is missing."
    except (OSError, ValueError, EOFError) as error:
        return f"The step times of {who} are left out: {file} cannot be read ({str(error).splitlines()[0]})."
    steady = np.asarray(times).ravel()[int(raw["steps"].get("warmup") or 0) :]
    if steady.size == 0 or steady.dtype.kind != "f" or not np.isfinite(steady).all():
        return f"The step times of {who} are left out: {file} holds no usable times."
    marks = np.quantile(steady, np.linspace(OUTER, 1 - OUTER, QUANTILES))
    return Strip(name=material.name_of(raw), quantiles=[float(mark) for mark in marks], median=float(np.median(steady)))


def _phase_table(material: Material, workload: str, raws: list[Record]) -> Table:
    seen = [phase for phase in PHASES if any(raw["phases"].get(phase) for raw in raws)]
    found: dict[tuple[str, Name], list[Record]] = {}
    for raw in material.in_order(raws):
        found.setdefault((setting(raw), material.name_of(raw)), []).append(raw)
    rows = []
    for (words, name), own in found.items():
        cells = [_phase(name, [raw["phases"].get(phase) for raw in own]) for phase in seen]
        whole = text.duration(median(raw["wall_s"] for raw in own if raw.get("wall_s") is not None))
        rows.append([Cell(text=name.text, remark=words), *cells, number(name, whole)])
    return Table(
        caption=material.titled(f"{workload}: phases of a run"),
        columns=[
            Column(title="Framework (mode)"),
            *(
                Column(title=phase.replace("_", " ").replace("warmup", "warm-up").capitalize(), number=True)
                for phase in seen
            ),
            Column(title="Whole process", number=True),
        ],
        rows=rows,
        foot=foot([name for _, name in found]),
    )


def _phase(name: Name, values: list[float | None]) -> Cell:
    middle = median(value for value in values if value is not None)
    return number(name, text.duration(middle)) if middle else Cell(text=text.MISSING, tone="muted")


def _memory(material: Material, workload: str) -> list[Figure]:
    """Return the peak memory of runs of one kind: the sampled ones, unless more was run in another setting.

    A whole training holds more images than a sampled run, so one is not to be seen beside the other.
    """
    batch = material.main_batch(workload, main_quantity(material, workload))
    known = [raw for raw in material.in_order(material.raws_of(workload)) if raw.get("peak_rss_bytes")]
    kinds: dict[str, dict[Name, list[float]]] = {}
    for raw in sorted((raw for raw in known if batch_of(raw) == batch), key=_kind):
        peaks_of = kinds.setdefault(setting(raw), {})
        peaks_of.setdefault(material.name_of(raw), []).append(float(raw["peak_rss_bytes"]))
    if not kinds:
        return []
    words, found = max(kinds.items(), key=lambda kind: len(kind[1]))
    missing = [name.text for name in dict.fromkeys(material.name_of(raw) for raw in known) if name not in found]
    peaks = [(name, max(sizes)) for name, sizes in found.items()]
    kind = "whole trainings" if "epoch" in words else "sampled runs"
    bars = [Bar(name=name, value=value / 1e6, text=number(name, text.size(value)).text) for name, value in peaks]
    return [
        Figure(
            title=material.titled(f"{workload}: peak memory of {kind}, {words}"),
            chart=Bars(bars=bars, x_label="MB resident at the peak"),
            caption="The largest of the runs, the whole process counted, framework and data included."
            + (f" Not run like this: {text.listing(missing)}." if missing else ""),
            description="Peak resident memory: " + text.listing([f"{bar.name.text} {bar.text}" for bar in bars]) + ".",
        )
    ]


def _kind(raw: Record) -> tuple[bool, int]:
    """Return the key that puts sampled runs first, then the longest trainings."""
    epochs = epochs_of(raw)
    return epochs is not None, -(epochs or 0)

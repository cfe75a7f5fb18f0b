"""Times and accuracies in the layout of the first study (COMP5511, 2021): its Fig. 16-33."""

from __future__ import annotations

from suite.published.comp5511 import ENVIRONMENTS, published_accuracy, published_time
from suite.records import Record
from suite.report import text
from suite.report.document import Block, Cell, Column, Group, Section, Table, Text, Tone
from suite.report.material import Material, mapping, records, setting_key
from suite.report.names import Name, rank, title
from suite.report.standing import foot, number

AT_ONCE = 4
"""Frameworks and modes that fit side by side with a time and an accuracy each."""

FRAMEWORKS = ("pytorch", "tensorflow")
"""The columns of the study's own tables; all others that ran follow."""

SLOWER = {"tensorflow": ("tf_slower_pct", "TF"), "keras": ("keras_slower_pct", "Keras")}
"""For each framework compared with PyTorch: the key of "% slower" in the analysis, and its short name."""

TIME_LEAD = (
    "Seconds for a whole training, in the layout of Fig. 26–33 of the COMP5511 CIFAR-10 study (2021). “% TF slower” is "
    "its formula, (TensorFlow − PyTorch) / TensorFlow × 100: positive where TensorFlow is slower, negative where it is "
    "faster. These percentages carry no interval: the comparison above says which differences hold. Measured times are "
    "sums of all steps, compiling done beforehand; scaled ones are the first step and medians of steady steps."
)
ACCURACY_LEAD = (
    "Test accuracy after the last epoch, mean of the runs, in the layout of the study’s Fig. 24–25 (COMP5511, 2021)."
)


def times(material: Material) -> Section:
    """Return the mean times of whole trainings and, where trainings were really run whole, each run of them."""
    blocks: list[Block] = []
    for lane, workload in material.parts:
        own = _rows(lane, workload, "time")
        blocks += [_time_table(lane, workload, own)] if own else []
    rows = [row for lane, workload in material.parts for row in _rows(lane, workload, "time")]
    cases = [(str(row.get("workload")), row.get("epochs") or 0, row.get("batch") or 0) for row in rows]
    if any(published_time(*case, 1) for case in cases):
        listed = "; ".join(f"{_machine(number)}: {words}" for number, words in ENVIRONMENTS.items())
        blocks.append(Text(text=f"The study's machines: {listed}."))
    for lane, workload in material.parts:
        blocks += _every_run(lane, workload)
    if not blocks:
        blocks.append(Text(text="No time of a whole training is known: run the preset paper or full for these tables."))
    return Section(id="times", title="Times of whole trainings", lead=TIME_LEAD, blocks=blocks)


def accuracies(material: Material) -> Section:
    """Return the mean test accuracies."""
    blocks: list[Block] = []
    for lane, workload in material.parts:
        own = _rows(lane, workload, "accuracy")
        blocks += [_accuracy_table(lane, workload, own)] if own else []
    if not blocks:
        blocks.append(Text(text=_no_accuracy(material)))
    return Section(id="accuracies", title="Accuracies", lead=ACCURACY_LEAD, blocks=blocks)


def _no_accuracy(material: Material) -> str:
    """Return why the study's table is not there; trainings on a part of the images are none of its cases."""
    if any(raw.get("epochs") for lane in material.lanes for raw in lane.ok):
        return (
            "This table takes trainings on all images by frameworks in their default modes, and none was run. The "
            "accuracies of what was trained stand under “Loss and accuracy over epochs”."
        )
    return "No whole training was run to its end, so there is no accuracy to show."


def _rows(material: Material, workload: str, table: str) -> list[Record]:
    """Return the rows of one of the study's tables for a workload, by epochs and batch size."""
    rows = records(mapping(material.analysis.get("study")).get(table))
    own = [row for row in rows if row.get("workload") == workload]
    return sorted(own, key=lambda row: (row.get("epochs") or 0, row.get("batch") or 0))


def _present(material: Material, workload: str, rows: list[Record], ending: str) -> dict[str, Name]:
    """Return the frameworks that have a number in any row, with the name that the number is one of."""
    usual = material.defaults
    found = [key for key in sorted(usual, key=rank) if any(row.get(key + ending) is not None for row in rows)]
    return {key: material.name(usual[key].key, workload) for key in found or FRAMEWORKS if key in usual}


def _setting(row: Record) -> list[Cell]:
    return [Cell(text=text.plain(row.get("epochs"))), Cell(text=text.plain(row.get("batch")))]


def _setting_columns() -> list[Column]:
    return [Column(title="Epochs", number=True), Column(title="Batch", number=True)]


def _time_table(material: Material, workload: str, rows: list[Record]) -> Table:
    shown = _present(material, workload, rows, "_s")
    compared = [key for key in SLOWER if key in shown and "pytorch" in shown]
    scaled = [bool(row.get("scaled")) for row in rows]
    runs = _runs(material, workload)
    once = not any(scaled) and all(runs.get((*_case(row), key), 1) == 1 for row in rows for key in shown)
    columns = _setting_columns()
    columns += [
        Column(title=f"{name.marked(name.title)} (s)", number=True, framework=key) for key, name in shown.items()
    ]
    columns += [Column(title=f"% {SLOWER[key][1]} slower", number=True) for key in compared]
    body = []
    for row in rows:
        cells = [
            number(
                name,
                text.seconds_only(row.get(f"{key}_s")),
                _remark(row, runs.get((*_case(row), key)), unlike=any(scaled) and not all(scaled), once=once),
            )
            for key, name in shown.items()
        ]
        slower = (_slower(shown[key], shown["pytorch"], row.get(SLOWER[key][0])) for key in compared)
        body.append([*_setting(row), *cells, *slower])
    published = [_published_slower(workload, row) for row in rows]
    groups: list[Group] = []
    notes = [*(_scaling(material, workload) if any(scaled) else []), *foot(list(shown.values()))]
    if any(published):
        groups = [
            Group(title="", span=len(columns)),
            Group(title="The study: % TF slower on its four machines", span=len(ENVIRONMENTS)),
        ]
        columns += [Column(title=_machine(number), number=True) for number in ENVIRONMENTS]
        body = [
            [*cells, *(more or [Cell(text=text.MISSING)] * len(ENVIRONMENTS))]
            for cells, more in zip(body, published, strict=True)
        ]
    ending = ", scaled from sampled steps" if all(scaled) else ", one run each" if once else ""
    return Table(
        caption=material.titled(f"{workload}: time of a whole training{ending}"),
        columns=columns,
        rows=body,
        groups=groups,
        foot=notes,
        reproduce=material.command(f"*/{workload}/*"),
    )


def _case(row: Record) -> tuple[int, int]:
    return row.get("epochs") or 0, row.get("batch") or 0


def _runs(material: Material, workload: str) -> dict[tuple[int, int, str], int]:
    """Return how many whole trainings stand behind the time of each case and framework."""
    return {
        (*setting_key(cell), str(cell["framework"])): len(cell.get("values_s") or [])
        for cell in material.cells_of(workload, "training")
        if material.is_default(material.name_of(cell))
    }


def _remark(row: Record, runs: int | None, *, unlike: bool, once: bool) -> str:
    """Return what is to be known of one time: that it is scaled, or a single run, where the caption does not say so."""
    if row.get("scaled"):
        return "scaled" if unlike else ""
    return "one run" if runs == 1 and not once else ""


def _published_slower(workload: str, row: Record) -> list[Cell]:
    """Return the study's "% TF slower" on each of its machines for the same case; nothing where it has no such case."""
    epochs, batch = int(row.get("epochs") or 0), int(row.get("batch") or 0)
    found = [published_time(workload, epochs, batch, machine) for machine in ENVIRONMENTS]
    if not any(found):
        return []
    return [Cell(text=text.signed_percent(item.tf_slower_pct if item else None), tone="muted") for item in found]


def _machine(number: int) -> str:
    """Return the processor of one of the study's machines, as "M1 Pro"."""
    return ENVIRONMENTS[number].split(", ")[1].partition(" (")[0]


def _slower(name: Name, pytorch: Name, value: float | None) -> Cell:
    words = text.signed_percent(value)
    if value is not None and (name.unmatched or pytorch.unmatched):
        return number(name if name.unmatched else pytorch, words)
    tone: Tone = "muted" if value is None else "bad" if value > 0 else "good"
    return Cell(text=words, tone=tone)


def _scaling(material: Material, workload: str) -> list[str]:
    own = [item for item in records(material.analysis.get("scaled")) if item.get("workload") == workload]
    formulas = list(dict.fromkeys(str(item["formula"]) for item in own if item.get("formula")))
    return [
        "Scaled, not measured whole: steady steps were sampled and multiplied up to the whole training.",
        *(f"Formula: {words}." for words in formulas),
    ]


def _accuracy_table(material: Material, workload: str, rows: list[Record]) -> Table:
    shown = _present(material, workload, rows, "")
    columns = _setting_columns()
    columns += [Column(title=name.marked(name.title), number=True, framework=key) for key, name in shown.items()]
    columns += [Column(title="Largest difference", number=True), Column(title="Runs", number=True)]
    doubtful = next((name for name in shown.values() if name.unmatched), None)
    body = []
    for row in rows:
        known = [row[key] for key in shown if row.get(key) is not None]
        spread = text.accuracy(max(known) - min(known) if len(known) > 1 else None)
        cells = [number(name, text.accuracy(row.get(key))) for key, name in shown.items()]
        cells.append(number(doubtful, spread) if doubtful else Cell(text=spread))
        body.append([*_setting(row), *cells, Cell(text=text.plain(row.get("runs")))])
    published = [published_accuracy(workload, *_case(row)) for row in rows]
    groups: list[Group] = []
    if any(published) and not material.synthetic:  # beside made-up images the study's figures would mislead
        groups = [Group(title="", span=len(columns)), Group(title="The study, mean of its runs", span=2)]
        columns += [Column(title=title(key), number=True) for key in ("pytorch", "tensorflow")]
        for cells, item in zip(body, published, strict=True):
            pair = (item.pytorch, item.tensorflow) if item else (None, None)
            cells += [Cell(text=text.accuracy(value), tone="muted") for value in pair]
    return Table(
        caption=material.titled(f"{workload}: test accuracy"),
        columns=columns,
        rows=body,
        groups=groups,
        synthetic=material.synthetic,
        foot=foot(list(shown.values())),
        reproduce=material.command(f"*/{workload}/*-e[0-9]*"),
    )


def _every_run(material: Material, workload: str) -> list[Table]:
    """Return each run's time and accuracy, as the study's Fig. 16-23, where any setting was trained whole twice."""
    cells = [cell for cell in material.cells_of(workload, "training") if cell.get("values_s")]
    names = list(dict.fromkeys(material.name_of(cell) for cell in cells))
    if not any(len(cell["values_s"]) > 1 for cell in cells):
        return []
    found = {(setting_key(cell), material.name_of(cell)): cell for cell in cells}
    return [
        _runs_table(material, workload, names[start : start + AT_ONCE], found)
        for start in range(0, len(names), AT_ONCE)
    ]


def _runs_table(
    material: Material, workload: str, names: list[Name], cells: dict[tuple[tuple[int, int], Name], Record]
) -> Table:
    rows = []
    for epochs, batch in sorted({key for key, name in cells if name in names}):
        own = [cells.get(((epochs, batch), name), {}) for name in names]
        for run in range(max(len(cell.get("values_s") or []) for cell in own)):
            head = [Cell(text=text.plain(value)) for value in (epochs, batch, run + 1)]
            pairs = zip(names, own, strict=True)
            rows.append([*head, *(piece for name, cell in pairs for piece in _one_run(name, cell, run))])
    columns = [*_setting_columns(), Column(title="Run", number=True)]
    for name in names:
        columns += [Column(title=title, number=True, framework=name.framework) for title in ("Time", "Accuracy")]
    return Table(
        caption=material.titled(
            f"{workload}: every whole training (the study’s Fig. 16–23), time in h:min:s and test accuracy"
        ),
        columns=columns,
        groups=[
            Group(title="", span=3),
            *(Group(title=name.text, span=2, framework=name.framework) for name in names),
        ],
        rows=rows,
        synthetic=material.synthetic,
        foot=foot(names),
        reproduce=material.command(f"*/{workload}/*-e[0-9]*"),
    )


def _one_run(name: Name, cell: Record, run: int) -> list[Cell]:
    times, accuracies = cell.get("values_s") or [], cell.get("final_accuracy") or []
    return [
        number(name, text.clock(times[run]) if run < len(times) else text.MISSING),
        number(name, text.accuracy(accuracies[run]) if run < len(accuracies) else text.MISSING),
    ]

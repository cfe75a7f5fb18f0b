"""Stereo matching: the ECAI 2021 study's four times and error rates, measured here and as it printed them."""

from __future__ import annotations

from suite.published.figures import TIMES, Study
from suite.published.studies import study as study_called
from suite.records import Record
from suite.report import stereopictures, text
from suite.report.document import Block, Cell, Column, Fold, Section, Table, Text
from suite.report.material import Material, lane_of, mapping, records, setting, setting_key
from suite.report.names import CROSS, Name, title
from suite.report.standing import foot, number

FIELDS = ("total_s", "epoch_s", "step_s", "map_s")
"""The study's four times, in the order of :data:`suite.published.figures.TIMES`."""

HEADS = ("Total training", "Mean epoch", "Network and optimiser step", "One depth map")

LEAD = (
    "A network learns which of two patches of the right image shows what a patch of the left one shows; whole images "
    "are then matched with it, and the best of all disparities wins. Times are medians over runs. “Total training” is "
    "the sum of all epochs’ steps, with no data preparation and no evaluation in it; a depth map is that of a whole "
    "pair, after one that is not counted. The error rate is the share of those pixels whose true disparity is known "
    "that are off by 3 or more, each pair counting alike. What the other sections call this network’s test accuracy is "
    "how often it tells the right one of two patches; guessing does so in half of the cases."
)

STUDYS_PAIRS = " The study matched the pairs of KITTI 2012; which one its “one image” is, it does not say."

NO_BASELINE = "Block matching was not worked out for this run, so nothing says what a network has to beat."


def sections(material: Material) -> list[Section]:
    """Return the section on stereo matching, alone in a list; nothing where no pairs were matched."""
    rows = _rows(material)
    if not rows:
        return []
    blocks: list[Block] = []
    for workload in dict.fromkeys(str(row.get("workload")) for row in rows):
        own = [row for row in rows if row.get("workload") == workload]
        study = _study(workload)
        for key in dict.fromkeys(setting_key(row) for row in own):
            alike = [row for row in own if setting_key(row) == key]
            blocks += [_times(material, alike, study), _errors(material, alike, study), _pairs(material, alike)]
        blocks += stereopictures.blocks(material, workload)
    if not _baseline(material):
        blocks.append(Text(text=NO_BASELINE))
    return [
        Section(id="stereo", title="Stereo matching", lead=LEAD, blocks=blocks, reproduce=material.command("*-e[0-9]*"))
    ]


def _rows(material: Material) -> list[Record]:
    found = records(mapping(material.analysis.get("stereo")).get("rows"))
    return [row for lane in material.lanes for row in lane.in_order(row for row in found if lane_of(row) == lane.lane)]


def _baseline(material: Material) -> Record:
    return mapping(mapping(material.analysis.get("stereo")).get("baseline"))


def _study(workload: str) -> Study | None:
    study = study_called("ecai2021")
    return study if workload in study.workloads else None


def _caption(material: Material, row: Record, words: str) -> str:
    return material.titled(f"{row.get('workload')}, {setting(row)}: {words}")


def _times(material: Material, rows: list[Record], study: Study | None) -> Table:
    """Return the study's four times, each with its ratio to PyTorch's and the one that the study printed."""
    base = next((row for row in rows if row.get("framework") == "pytorch"), {})
    lines = []
    for row in rows:
        name = material.name_of(row)
        cells = [
            number(name, text.duration(row.get(field)), _ratios(row, base, field, study, quantity))
            for field, quantity in zip(FIELDS, TIMES, strict=True)
        ]
        lines.append([Cell(text=name.text), *cells, Cell(text=text.plain(row.get("runs")))])
    for framework in ("pytorch", "tensorflow") if study else ():
        printed = [_printed(study, str(rows[0]["workload"]), framework, quantity) for quantity in TIMES]
        cells = [Cell(text=text.duration(value), tone="muted") for value in printed]
        lines.append([Cell(text=f"{title(framework)}, as the study printed it"), *cells, Cell(text=text.MISSING)])
    return Table(
        caption=_caption(material, rows[0], "times, as in Tables I and II of the study"),
        columns=[
            Column(title="Framework (mode)"),
            *(Column(title=head, number=True) for head in HEADS),
            Column(title="Runs", number=True),
        ],
        rows=lines,
        foot=[*_foot(material, rows), *_machine(study)],
    )


def _ratios(row: Record, base: Record, field: str, study: Study | None, quantity: str) -> str:
    """Return "1.26 of PyTorch’s (study: 1.29)"; nothing for PyTorch itself."""
    above, below = row.get(field), base.get(field)
    if row is base or above is None or not below:
        return ""
    ours = f"{text.ratio(above / below)} of PyTorch’s"
    printed = study.of(str(row.get("workload")), quantity) if study else ()
    theirs = printed[0].ratio(str(row.get("framework"))) if printed else None
    return ours if theirs is None else f"{ours}\nstudy: {text.ratio(theirs)}"


def _printed(study: Study | None, workload: str, framework: str, quantity: str) -> float | None:
    found = study.of(workload, quantity) if study else ()
    value = found[0].value(framework) if found else None
    return None if value is None else float(value)


def _machine(study: Study | None) -> list[str]:
    return [f"The study’s machine: {study.machines[0].words}." for _ in "1" if study and study.machines]


def _errors(material: Material, rows: list[Record], study: Study | None) -> Table:
    """Return the study's error rates (its Tables I and II), of one image and of the whole set, and block matching's."""
    baseline = _baseline(material)
    pairs, others = records(rows[0].get("pairs")), records(baseline.get("pairs"))
    first = str(pairs[0].get("name")) if pairs else ""
    lines = []
    for row in rows:
        own = records(row.get("pairs"))
        rates = (own[0].get("error_rate") if own else None, row.get("error_rate"))
        bars = (others[0].get("error_rate") if others else None, baseline.get("error_rate"))
        name = material.name_of(row)
        cells = [_rate(name, rate, bar) for rate, bar in zip(rates, bars, strict=True)]
        lines.append([Cell(text=name.text), *cells, Cell(text=text.plain(row.get("runs")))])
    if baseline:
        window = baseline.get("window")
        rates = (others[0].get("error_rate") if others else None, baseline.get("error_rate"))
        cells = [Cell(text=percent(rate)) for rate in rates]
        lines.append([Cell(text=f"Block matching, {window} × {window}", remark="the baseline"), *cells, Cell(text="")])
    for framework in ("pytorch", "tensorflow") if study else ():
        printed = [
            _printed(study, str(rows[0]["workload"]), framework, quantity)
            for quantity in ("error rate, one image", "error rate")
        ]
        cells = [Cell(text=percent(None if rate is None else rate / 100), tone="muted") for rate in printed]
        lines.append([Cell(text=f"{title(framework)}, as the study printed it"), *cells, Cell(text=text.MISSING)])
    return Table(
        caption=_caption(material, rows[0], "error rates, as in Tables I and II of the study"),
        columns=[
            Column(title="Framework (mode)"),
            Column(title=f"One image ({first})", number=True),
            Column(title=f"Whole set ({text.plural(len(pairs), 'pair')})", number=True),
            Column(title="Runs", number=True),
        ],
        rows=lines,
        synthetic=material.synthetic,
        foot=[
            f"Disparities 0 to {int(rows[0].get('disparities') or 1) - 1}.{STUDYS_PAIRS if study else ''}",
            *_foot(material, rows),
        ],
    )


def _rate(name: Name, rate: float | None, baseline: float | None) -> Cell:
    cell = number(name, percent(rate))
    if rate is None or baseline is None or rate < baseline:
        return cell
    return Cell(text=cell.text, remark=f"{CROSS}not below block matching’s", tone="bad")


def _pairs(material: Material, rows: list[Record]) -> Fold:
    """Return every pair's error rate."""
    named = {str(pair.get("name")): pair for pair in records(_baseline(material).get("pairs"))}
    own = [{str(pair.get("name")): pair for pair in records(row.get("pairs"))} for row in rows]
    lines = [
        [
            Cell(text=name),
            Cell(text=text.count(pair.get("known"))),
            *(Cell(text=percent(found.get(name, {}).get("error_rate"))) for found in own),
            *([Cell(text=percent(named.get(name, {}).get("error_rate")))] if named else []),
        ]
        for name, pair in own[0].items()
    ]
    names = [material.name_of(row) for row in rows]
    columns = [Column(title=name.text, number=True, framework=name.framework) for name in names]
    table = Table(
        caption=_caption(material, rows[0], "error rate of each pair"),
        columns=[
            Column(title="Pair"),
            Column(title="Pixels with known truth", number=True),
            *columns,
            *([Column(title="Block matching", number=True)] if named else []),
        ],
        rows=lines,
        synthetic=material.synthetic,
        foot=_foot(material, rows),
    )
    return Fold(title=f"Each pair: {_caption(material, rows[0], 'error rates')}", tables=[table])


def _foot(material: Material, rows: list[Record]) -> list[str]:
    return foot([material.name_of(row) for row in rows])


def percent(rate: float | None) -> str:
    """Return an error rate, 0 to 1, in percent with two decimals: "17.88 %"."""
    return text.MISSING if rate is None else f"{rate * 100:.2f}{text.THIN}%"

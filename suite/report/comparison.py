"""Framework against framework: the table of ratios, and the same as a forest chart."""

from __future__ import annotations

from typing import Literal

from suite.records import Record
from suite.report import text
from suite.report.chartdata import Forest, Interval
from suite.report.document import Block, Cell, Column, Figure, Figures, Fold, Section, Table, Text, Tone
from suite.report.material import Material, batch_of, length, mapping, setting, setting_key
from suite.report.names import AS_PUBLISHED, CROSS, UNMATCHED, Name
from suite.report.standing import foot
from suite.report.verdict import names, sentence, tone_of
from suite.stats import DEAD_BAND

SYMBOLS = {"faster": "▼", "slower": "▲", "equal": "=", "not resolved": "?", "too few": "?", "UNMATCHED": CROSS.strip()}
"""A shape beside each verdict, by how it begins, so that it does not rest on colour alone."""

QUANTITIES = {"step": "time per step", "training": "whole training"}
"""What is compared, as table captions say it."""

BAND_WORDS = f"±{(DEAD_BAND - 1) * 100:.0f} %"

AMONG: tuple[Literal["frameworks", "modes"], ...] = ("frameworks", "modes")

LEAD = (
    "Each ratio is the time of the framework named first over that of the one it is held against: below 1, faster. "
    f"A difference counts only when the whole interval lies outside the dead band of {BAND_WORDS} around 1. Ratios are "
    "formed block by block, between runs made next to each other, and their middle is shown (Hodges-Lehmann), so they "
    "can differ from the ratio of two medians. Each interval stands for itself; how many verdicts hold when "
    "all are taken together is said under each table."
)


def section(material: Material) -> Section:
    """Return the comparison of all measured pairs: the charts, then the tables of each workload, lane by lane."""
    blocks: list[Block] = []
    for lane in material.lanes:
        charts = [
            chart
            for quantity in QUANTITIES
            for among in AMONG
            for workload in lane.workloads
            for chart in _chart(lane, workload, quantity, among)
        ]
        blocks += [Figures(figures=charts)] if charts else []
        blocks += [table for workload in lane.workloads for table in _tables(lane, workload)]
        blocks += [Text(text=words) for words in layout_sentences(lane)]
    if not blocks:
        blocks.append(Text(text="There is no comparison: it takes good runs of at least two frameworks or modes."))
    return Section(id="comparison", title="Comparison", lead=LEAD, blocks=blocks)


def layout_sentences(material: Material) -> list[str]:
    """Return which layout PyTorch's default mode used and what channels-last gives, where both were measured.

    So a reader can see that PyTorch's default mode was not handicapped by a choice of this suite.
    """
    plain, other = "pytorch-eager", "pytorch-eager-channels-last"
    layout = mapping(mapping(material.analysis.get("settings")).get(plain)).get("layout") or "its default layout"
    found: dict[str, list[str]] = {}
    for item in sorted(material.comparisons, key=setting_key):
        ratio, low, high = item.get("ratio"), item.get("low"), item.get("high")
        if not ratio or set(_pair(item)) != {plain, other}:
            continue
        if _pair(item) == (other, plain):
            ratio, low, high = 1 / ratio, high and 1 / high, low and 1 / low
        interval = f" ({text.ratio_range(low, high)})" if low and high else ""
        cross = CROSS if item.get("unmatched") else ""
        found.setdefault(str(item.get("workload")), []).append(
            f"{cross}{text.ratio(ratio)}{interval} at {setting(item)}"
        )
    return [
        f"Layout, {workload}: {material.name(plain, workload).text} ran in {layout}. "
        f"{material.name(other, workload).marked('In channels-last')} it needs this share of that time: "
        f"{text.listing(shares)}."
        for workload, shares in found.items()
    ]


def _pairs(material: Material, workload: str) -> list[Record]:
    """Return a workload's comparisons, pair by pair: frameworks in their default modes, other modes, modes of one.

    Of programs as published with something switched, only what that does to the program itself is of interest.
    """
    own = [item for item in material.comparisons if item.get("workload") == workload]
    if material.lane == AS_PUBLISHED:
        own = [item for item in own if _is_plain(material, *names(material, item))]
    order = list(dict.fromkeys(_pair(item) for item in own))

    def place(item: Record) -> tuple[bool, bool, int, bool, tuple[int, int]]:
        a, b = names(material, item)
        usual = material.is_default(a) and material.is_default(b)
        step = item.get("quantity") == "step"
        return (a.framework == b.framework, not usual, order.index(_pair(item)), not step, setting_key(item))

    return sorted(own, key=place)


def _is_plain(material: Material, a: Name, b: Name) -> bool:
    """Tell whether both are their frameworks' defaults, or one mode is held against its framework's default."""
    usual = material.is_default(a), material.is_default(b)
    return all(usual) or (a.framework == b.framework and any(usual))


def _pair(item: Record) -> tuple[str, str]:
    return str(item.get("a")), str(item.get("b"))


def _what(item: Record) -> str:
    """Return what is compared in words, without the batch size: "time per step", "whole training, 10 epochs"."""
    what = QUANTITIES.get(str(item.get("quantity")), "time")
    return ", ".join(words for words in (what, length(item)) if words)


def _tables(material: Material, workload: str) -> list[Block]:
    """Return a table for steps and one for each length of training: a column for each batch size, so that all fit.

    Pairs of modes that are nobody's default are folded away.
    """
    pairs = _pairs(material, workload)
    blocks: list[Block] = []
    for what in dict.fromkeys(_what(item) for item in sorted(pairs, key=setting_key)):
        own = [item for item in pairs if _what(item) == what]
        main = [item for item in own if _is_plain(material, *names(material, item))] or own
        rest = [item for item in own if item not in main]
        blocks.append(_table(material, workload, what, main))
        if rest:
            count = text.plural(len({_pair(item) for item in rest}), "more pair")
            table = _table(material, workload, f"{what}, other pairs", rest)
            blocks.append(Fold(title=f"{material.titled(workload)}, {what}: {count}", tables=[table]))
    return blocks


def _table(material: Material, workload: str, what: str, pairs: list[Record]) -> Table:
    batches = list(dict.fromkeys(batch_of(item) for item in sorted(pairs, key=setting_key)))
    rows: dict[tuple[str, str], dict[int | None, Record]] = {}
    for item in pairs:
        rows.setdefault(_pair(item), {})[batch_of(item)] = item
    single = len(batches) == 1
    body = []
    for found in rows.values():
        a, b = names(material, next(iter(found.values())))
        cells = [piece for size in batches for piece in (_single if single else _compact)(found.get(size, {}))]
        body.append([Cell(text=b.text, remark=f"against {a.text}"), *cells])
    columns = ["Ratio", "Verdict", "Runs"] if single else [f"Batch {text.plain(size)}" for size in batches]
    corrected = [bool(item["holds_after_holm"]) for item in pairs if item.get("holds_after_holm") is not None]
    levels = sorted({item["confidence"] for item in pairs if item.get("confidence")})
    confidence = text.listing([text.share(level) for level in levels])
    sides = [name for item in pairs for name in names(material, item)]
    return Table(
        caption=material.titled(f"{workload}{f', batch {text.plain(batches[0])}' if single else ''}: {what}"),
        columns=[Column(title="Compared"), *(Column(title=title, number=title != "Verdict") for title in columns)],
        rows=body,
        foot=[
            *([f"Under each ratio its interval ({confidence} confidence)."] if levels else []),
            *([_corrected(corrected)] if corrected else []),
            *foot(sides),
        ],
        reproduce=material.command(f"*/{workload}/*"),
    )


def _corrected(holds: list[bool]) -> str:
    verdicts = text.plural(len(holds), "verdict")
    return (
        f"Of {verdicts} here, {sum(holds)} also hold when all comparisons of the run are to be right together (Holm’s "
        "correction)."
    )


def _single(item: Record) -> list[Cell]:
    """Return ratio, verdict and number of runs of a pair measured in one setting."""
    ratio, remark = text.ratio(item.get("ratio")), text.ratio_range(item.get("low"), item.get("high"), "")
    crossed = bool(item.get("unmatched")) and item.get("ratio") is not None
    return [
        Cell(text=f"{CROSS}{ratio}", remark=remark, tone="unmatched") if crossed else Cell(text=ratio, remark=remark),
        Cell(text=f"{_symbol(item)} {item.get('verdict') or 'no verdict'}".strip(), tone=_tone(item)),
        Cell(text=text.plain(item.get("runs"))),
    ]


def _compact(item: Record) -> list[Cell]:
    """Return one cell with ratio, verdict and interval, for a table with a column for each setting."""
    if item.get("ratio") is None:
        return [Cell(text=text.MISSING, remark="no runs to compare" if item else "", tone="muted")]
    parts = (str(item.get("verdict") or ""), text.ratio_range(item.get("low"), item.get("high"), ""))
    remark = "\n".join(part for part in parts if part)
    return [Cell(text=f"{_symbol(item)} {text.ratio(item.get('ratio'))}".strip(), remark=remark, tone=_tone(item))]


def _tone(item: Record) -> Tone:
    return tone_of(str(item.get("verdict") or "")) if item.get("ratio") is not None else "muted"


def _symbol(item: Record) -> str:
    return next((symbol for start, symbol in SYMBOLS.items() if str(item.get("verdict") or "").startswith(start)), "")


def _chart(material: Material, workload: str, quantity: str, among: Literal["frameworks", "modes"]) -> list[Figure]:
    """Return the pairs with an interval as a forest chart: of default modes, or of modes against their default.

    The other pairs, and bare ratios, are in the table alone: a chart of all would be too long to look at.
    """
    known = []
    for item in _pairs(material, workload):
        a, b = names(material, item)
        alike = a.framework == b.framework
        if (
            _is_plain(material, a, b)
            and alike == (among == "modes")
            and item.get("quantity") == quantity
            and item.get("ratio") is not None
        ):
            known.append(item)
    if not any(item.get("low") is not None for item in known):
        return []
    settings = list(dict.fromkeys(setting(item) for item in sorted(known, key=setting_key)))
    where = "" if len(settings) > 1 else f", {settings[0]}"
    return [
        Figure(
            title=material.titled(f"{workload}{where}{'' if among == 'frameworks' else ': other modes'}"),
            chart=Forest(rows=[_interval(material, item, len(settings) > 1) for item in known], band=DEAD_BAND),
            caption=f"{QUANTITIES[quantity].capitalize()}: ratio with its interval. Left of the grey band "
            f"({BAND_WORDS}) the one named first is faster, right of it slower."
            + (" Hollow and dashed: UNMATCHED, no verdict." if any(item.get("unmatched") for item in known) else ""),
            description=" ".join(sentence(material, item) for item in known),
        )
    ]


def _interval(material: Material, item: Record, several: bool) -> Interval:
    a, b = names(material, item)
    pair = f"{b.plain} / {a.plain}"
    unmatched = [name.plain for name in (a, b) if name.key in (item.get("unmatched") or [])]
    return Interval(
        group=pair if several else "",
        label=setting(item) if several else pair,
        framework=b.framework,
        ratio=item["ratio"],
        low=item.get("low"),
        high=item.get("high"),
        mark=f"{UNMATCHED}: {'both' if len(unmatched) == 2 else unmatched[0]}" if unmatched else "",
    )

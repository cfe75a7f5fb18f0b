"""Framework against framework: the table of ratios, and the same as a forest chart."""

from __future__ import annotations

from typing import Literal

from suite.records import Record
from suite.report import text
from suite.report.document import Block, Cell, Column, Figure, Figures, Forest, Interval, Section, Table, Text, Tone
from suite.report.material import Material, mapping, setting, setting_key
from suite.report.verdict import sentence, tone_of
from suite.stats import DEAD_BAND

SYMBOLS = {"faster": "▼", "slower": "▲", "equal": "=", "not resolved": "?", "too few": "?"}
"""A shape beside each verdict, by how it begins, so that it does not rest on colour alone."""

QUANTITIES = {"step": "time per step", "training": "whole training"}
"""What is compared, as table captions say it."""

BAND_WORDS = f"±{(DEAD_BAND - 1) * 100:.0f} %"

AMONG: tuple[Literal["frameworks", "modes"], ...] = ("frameworks", "modes")

LEAD = (
    "Each ratio is the time of the framework named first over that of the one it is held against: below 1, faster. "
    f"A difference counts only when the whole interval lies outside the dead band of {BAND_WORDS} around 1. Ratios are "
    "formed block by block, between runs made next to each other, and their middle is shown (Hodges-Lehmann), so they "
    "can differ from the ratio of two medians. Each interval stands for itself: nothing is corrected for their number."
)


def section(material: Material) -> Section:
    """Return the comparison of all measured pairs: the charts, then a table for each workload."""
    charts: list[Figure] = []
    for quantity in QUANTITIES:
        for among in AMONG:
            for workload in material.workloads:
                charts += _chart(material, workload, quantity, among)
    blocks: list[Block] = [Figures(figures=charts)] if charts else []
    blocks += [table for workload in material.workloads for table in _table(material, workload)]
    blocks += [Text(text=words) for words in layout_sentences(material)]
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
        found.setdefault(str(item.get("workload")), []).append(f"{text.ratio(ratio)}{interval} at {setting(item)}")
    return [
        f"Layout, {workload}: PyTorch (eager) ran in {layout}. In channels-last it needs this share of that time: "
        f"{text.listing(shares)}."
        for workload, shares in found.items()
    ]


def _pairs(material: Material, workload: str) -> list[Record]:
    """Return a workload's comparisons, pair by pair: frameworks in their default modes, other modes, modes of one."""
    own = [item for item in material.comparisons if item.get("workload") == workload]
    usual = {name.key for name in material.defaults.values()}
    order = list(dict.fromkeys(_pair(item) for item in own))

    def place(item: Record) -> tuple[bool, bool, int, bool, tuple[int, int]]:
        a, b = _pair(item)
        same = material.name(a).framework == material.name(b).framework
        return (same, not {a, b} <= usual, order.index((a, b)), item.get("quantity") != "step", setting_key(item))

    return sorted(own, key=place)


def _pair(item: Record) -> tuple[str, str]:
    return str(item.get("a")), str(item.get("b"))


def _what(item: Record) -> str:
    return QUANTITIES.get(str(item.get("quantity")), "time")


def _table(material: Material, workload: str) -> list[Table]:
    pairs = _pairs(material, workload)
    if not pairs:
        return []
    alike = len({_what(item) for item in pairs}) == 1

    def heading(item: Record) -> str:
        return setting(item) if alike else f"{_what(item)}, {setting(item)}"

    headings = list(dict.fromkeys(heading(item) for item in sorted(pairs, key=setting_key)))
    rows: dict[tuple[str, str], dict[str, Record]] = {}
    for item in pairs:
        rows.setdefault(_pair(item), {})[heading(item)] = item
    single = len(headings) == 1
    about = _what(pairs[0]) if alike else "ratio of times"
    body = [
        [
            Cell(text=material.name(b).text, remark=f"against {material.name(a).text}"),
            *(piece for words in headings for piece in (_single if single else _compact)(found.get(words, {}))),
        ]
        for (a, b), found in rows.items()
    ]
    columns = ["Ratio", "Verdict", "Runs"] if single else [words.capitalize() for words in headings]
    levels = sorted({item["confidence"] for item in pairs if item.get("confidence")})
    confidence = text.listing([text.share(level) for level in levels])
    table = Table(
        caption=f"{workload}{f', {headings[0]}' if single else ''}: {about}",
        columns=[Column(title="Compared"), *(Column(title=title, number=title != "Verdict") for title in columns)],
        rows=body,
        foot=[f"Under each ratio its interval ({confidence} confidence)."] if levels else [],
        reproduce=material.command(f"*/{workload}/*"),
    )
    return [table]


def _single(item: Record) -> list[Cell]:
    """Return ratio, verdict and number of runs of a pair measured in one setting."""
    return [
        Cell(text=text.ratio(item.get("ratio")), remark=text.ratio_range(item.get("low"), item.get("high"), "")),
        Cell(text=f"{_symbol(item)} {item.get('verdict') or 'no verdict'}".strip(), tone=_tone(item)),
        Cell(text=text.plain(item.get("runs"))),
    ]


def _compact(item: Record) -> list[Cell]:
    """Return one cell with ratio, verdict and interval, for a table with a column for each setting."""
    if item.get("ratio") is None:
        return [Cell(text=text.MISSING, remark="no runs to compare" if item else "", tone="muted")]
    remark = ", ".join(
        part
        for part in (str(item.get("verdict") or ""), text.ratio_range(item.get("low"), item.get("high"), ""))
        if part
    )
    return [Cell(text=f"{_symbol(item)} {text.ratio(item.get('ratio'))}".strip(), remark=remark, tone=_tone(item))]


def _tone(item: Record) -> Tone:
    return tone_of(str(item.get("verdict") or "")) if item.get("ratio") is not None else "muted"


def _symbol(item: Record) -> str:
    return next((symbol for start, symbol in SYMBOLS.items() if str(item.get("verdict") or "").startswith(start)), "")


def _chart(material: Material, workload: str, quantity: str, among: Literal["frameworks", "modes"]) -> list[Figure]:
    """Return the pairs with an interval as a forest chart: of default modes, or of modes against their default.

    The other pairs, and bare ratios, are in the table alone: a chart of all would be too long to look at.
    """
    usual = {name.key for name in material.defaults.values()}
    known = []
    for item in _pairs(material, workload):
        a, b = _pair(item)
        same = material.name(a).framework == material.name(b).framework
        wanted = {a, b} <= usual if among == "frameworks" else same and bool({a, b} & usual)
        if wanted and item.get("quantity") == quantity and item.get("ratio") is not None:
            known.append(item)
    if not any(item.get("low") is not None for item in known):
        return []
    settings = list(dict.fromkeys(setting(item) for item in sorted(known, key=setting_key)))
    where = "" if len(settings) > 1 else f", {settings[0]}"
    return [
        Figure(
            title=f"{workload}{where}{'' if among == 'frameworks' else ': other modes'}",
            chart=Forest(rows=[_interval(material, item, len(settings) > 1) for item in known], band=DEAD_BAND),
            caption=f"{QUANTITIES[quantity].capitalize()}: ratio with its interval. Left of the grey band "
            f"({BAND_WORDS}) the one named first is faster, right of it slower.",
            description=" ".join(sentence(material, item) for item in known),
        )
    ]


def _interval(material: Material, item: Record, several: bool) -> Interval:
    a, b = (material.name(str(item.get(side))) for side in ("a", "b"))
    pair = f"{b.text} / {a.text}"
    return Interval(
        group=pair if several else "",
        label=setting(item) if several else pair,
        framework=b.framework,
        ratio=item["ratio"],
        low=item.get("low"),
        high=item.get("high"),
    )

"""Framework against framework: the table of ratios, and the same as a forest chart."""

from __future__ import annotations

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

LEAD = (
    "The ratio is the time of the second framework over the time of the first: below 1 it is faster. A difference counts only when the "
    f"whole interval lies outside the dead band of {BAND_WORDS} around 1."
)


def section(material: Material) -> Section:
    """Return the comparison of all measured pairs: the charts, then a table for each workload."""
    charts = [
        chart
        for quantity in QUANTITIES
        for workload in material.workloads
        for chart in _chart(material, workload, quantity)
    ]
    blocks: list[Block] = [Figures(figures=charts)] if charts else []
    blocks += [table for workload in material.workloads for table in _table(material, workload)]
    blocks += [Text(text=words) for words in layout_sentences(material)]
    if not blocks:
        blocks.append(Text(text="There is no comparison: it takes good runs of at least two frameworks or modes."))
    return Section(id="comparison", title="Comparison", lead=LEAD, blocks=blocks, reproduce=material.command())


def layout_sentences(material: Material) -> list[str]:
    """Return which layout PyTorch's default mode used and what channels-last gives, where both were measured.

    So a reader can see that PyTorch's default mode was not handicapped by a choice of this suite.
    """
    plain, other = "pytorch-eager", "pytorch-eager-channels-last"
    layout = mapping(mapping(material.analysis.get("settings")).get(plain)).get("layout") or "its default layout"
    found = []
    for item in material.comparisons:
        sides = (item.get("a"), item.get("b"))
        if item.get("ratio") is None or set(sides) != {plain, other}:
            continue
        ratio, low, high = item["ratio"], item.get("low"), item.get("high")
        if sides == (other, plain):
            ratio, low, high = 1 / ratio, high and 1 / high, low and 1 / low
        needs = text.ratio(ratio) + (f" ({text.ratio_range(low, high)})" if low and high else "")
        found.append(
            f"{item.get('workload')}, {setting(item)}: PyTorch (eager) ran in {layout}; channels-last needs {needs} of its time."
        )
    return found


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


def _heading(item: Record) -> str:
    return f"{QUANTITIES.get(str(item.get('quantity')), 'time')}, {setting(item)}"


def _table(material: Material, workload: str) -> list[Table]:
    pairs = _pairs(material, workload)
    if not pairs:
        return []
    headings = list(dict.fromkeys(_heading(item) for item in sorted(pairs, key=setting_key)))
    rows: dict[tuple[str, str], dict[str, Record]] = {}
    for item in pairs:
        rows.setdefault(_pair(item), {})[_heading(item)] = item
    single = len(headings) == 1
    body = [
        [
            Cell(text=material.name(b).text, remark=f"against {material.name(a).text}"),
            *(piece for words in headings for piece in (_single if single else _compact)(found.get(words, {}))),
        ]
        for (a, b), found in rows.items()
    ]
    columns = ["Ratio", "Verdict", "Runs"] if single else [heading.capitalize() for heading in headings]
    levels = sorted({item["confidence"] for item in pairs if item.get("confidence")})
    confidence = text.listing([text.share(level) for level in levels])
    table = Table(
        caption=f"{workload}: {headings[0] if single else 'ratio of times'}",
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


def _chart(material: Material, workload: str, quantity: str) -> list[Figure]:
    """Return the pairs as a forest chart, unless there is no interval in it: bare ratios are in the table."""
    pairs = _pairs(material, workload)
    known = [item for item in pairs if item.get("quantity") == quantity and item.get("ratio") is not None]
    if not any(item.get("low") is not None for item in known):
        return []
    settings = list(dict.fromkeys(setting(item) for item in sorted(known, key=setting_key)))
    where = "" if len(settings) > 1 else f", {settings[0]}"
    return [
        Figure(
            title=f"{workload}{where}",
            chart=Forest(rows=[_interval(material, item, len(settings) > 1) for item in known], band=DEAD_BAND),
            caption=f"{QUANTITIES[quantity].capitalize()}: ratio with its interval. Left of the grey band ({BAND_WORDS}) "
            "the framework named first is faster, right of it slower.",
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

"""What is left of a gap between programs as published when both frameworks are matched: in words and as a table."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from suite.records import Record
from suite.report import text
from suite.report.document import Block, Cell, Column, Table, Text, Tone
from suite.report.material import Material, epochs_of, lane_of, mapping, records, setting, setting_key
from suite.report.names import AS_PUBLISHED, CROSS, MATCHED, UNMATCHED, title
from suite.report.standing import LEGEND
from suite.stats import DEAD_BAND

FAR = 1.1
"""A published gap is divided where its whole interval lies further than this from 1: shares of a smaller one swing
wildly with what is only noise."""

SHARES = (
    "Ratios of times, and how the logarithm of the published one divides. A share over 100 % or under 0 means that "
    "defaults hid a part of the frameworks’ own gap, or turned it round. A gap is divided only where both ratios have "
    f"an interval and that of the published one lies more than {(FAR - 1) * 100:.0f} % from 1."
)


@dataclass(frozen=True, kw_only=True)
class Side:
    """One lane's ratio of two frameworks: with its interval, where there were runs enough for one."""

    ratio: float | None
    low: float | None = None
    high: float | None = None
    runs: int | None = None

    @property
    def sure(self) -> bool:
        """Whether there is an interval."""
        return self.low is not None and self.high is not None

    def beyond(self, band: float) -> int:
        """Return on which side of the band around 1 the whole interval lies: -1 below, 1 above, 0 neither."""
        if self.low is None or self.high is None:
            return 0
        return 1 if self.low > band else -1 if self.high < 1 / band else 0

    @property
    def words(self) -> str:
        """The ratio with its interval: "0.55 (0.53 to 0.57)"."""
        return text.ratio(self.ratio) + (f" ({text.ratio_range(self.low, self.high)})" if self.sure else "")

    @property
    def remark(self) -> str:
        """The interval, or why there is none."""
        if self.ratio is None:
            return ""
        few = "too few runs" if self.runs is None else "one run each" if self.runs == 1 else f"{self.runs} runs each"
        return text.ratio_range(self.low, self.high, few)


@dataclass(frozen=True, kw_only=True)
class Gap:
    """A framework (``row``) against another one (``item`` of its ``against``) in one setting, in both lanes."""

    row: Record
    item: Record
    published: Side
    matched: Side

    @property
    def pair(self) -> tuple[str, str]:
        """The two frameworks' proper names."""
        return title(str(self.row["framework"])), title(str(self.item.get("framework")))

    @property
    def unmatched(self) -> bool:
        """Whether it is not proved that both train alike in the matched lane."""
        return bool(self.item.get("unmatched"))

    @property
    def support(self) -> tuple[int, int, tuple[int, bool, int]]:
        """How well it is measured, to sort by: intervals, runs; then the longest training, at the usual batch size."""
        epochs, batch = setting_key(self.row)
        runs = [side.runs or 0 for side in (self.published, self.matched) if side.ratio is not None]
        return self.published.sure + self.matched.sure, min(runs, default=0), (epochs, batch == 32, batch)

    @cached_property
    def share(self) -> float | None:
        """The share of the published gap that is left when matched; None where the ratios do not support one."""
        if self.unmatched or not self.published.beyond(FAR) or not self.matched.beyond(DEAD_BAND):
            return None
        share = self.item.get("remaining")
        return None if share is None else float(share)

    @property
    def gone(self) -> bool:
        """Whether a published gap is shown and a matched one is shown to be none."""
        side = self.matched
        equal = side.low is not None and side.high is not None and side.low >= 1 / DEAD_BAND and side.high <= DEAD_BAND
        return not self.unmatched and equal and bool(self.published.beyond(FAR))


def blocks(material: Material, workload: str, rows: list[Record]) -> list[Block]:
    """Return what is left of each gap: in words where it is measured best, then as a table."""
    found = [gap for gap in _gaps(material, workload, rows) if gap.published.ratio is not None]
    if not found:
        return []
    said = [Text(text=_sentence([gap for gap in found if gap.pair == pair])) for pair in _pairs(found)]
    if all(gap.matched.ratio is None for gap in found):
        return [*said]
    return [*said, _table(material, workload, found)]


def _pairs(found: list[Gap]) -> list[tuple[str, str]]:
    return list(dict.fromkeys(gap.pair for gap in found))


def _gaps(material: Material, workload: str, rows: list[Record]) -> list[Gap]:
    measured = {
        (lane_of(item), setting(item), str(item.get("a")), str(item.get("b"))): item
        for item in material.comparisons
        if item.get("workload") == workload
    }
    arms = {
        (lane, setting(row), str(row["framework"])): str(mapping(row.get(side)).get("arm"))
        for row in rows
        for lane, side in ((MATCHED, "matched"), (AS_PUBLISHED, "published"))
    }

    def side(row: Record, item: Record, lane: str, key: str) -> Side:
        one, other = (arms.get((lane, setting(row), str(name)), "") for name in (item["framework"], row["framework"]))
        record = measured.get((lane, setting(row), one, other), {})
        low, high, runs = record.get("low"), record.get("high"), record.get("runs")
        return Side(ratio=item.get(key), low=low, high=high, runs=runs)

    return [
        Gap(
            row=row,
            item=item,
            published=side(row, item, AS_PUBLISHED, "published"),
            matched=side(row, item, MATCHED, "matched"),
        )
        for row in rows
        for item in records(row.get("against"))
    ]


def _table(material: Material, workload: str, found: list[Gap]) -> Table:
    accurate = any(_accuracy(gap, "published") is not None for gap in found)
    titles = ["As published", "Matched", "Frameworks’ own", "Their defaults’"]
    titles += ["Accuracy gap, as published", "Accuracy gap, matched"] if accurate else []
    return Table(
        caption=f"{workload}: what is left of each gap when both are matched",
        columns=[Column(title="Compared"), *(Column(title=words, number=True) for words in titles)],
        rows=[_row(gap, accurate=accurate) for gap in found],
        synthetic=material.synthetic and accurate,
        foot=[SHARES, *([LEGEND] if any(gap.unmatched for gap in found) else [])],
    )


def _row(gap: Gap, *, accurate: bool) -> list[Cell]:
    one, other = gap.pair
    cross = CROSS if gap.unmatched else ""
    tone: Tone = "unmatched" if cross else ""
    shares = ["none", "all"] if gap.gone else [text.MISSING] * 2
    if gap.share is not None:
        shares = [text.share(gap.share), text.share(1 - gap.share)]
    cells = [
        Cell(text=f"{one} against {other}", remark=setting(gap.row)),
        Cell(text=text.ratio(gap.published.ratio), remark=gap.published.remark),
        _marked(text.ratio(gap.matched.ratio), cross, tone, gap.matched.remark),
        *([Cell(text=UNMATCHED, tone=tone)] * 2 if cross else [Cell(text=words) for words in shares]),
    ]
    gaps = [
        Cell(text=_signed(_accuracy(gap, "published"))),
        _marked(_signed(_accuracy(gap, "matched")), cross, tone),
    ]
    return [*cells, *gaps] if accurate else cells


def _accuracy(gap: Gap, side: str) -> float | None:
    return mapping(gap.item.get("accuracy_gap")).get(side)


def _marked(words: str, cross: str, tone: Tone, remark: str = "") -> Cell:
    return Cell(text=words) if words == text.MISSING else Cell(text=f"{cross}{words}", tone=tone, remark=remark)


def _signed(value: float | None) -> str:
    return text.MISSING if value is None else text.signed(value)


def _sentence(found: list[Gap]) -> str:
    """Return what one gap between two frameworks is made of: times where best measured, accuracy where trained longest.

    A single setting that is measured as well as another gives way to the longer training.
    """
    best = max(found, key=lambda gap: gap.support)
    one, other = best.pair
    words = f"{one} as published takes {best.published.words} of {other}’s time ({_where(best)})"
    words += f", matched {best.matched.words}{_remaining(best)}." if best.matched.ratio is not None else "."
    trained = [gap for gap in found if _accuracy(gap, "published") is not None]
    return f"{words}{_learned(max(trained, key=lambda gap: setting_key(gap.row)))}" if trained else words


def _where(gap: Gap) -> str:
    what = "" if epochs_of(gap.row) else "per step, "
    return f"{what}{setting(gap.row)}{'' if gap.published.sure else f', {gap.published.remark}'}"


def _learned(gap: Gap) -> str:
    published, matched = _accuracy(gap, "published") or 0.0, _accuracy(gap, "matched")
    once = ", one run each" if gap.published.runs == 1 else ""
    words = f" Its accuracy ({setting(gap.row)}{once}) is {_off(published)} as published"
    return f"{words}, {_off(matched)} matched." if matched is not None else f"{words}."


def _off(gap: float) -> str:
    return f"{text.accuracy(abs(gap))} {'higher' if gap > 0 else 'lower'}" if gap else "the same"


def _remaining(gap: Gap) -> str:
    """Return which share of the published gap is the frameworks' own, in words, as far as the ratios support one."""
    if gap.unmatched:
        return f" ({UNMATCHED}: what is the frameworks’ and what their defaults’ cannot be told)"
    if not (gap.published.sure and gap.matched.sure):
        return "; it takes more runs to tell what is the frameworks’ own and what their defaults’"
    if not gap.published.beyond(FAR):
        return ", too small a gap to divide"
    if gap.gone:
        return ": matched, they are equally fast, so the defaults made all of it"
    if gap.share is None:
        return ": matched, no difference is shown, so how the gap divides is not resolved"
    if gap.share < 0:
        return ": matched, the gap turns round, so the defaults made more than all of it"
    if gap.share > 1:
        return ": matched, the gap is no narrower, so nothing of it was made by the defaults"
    return f": {text.share(gap.share)} of the gap is the frameworks’ own, {text.share(1 - gap.share)} their defaults’"

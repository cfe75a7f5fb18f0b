"""What is proved of each framework and mode: who is matched, and how the numbers of the others are marked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from suite.records import Record
from suite.report import text
from suite.report.document import Cell
from suite.report.names import AS_PUBLISHED, CROSS, UNMATCHED, Name

Arm = tuple[str, str, str]
"""(lane, workload, framework-mode)."""

LEGEND = (
    f"{UNMATCHED}: no passport proves that this framework, in this mode, trains the workload as it is defined. Its "
    "numbers are shown and enter no verdict."
)
"""What the mark means, under every table that holds one."""


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What a passport says of one framework, mode and workload; ``status`` "none" means there is no passport."""

    status: str
    failed_item: str = ""
    diagnosis: str = ""

    @property
    def unmatched(self) -> bool:
        """Whether nothing proves that the workload is trained as it is defined."""
        return self.status not in ("matched", AS_PUBLISHED)

    @property
    def reason(self) -> str:
        """Why it is unmatched, in words that follow a name and a colon."""
        match self.status:
            case "none":
                return "no passport was made"
            case "error":
                return self.diagnosis or "the exam could not be sat"
            case _:
                words = [words for words in (self.failed_item, self.diagnosis) if words]
                return ": ".join(words) or "its passport names no reason"


def standings(raws: Sequence[Record], passports: Sequence[Record]) -> dict[Arm, Standing]:
    """Return the standing of every arm that was run or examined.

    A run carries the passport it was made under. One run without a matched one is enough for the whole arm: what the
    others' numbers are worth beside it cannot be told. An arm that was examined and never ran has its passport's.
    """
    found: dict[Arm, Standing] = {}
    for raw in raws:
        if raw.get("status") == "ok":
            arm, new = _arm(raw), _standing(raw.get("passport"), str(raw.get("lane")))
            found[arm] = new if new.unmatched or arm not in found else found[arm]
    for passport in passports:
        found.setdefault(_arm(passport), _standing(passport, str(passport.get("lane"))))
    return found


def _arm(record: Record) -> Arm:
    return str(record.get("lane")), str(record.get("workload")), f"{record.get('framework')}-{record.get('mode')}"


def _standing(passport: object, lane: str) -> Standing:
    if lane == AS_PUBLISHED:  # published programs are not held to a definition: there is nothing to be unmatched with
        return Standing(status=AS_PUBLISHED)
    if not isinstance(passport, dict) or not passport.get("status"):
        return Standing(status="none")
    return Standing(
        status=str(passport["status"]),
        failed_item=str(passport.get("failed_item") or ""),
        diagnosis=str(passport.get("diagnosis") or ""),
    )


def number(name: Name, words: str, remark: str = "") -> Cell:
    """Return the cell of a number that belongs to ``name``, marked where that is unmatched."""
    if words == text.MISSING or not name.unmatched:
        return Cell(text=words, remark=remark)
    return Cell(text=f"{CROSS}{words}", remark=remark, tone="unmatched")


def foot(names: Sequence[Name]) -> list[str]:
    """Return what the marks in a table of ``names`` mean; nothing where there are none."""
    return [LEGEND] if any(name.unmatched for name in names) else []

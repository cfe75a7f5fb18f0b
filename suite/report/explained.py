"""Which difference between programs as published accounts for the gap between their accuracies: in words, from runs."""

from __future__ import annotations

from collections.abc import Sequence

from suite.errors import InputError
from suite.published.programs import TEST_ACCURACY, program
from suite.published.studies import published
from suite.records import Record
from suite.report import text
from suite.report.document import Block, Cell, Column, Table, Text
from suite.report.material import mapping, records, setting, setting_key
from suite.report.names import AS_PUBLISHED, Name, title

GAP = 0.005
"""Accuracies closer than this are not divided: shares of a smaller gap swing with what is only chance."""


def blocks(workload: str, rows: Sequence[Record]) -> list[Block]:
    """Return what programs called accuracy, and what moves their accuracies towards each other's."""
    trained = [row for row in rows if _accuracy(row) is not None]
    found: list[Block] = []
    for key in dict.fromkeys(setting_key(row) for row in trained):
        own = [row for row in trained if setting_key(row) == key]
        if any(_told_as(row) not in (None, TEST_ACCURACY) for row in own):
            found.append(_told_table(workload, own))
        found += [
            Text(text=words)
            for place, row in enumerate(own)
            for other in own[:place]
            if (words := f"{_called(row, other)}{_switched(workload, row, other)}")
        ]
    return found


def _side(row: Record) -> Record:
    return mapping(row.get("published"))


def _accuracy(row: Record) -> float | None:
    return _side(row).get("accuracy")


def _told_as(row: Record) -> str | None:
    return _side(row).get("reported_as")


def _told_table(workload: str, rows: Sequence[Record]) -> Table:
    """Return what each study and program calls accuracy, beside the accuracy on the same test images."""
    columns = [Column(title="Program")]
    columns += [Column(title=words, number=True) for words in ("Its study", "It tells here", "Test images", "Matched")]
    body = [
        [
            Cell(text=title(str(row["framework"])), remark=setting(row)),
            Cell(text=_printed(workload, row)),
            Cell(text=text.accuracy(_side(row).get("reported")), remark=str(_told_as(row) or "")),
            Cell(text=text.accuracy(_accuracy(row))),
            Cell(text=text.accuracy(mapping(row.get("matched")).get("accuracy"))),
        ]
        for row in rows
    ]
    return Table(caption=f"{workload}: what each program calls its accuracy", columns=columns, rows=body)


def _printed(workload: str, row: Record) -> str:
    """Return the accuracy that was published for a program in this setting, as it was printed."""
    epochs, batch = setting_key(row)
    framework = str(row["framework"])
    for figure in published(workload, "accuracy", "test accuracy"):
        value = figure.value(framework)
        if value is not None and (figure.params.get("epochs"), figure.params.get("batch")) == (epochs, batch):
            return figure.printed.get(framework, str(value))
    return text.MISSING


def _called(row: Record, other: Record) -> str:
    """Return which share of a gap between two programs' own figures comes from calling unlike things accuracy."""
    told, others = (_side(each).get("reported") for each in (row, other))
    accuracies = _accuracy(row), _accuracy(other)
    if told is None or others is None or accuracies[0] is None or accuracies[1] is None:
        return ""
    if _told_as(row) == _told_as(other) or abs(told - others) < GAP:
        return ""
    share = 1 - (accuracies[0] - accuracies[1]) / (told - others)
    who, whom = title(str(row["framework"])), title(str(other["framework"]))
    amount = "more than all" if share > 1 else text.share(share) if share > 0 else "nothing"
    return (
        f"{who}’s program tells {text.accuracy(told)} ({_told_as(row)}), {whom}’s {text.accuracy(others)} "
        f"({_told_as(other)}; {setting(row)}). On the same test images they reach {text.accuracy(accuracies[0])} and "
        f"{text.accuracy(accuracies[1])}: what is called accuracy accounts for {amount} of the gap. "
    )


def _switched(workload: str, row: Record, other: Record) -> str:
    """Return, for both programs, which switch moves the accuracy most towards the other's, and what all of them do."""
    gap = (_accuracy(other) or 0.0) - (_accuracy(row) or 0.0)
    if not any(records(each.get("switched")) for each in (row, other)):
        return ""
    if abs(gap) < GAP:
        return f"{_pair(row, other)} are {text.accuracy(abs(gap))} apart on test images, too little to be divided."
    return f"{_towards(workload, row, other)} {_towards(workload, other, row)}".strip()


def _pair(row: Record, other: Record) -> str:
    return f"{title(str(row['framework']))} and {title(str(other['framework']))} as published ({setting(row)})"


def _towards(workload: str, row: Record, other: Record) -> str:
    """Return what moves ``row``'s program towards ``other``'s accuracy."""
    usual, wanted = _accuracy(row) or 0.0, _accuracy(other) or 0.0
    switched = [item for item in records(row.get("switched")) if item.get("accuracy") is not None]
    single = [item for item in switched if not _cumulative(workload, row, item)]
    if not single:
        return ""
    best = max(single, key=lambda item: (item["accuracy"] - usual) / (wanted - usual))
    share = (best["accuracy"] - usual) / (wanted - usual)
    who, whom = title(str(row["framework"])), title(str(other["framework"]))
    words = (
        f"Of what was switched in {who}’s program, “{_title(row, best)}” moves its test "
        f"accuracy most towards {whom}’s: from {text.accuracy(usual)} to {text.accuracy(best['accuracy'])}, "
        f"{'past it' if share > 1 else f'{text.share(share)} of the gap'}."
        if share > 0
        else f"Nothing that was switched in {who}’s program moves it towards {whom}’s accuracy."
    )
    for item in switched:
        if _cumulative(workload, row, item):
            left = abs(item["accuracy"] - wanted)
            words += (
                f" All switched at once, it reaches {text.accuracy(item['accuracy'])}, {text.accuracy(left)} from "
                f"{whom}’s {text.accuracy(wanted)}."
            )
    return words


def _title(row: Record, item: Record) -> str:
    plain = Name(framework=str(row["framework"]), mode=str(item["variant"]), lane=AS_PUBLISHED).plain
    return plain.partition("(")[2].removesuffix(")")


def _cumulative(workload: str, row: Record, item: Record) -> bool:
    try:
        return program(str(row["framework"]), workload).variant(str(item["variant"])).cumulative
    except InputError:
        return False

"""What it was measured on and with: platform, machine, versions, locks, data (the study's section 3.4, and more)."""

from __future__ import annotations

from typing import Any

from suite import fingerprint
from suite.records import Record
from suite.report import platform, text
from suite.report.document import Block, Cell, Column, Facts, Section, Table
from suite.report.material import Material, mapping, records
from suite.report.names import Name

LEAD = (
    "Read from the machine and from the live frameworks during the runs, not from a configuration file. Rows marked "
    "“differs” are versions in which the frameworks’ environments do not agree."
)


def section(material: Material) -> Section:
    """Return everything known about the machine, the software and the data."""
    blocks: list[Block] = [
        *platform.blocks(material),
        *_machines(material),
        *_data(material),
        *_locks(material),
    ]
    versions = _versions(material)
    equal, differing = _split(versions)
    blocks += [_table("Versions", list(versions), differing)] if differing else []
    blocks += [Facts(title="Versions: the same in all", rows=equal)] if equal else []
    return Section(id="environment", title="Environment", lead=LEAD, blocks=blocks, reproduce=material.doctor_command)


def machine_name(material: Material) -> str:
    """Return the processor of the (first) machine, empty where it is unknown."""
    for machine in _known_machines(material):
        model = mapping(machine.get("identity")).get("cpu_model")
        if model and not fingerprint.is_unknown(model):
            return str(model)
    return ""


def identity(material: Material) -> Record:
    """Return the identity of the (first) machine, empty where there is none."""
    return next((mapping(machine.get("identity")) for machine in _known_machines(material)), {})


def _known_machines(material: Material) -> list[Record]:
    found = records(material.analysis.get("machines")) or [mapping(raw.get("machine")) for raw in material.raws]
    by_id = {str(machine.get("id")): machine for machine in found if machine}
    return list(by_id.values())


def _machines(material: Material) -> list[Block]:
    blocks: list[Block] = []
    machines = _known_machines(material)
    for number, machine in enumerate(machines, 1):
        rows = [("Machine id", str(machine.get("id"))), *fingerprint.describe(mapping(machine.get("identity")))]
        title = "Machine" if len(machines) == 1 else f"Machine {number}"
        blocks.append(Facts(title=title, rows=rows))
    return blocks


def _data(material: Material) -> list[Block]:
    data = material.data
    if not data:
        return []
    name = str(data.get("name"))
    rows = [("name", f"{name}, synthetic: made by this suite, no photographs" if material.synthetic else name)]
    rows += [("citation", str(data["citation"]))] if data.get("citation") else []
    rows += [
        (key.replace("_", " "), text.count(data[key])) for key in ("train_examples", "test_examples") if data.get(key)
    ]
    rows += [("SHA-256", str(data["sha256"]))] if data.get("sha256") else []
    return [Facts(title="Data", rows=rows)]


def _locks(material: Material) -> list[Block]:
    planned = mapping(mapping(material.plan).get("locks"))
    used = {str(raw.get("framework")): raw["lock_sha256"] for raw in material.raws if raw.get("lock_sha256")}
    rows = [(f"lock, {framework}", str(value)) for framework, value in sorted({**used, **planned}.items())]
    code = mapping(material.plan).get("code_sha256") or next(
        (raw["code_sha256"] for raw in material.raws if raw.get("code_sha256")), None
    )
    rows += [("code of this suite", str(code))] if code else []
    return [Facts(title="Locks and code, SHA-256", rows=rows)] if rows else []


def _versions(material: Material) -> dict[str, Record]:
    known = {key: mapping(value) for key, value in mapping(material.analysis.get("versions")).items()}
    order = list(material.defaults)
    names = sorted(known, key=lambda key: order.index(key) if key in order else len(order))
    return {Name(framework=key, mode="").title: known[key] for key in names}


def _split(table: dict[str, Record]) -> tuple[list[tuple[str, str]], list[tuple[str, list[Any]]]]:
    """Return the rows that are equal in every column, and those that are not (a missing value counts as unlike)."""
    keys = list(dict.fromkeys(key for column in table.values() for key in column))
    equal: list[tuple[str, str]] = []
    differing: list[tuple[str, list[Any]]] = []
    for key in keys:
        values = [column.get(key) for column in table.values()]
        if all(value == values[0] for value in values) and len(values) > 1:
            equal.append((key.replace("_", " "), text.plain(values[0])))
        else:
            differing.append((key.replace("_", " "), values))
    return equal, differing


def _table(caption: str, titles: list[str], rows: list[tuple[str, list[Any]]]) -> Table:
    unlike = [_differ(values) for _, values in rows]
    body = []
    for (key, values), differ in zip(rows, unlike, strict=True):
        mark = [Cell(text="differs" if differ else "", tone="marked" if differ else "")] if any(unlike) else []
        body.append([Cell(text=key), *(Cell(text=text.plain(value)) for value in values), *mark])
    last = [Column(title="Same?")] if any(unlike) else []
    columns = [Column(title="Name"), *(Column(title=title) for title in titles), *last]
    return Table(caption=caption, columns=columns, rows=body)


def _differ(values: list[Any]) -> bool:
    """Tell whether values that were recorded are unlike; one that a framework does not have is no difference."""
    known = [value for value in values if value is not None]
    return any(value != known[0] for value in known)

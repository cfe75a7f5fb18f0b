"""Beside the published figures: for each of the five studies what it printed, and what this run measured."""

from __future__ import annotations

from suite import fingerprint
from suite.published.figures import NONE, NOT_STATED, Figure, Machine, Study
from suite.published.studies import studies
from suite.report import environment, text
from suite.report.beside import pictures, tables
from suite.report.beside.cases import QUANTITIES, cases, is_time, over, quality, setting_of
from suite.report.beside.ours import qualities, ratios
from suite.report.document import Block, Cell, Column, Facts, Figures, Section, Table, Text
from suite.report.material import Material, mapping
from suite.report.names import title

LEAD = (
    "What each of the five studies that this suite replaces printed, and what this run measured of it. A study’s "
    "seconds are its own machine’s: only ratios, each formed within one machine, are held side by side, and a ratio "
    "that differs may differ by machine and versions as well as by programs."
)

PACKAGES = {"pytorch": "torch", "tensorflow": "tensorflow", "keras": "keras"}
"""How the names of each framework's own packages begin."""

FACTS = ("Accelerator", "System", "Memory", "Python", "PyTorch", "TensorFlow", "Keras")
"""What is stated of each machine beside its processor."""

COMMAND = "nox -s bench -- --study {} --lane both"
"""Measures a study's networks and its own programs."""

FEW = 4
"""So many figures of one quantity are listed one by one; of more, their range is."""


def sections(material: Material) -> list[Section]:
    """Return the section: the run's own study in full, and each other one with the command that measures it."""
    own = [study for study in studies().values() if set(study.workloads) & set(material.workloads)]
    others = [study for study in studies().values() if study not in own]
    found: list[Block] = [block for study in own for block in _study(material, study)]
    found += _others(others, bool(own)) if others else []
    return [Section(id="beside", title="Beside the published figures", lead=LEAD, blocks=found)]


def _study(material: Material, study: Study) -> list[Block]:
    found: list[Block] = [Text(text=" ".join([f"{study.title}.", *study.remarks, *_also(study)]))]
    for workload in study.workloads:
        if workload in material.workloads:
            found += _workload(material, study, workload)
    return [*found, *_difference(material, study), _machines(material, study)]


def _workload(material: Material, study: Study, workload: str) -> list[Block]:
    """Return the pictures and tables of one workload: its ratios of times, then what its trainings reached."""
    own = study.of(workload)
    times = cases(material, [figure for figure in own if is_time(figure)], ratios)
    measures = cases(material, [figure for figure in own if not is_time(figure)], qualities)
    drawn = [
        *pictures.ratios(material, study, workload, times),
        *pictures.qualities(material, study, workload, measures),
    ]
    found: list[Block] = [Figures(figures=drawn)] if drawn else []
    found += [tables.ratios(material, study, workload, times)] if times else []
    found += [tables.qualities(material, study, workload, measures)] if measures else []
    return found


def _also(study: Study) -> list[str]:
    """Return what a study prints that is about none of its own networks, with what it says of it."""
    return [f"Also printed ({figure.where}): {_said(figure)}. {figure.remark}" for figure in study.of("")]


def _said(figure: Figure) -> str:
    listed = [f"{title(name)} {tables.printed(figure, name)}" for name in figure.frameworks]
    return f"{QUANTITIES.get(figure.quantity, figure.quantity)}: {', '.join(listed)}"


def _difference(material: Material, study: Study) -> list[Block]:
    """Return a sentence where the study computed on an accelerator and this run did not."""
    used = mapping(material.analysis.get("device")).get("used") or []
    accelerators = [machine.accelerator for machine in study.machines if machine.accelerator not in ("", NONE)]
    if not accelerators or used != ["cpu"]:
        return []
    return [Text(text=f"{study.short} computed on a {accelerators[0]}, this run on the processor.")]


def _machines(material: Material, study: Study) -> Table:
    """Return a row for the machine and versions of this run, and one for each machine of the study."""
    there = [("Here", environment.machine_name(material) or "processor not known", _here(material))]
    machines = study.machines or (Machine(name=""),)
    there += [(study.short, _processor(machine), _of_study(machine)) for machine in machines]
    return Table(
        caption=f"{study.short}: its machines and versions, and this run’s",
        columns=[Column(title="Machine"), *(Column(title=title) for title in FACTS)],
        rows=[
            [
                Cell(text=label, remark=processor),
                *(Cell(text=words, tone="muted" if words == NOT_STATED else "") for words in facts),
            ]
            for label, processor, facts in there
        ],
    )


def _processor(machine: Machine) -> str:
    return f"{machine.name} ({machine.detail})" if machine.detail else machine.name or f"processor {NOT_STATED}"


def _of_study(machine: Machine) -> list[str]:
    versions = [machine.versions.get(framework, "").removeprefix(f"{title(framework)} ") for framework in PACKAGES]
    facts = (machine.accelerator, machine.system, machine.memory, machine.python, *versions)
    return [words or NOT_STATED for words in facts]


def _here(material: Material) -> list[str]:
    identity = environment.identity(material)
    used = mapping(material.analysis.get("device")).get("used") or []
    gpus = [str(gpu.get("name")) for gpu in identity.get("gpus") or [] if isinstance(gpu, dict)]
    known = {key: mapping(value) for key, value in mapping(material.analysis.get("versions")).items()}
    pythons = dict.fromkeys(str(value["python"]) for value in known.values() if value.get("python"))
    return [
        NONE if used == ["cpu"] else text.listing(gpus) or text.listing([str(each) for each in used]),
        " ".join(str(identity[key]) for key in ("os_name", "os_version") if identity.get(key)) or text.MISSING,
        fingerprint.format_bytes(identity["ram_bytes"]) if identity.get("ram_bytes") else text.MISSING,
        text.listing(list(pythons)) or text.MISSING,
        *(_package(known.get(framework, {}), start) for framework, start in PACKAGES.items()),
    ]


def _package(versions: dict[str, object], start: str) -> str:
    """Return a framework's own package with its version, as "torch 2.13.0+cpu"."""
    for name, version in versions.items():
        if name == start or name.startswith(f"{start}-"):
            return f"{name} {text.plain(version)}"
    return "not in this run"


def _others(others: list[Study], some: bool) -> list[Block]:
    """Return what each study that is not this run's printed, and the command that measures it."""
    commands = [(study.short, COMMAND.format(study.name)) for study in others if study.workloads]
    return [
        Table(
            caption=f"The {'other ' if some else ''}studies, which this run does not redo",
            columns=[Column(title="Study"), Column(title="What it printed")],
            rows=[[Cell(text=study.short), Cell(text=f"{study.title}. {_summary(study)}")] for study in others],
            wordy=True,
        ),
        *([Facts(title="To measure them here", rows=commands, commands=True)] if commands else []),
    ]


def _summary(study: Study) -> str:
    if not study.figures:
        asked = " ".join(study.questions)
        return f"No measurement: it compares {text.listing(list(study.topics))}, and asks: {asked}"
    groups: dict[str, list[Figure]] = {}
    for figure in study.figures:
        if figure.workload:
            groups.setdefault(figure.quantity, []).append(figure)
    words = []
    for quantity, own in groups.items():
        label = QUANTITIES.get(quantity, quantity)
        words += [_range(label, own)] if len(own) > FEW else [_one(label, figure) for figure in own]
    return f"It printed {'; '.join(words)}."


def _one(label: str, figure: Figure) -> str:
    """Return one figure in words: a ratio of times, or each framework's accuracy."""
    setting = f" ({setting_of(figure)})" if setting_of(figure) else ""
    if is_time(figure):
        return f"{label}{setting}: {title(over(figure))} over PyTorch {text.ratio(figure.ratio(over(figure)))}"
    found = [(name, figure.value(name)) for name in figure.frameworks]
    listed = [f"{title(name)} {quality(figure, value)}" for name, value in found if value is not None]
    return f"{label}{setting}: {', '.join(listed)}"


def _range(label: str, figures: list[Figure]) -> str:
    """Return many figures in words: from where to where they go."""
    if is_time(figures[0]):
        found = [ratio for figure in figures if (ratio := figure.ratio(over(figure)))]
        words = f"{text.ratio(min(found))} to {text.ratio(max(found))} in {len(found)} cases"
        return f"{label}: {title(over(figures[0]))} over PyTorch {words}"
    listed = []
    for name in figures[0].frameworks:
        values = [value for figure in figures if (value := figure.value(name)) is not None]
        listed.append(f"{title(name)} {text.accuracy(float(min(values)))} to {text.accuracy(float(max(values)))}")
    return f"{label}: {', '.join(listed)} in {len(figures)} cases"

"""The feature tables of three studies, each answer of today with its evidence, beside what the studies said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from suite import home
from suite.errors import EvenmatchError
from suite.features import evidence
from suite.features.evidence import NO_ANSWER, Evidence, Kept
from suite.features.proofs import FRAMEWORKS, Metadata, Proof, Reference, Row
from suite.features.table import ROWS, STUDIES, Named, StudyTable, row
from suite.report import text
from suite.report.document import Block, Cell, Column, Fold, Section, Table, Text, Tone
from suite.report.material import Material, mapping
from suite.report.names import TICK, title

LEAD = (
    "What the feature tables of three studies compared, answered anew. Each cell stands on evidence: a probe that ran "
    "in the framework’s own locked environment, the metadata of its package, or a document with the day it was looked "
    "at. “no” is said only of what was seen not to be there; a probe that died is “no answer”. Found apart from this "
    "run; each cell has its day."
)
NOT_IN_NOTES = "compared; what it found is not in our notes on it"
REPRODUCE = "evenmatch features --probe"
TONES: Mapping[str, Tone] = {"yes": "good", "no": "muted", NO_ANSWER: "marked"}


def sections(material: Material) -> list[Section]:
    """Return the section: a grid of answers, what each stands on, and each study's points."""
    return [Section(id="features", title="Features", lead=LEAD, blocks=_blocks(material), reproduce=REPRODUCE)]


def _blocks(material: Material) -> list[Block]:
    known = evidence.profiles()
    if not known:
        return [Text(text=f"No probe of the features has been run yet; {REPRODUCE} --keep does it.")]
    profile = material.profile if material.profile in known else known[0]
    try:
        kept = evidence.read(profile)
    except EvenmatchError as error:
        return [Text(text=f"What is known of the features cannot be shown: {home.in_checkout(str(error))}")]
    return [
        Text(text=_of_which(material, kept)),
        _grid(kept),
        Fold(title="What each answer stands on", tables=[_details(kept), _references()]),
        Fold(
            title="What each study compared, and where it is answered", tables=[_study(each, kept) for each in STUDIES]
        ),
    ]


def _of_which(material: Material, kept: Kept) -> str:
    """Say what the evidence is of, and where this run had something else."""
    of = f"The probes ran on profile {kept.profile} with {_listed(_versions(kept))}."
    if kept.profile != material.profile:
        of += f" Profile {material.profile}, which this run is of, has not been probed."
    unlike = _unlike(material, kept)
    if unlike:
        return f"{of} This run had other versions, of which the evidence says nothing: {'; '.join(unlike)}."
    locks = mapping(mapping(material.plan).get("locks"))
    shared = [name for name in kept.frameworks if locks.get(name)]
    other = [title(name) for name in shared if locks[name] != kept.frameworks[name].lock_sha256]
    if other:
        return f"{of} Since then the lock of {text.listing(other)} has changed, in packages beside the frameworks."
    return f"{of} This run’s environments were made from the same locks." if shared else of


def _versions(kept: Kept) -> dict[str, dict[str, str]]:
    """Return of each framework the versions that its evidence is of."""
    found: dict[str, dict[str, str]] = {}
    for name, known in kept.frameworks.items():
        found[name] = {key: value for each in known.proofs.values() for key, value in each.versions.items()}
    return found


def _listed(versions: Mapping[str, Mapping[str, str]]) -> str:
    named = {f"{key} {value}" for known in versions.values() for key, value in known.items()}
    return text.listing(sorted(named, key=str.lower))


def _unlike(material: Material, kept: Kept) -> list[str]:
    used = mapping(material.analysis.get("versions"))
    found = []
    for framework, known in _versions(kept).items():
        run = mapping(used.get(framework))
        for package, version in known.items():
            had = run.get(package)
            here = [str(each) for each in had] if isinstance(had, list) else [str(had)] if had else []
            if here and version not in here:
                found.append(f"{title(framework)} {package} {' and '.join(here)}, not {version}")
    return found


def _grid(kept: Kept) -> Table:
    body = [
        [Cell(text=each.title, remark=each.question), *(_answer(kept, each, name) for name in FRAMEWORKS)]
        for each in ROWS
    ]
    return Table(
        caption="Answers of today, and what decides each",
        columns=[Column(title="Feature"), *_columns()],
        rows=body,
        wordy=True,
    )


def _answer(kept: Kept, of: Row, framework: str) -> Cell:
    """Return the answer of the first proof, which decides, with what it is; others are counted."""
    first, *others = of.proofs(framework)
    found = kept.of(first, framework)
    beside = f" and {len(others)} more" if others else ""
    return Cell(text=_words(found), remark=f"{_source(first, found)}{beside}", tone=TONES.get(found.answer, ""))


def _words(found: Evidence) -> str:
    mark = TICK if found.answer == "yes" else ""
    return f"{mark}{found.answer}: {found.brief}" if found.brief else f"{mark}{found.answer}"


def _source(proof: Proof, found: Evidence) -> str:
    """Return in short what an answer stands on: kind and name, version, day."""
    if isinstance(proof, Reference):
        return f"document: {proof.title}, {proof.publisher}, {proof.date}"
    kind = "metadata" if isinstance(proof, Metadata) else "probe"
    own = [f"{name} {version}" for name, version in found.versions.items() if name != "python"]
    return ", ".join([f"{kind} {proof.name}", *own[:1], found.date or "not run yet"])


def _details(kept: Kept) -> Table:
    body = []
    for each in ROWS:
        for place in range(max(len(each.proofs(name)) for name in FRAMEWORKS)):
            cells = [Cell(text=each.title if place == 0 else "", remark=each.question if place == 0 else "")]
            body.append([*cells, *(_seen(kept, each.proofs(name)[place : place + 1], name) for name in FRAMEWORKS)])
    return Table(
        caption="What was seen, read or looked up",
        columns=[Column(title="Feature"), *_columns()],
        rows=body,
        wordy=True,
    )


def _seen(kept: Kept, proofs: Iterable[Proof], framework: str) -> Cell:
    for proof in proofs:
        found = kept.of(proof, framework)
        return Cell(text=f"{found.answer}: {found.says}", remark=_source(proof, found))
    return Cell(text=text.MISSING, tone="muted")


def _references() -> Table:
    said = {
        proof for each in ROWS for name in FRAMEWORKS for proof in each.proofs(name) if isinstance(proof, Reference)
    }
    return Table(
        caption="Documents, and the day each was looked at",
        columns=[Column(title=words) for words in ("Address", "Title", "Publisher", "Day")],
        rows=[
            [Cell(text=part) for part in (each.address.split("://")[-1], each.title, each.publisher, each.date)]
            for each in sorted(said, key=lambda each: (each.publisher, each.title))
        ],
        wordy=True,
    )


def _study(of: StudyTable, kept: Kept) -> Table:
    return Table(
        caption=of.title,
        columns=[Column(title="Compared"), Column(title="Then"), Column(title="Today’s row"), *_columns()],
        rows=[
            line for point in of.points for line in (_point_rows(point, kept) if point.rows else [_elsewhere(point)])
        ],
        wordy=True,
    )


def _point_rows(point: Named, kept: Kept) -> list[list[Cell]]:
    """Return a line for each row that answers a study's point, its words once."""
    lines = []
    for place, key in enumerate(point.rows):
        found = row(key)
        words = [Cell(text=point.words), Cell(text=point.then or NOT_IN_NOTES, tone="" if point.then else "muted")]
        lines.append(
            [
                *(words if place == 0 else [Cell(text=""), Cell(text="")]),
                Cell(text=found.title),
                *(_word(kept, found, name) for name in FRAMEWORKS),
            ]
        )
    return lines


def _elsewhere(point: Named) -> list[Cell]:
    words = [Cell(text=point.words), Cell(text=point.then or NOT_IN_NOTES, tone="muted")]
    return [*words, Cell(text=f"measured: {point.elsewhere}"), *(Cell(text="measured") for _ in FRAMEWORKS)]


def _word(kept: Kept, of: Row, framework: str) -> Cell:
    found = kept.of(of.proofs(framework)[0], framework)
    return Cell(text=_words(found), tone=TONES.get(found.answer, ""))


def _columns() -> list[Column]:
    return [Column(title=title(name), framework=name) for name in FRAMEWORKS]

"""Whether the documented installations work: the recipes' grades, and what the frameworks require by them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from suite import profiles
from suite.errors import EvenmatchError
from suite.profiles import Profile
from suite.recipes import LADDER, WORDS, Recipe, commands, verified
from suite.recipes.grading import BESIDE, NONE, RESOLVED, RUN, UNEXPECTED
from suite.recipes.verified import BEST_FIRST
from suite.records import Record
from suite.report import requirements, text
from suite.report.chartdata import Bar, Bars, Ladder, LadderRow, Ladders
from suite.report.document import Block, Cell, Column, Figure, Figures, Fold, Section, Table, Text
from suite.report.names import TICK, Name, title
from suite.report.requirements import Row

LEAD = (
    "The ways in which the frameworks’ own documentation says they are installed, carried out in empty environments "
    "and graded, apart from this run: what was found stands here with its date. A recipe for another kind of machine "
    "was resolved for it from here, its wheels looked up, and says so: resolved only, not run."
)
CAPTION = (
    "Six steps from left to right: it resolves, installs, imports, sees the accelerator, trains 20 steps with falling "
    "loss, has the versions locked here. Empty squares were not reached; the last one is empty, too, where another "
    "version came than the one locked. Of several documented recipes the one that got furthest is shown; all of them "
    "stand below. “today’s not tried” means that today’s documented command, which names none, could not be tried "
    "here, and shown is the recipe that names the locked version; “other not tried” that another recipe could not be."
)
SECONDS = (
    "“Installed in” is how long the commands took on a machine shared with other work, several recipes at a time, "
    "under whatever load there was: not to be compared."
)
REPRODUCE = "nox -s verify-recipes"
FRAMEWORKS = ("pytorch", "tensorflow", "keras")
SHORT = {**WORDS, "accelerator": "sees GPU", "matches": "as locked"}


def section() -> Section:
    """Return what is known of every recipe: a picture, the requirements, then all of them."""
    return Section(id="installation", title="Installation", lead=LEAD, blocks=_blocks(), reproduce=REPRODUCE)


def _blocks() -> list[Block]:
    try:
        rows = verified.known()
    except EvenmatchError as error:
        return [Text(text=f"What is known of the recipes cannot be shown: {error}")]
    if not any(record for _, record in rows):
        return [
            Text(text=f"No recipe has been verified yet; {REPRODUCE} does it, and the next report shows the grades.")
        ]
    platforms = [profiles.load(name) for name in profiles.names()]
    official = {profile.name: _official(rows, profile) for profile in platforms}
    return [
        Figures(figures=[_figure(platforms, official, rows), *_sizes(platforms, official)]),
        *requirements.newer(platforms, rows),
        *requirements.tables(platforms, official, rows),
        _known(rows),
        Fold(
            title="Every recipe, with its command, size and time",
            tables=[_table(profile, [row for row in rows if row[0].platform == profile.name]) for profile in platforms],
        ),
    ]


def _official(rows: Sequence[Row], profile: Profile) -> dict[str, Row]:
    """Return the official recipe of each framework that got furthest on a platform."""
    found: dict[str, Row] = {}
    for row in rows:
        recipe, record = row
        if recipe.platform != profile.name or recipe.kind != "official":
            continue
        if recipe.framework not in found or _rank(record) > _rank(found[recipe.framework][1]):
            found[recipe.framework] = row
    return found


def _rank(record: Record | None) -> tuple[int, int, int]:
    if record is None or record["evidence"] == NONE:
        return (0, 0, 0)
    reached = LADDER.index(record["grade"]) + 1 if record["grade"] else 0
    seen = sum(step["state"] == "yes" for step in record["steps"].values())
    return len(BEST_FIRST) - BEST_FIRST.index(record["evidence"]), reached, seen


def _figure(platforms: Sequence[Profile], official: dict[str, dict[str, Row]], known: Sequence[Row]) -> Figure:
    rows = [
        LadderRow(
            label=profile.title,
            ladders=[_ladder(official[profile.name].get(framework), known) for framework in FRAMEWORKS],
        )
        for profile in platforms
    ]
    said = []
    for row in rows:
        words = [
            f"{title(name)} {each.text}{f' ({each.remark})' if each.remark else ''}"
            for name, each in zip(FRAMEWORKS, row.ladders, strict=True)
        ]
        said.append(f"{row.label}: {', '.join(words)}")
    return Figure(
        title="How far the documented installation gets",
        chart=Ladders(frameworks=list(FRAMEWORKS), rows=rows),
        caption=CAPTION,
        description=f"{'. '.join(said)}.",
    )


def _sizes(platforms: Sequence[Profile], official: dict[str, dict[str, Row]]) -> list[Figure]:
    """Return how much the official recipes that were run take on disk, where any was."""
    bars = []
    for profile in platforms:
        mode = {"cpu": "processor", "cuda": "NVIDIA GPU", "metal": "Metal"}[profile.accelerator]
        for framework in FRAMEWORKS:
            row = official[profile.name].get(framework)
            found = (row[1] or {}).get("disk_bytes") if row else None
            if row and found:
                name = Name(framework=framework, mode=f"{mode}: {_contents(row[0])}")
                bars.append(Bar(name=name, value=found / 1e9, text=requirements.size(found)))
    if not bars:
        return []
    return [
        Figure(
            title="What it takes on disk",
            chart=Bars(bars=bars, x_label="gigabytes"),
            caption=(
                "In brackets what each recipe asks for; weighed is that with all that it depends on. Bars of unlike "
                "contents are not to be compared."
            ),
            description=f"On disk: {text.listing([f'{bar.name.plain} {bar.text}' for bar in bars])}.",
        )
    ]


def _contents(recipe: Recipe) -> str:
    """Return the packages that a recipe asks for: "torch, torchvision"."""
    return ", ".join(name for command in recipe.commands for name in commands.parse(command).names)


def _ladder(row: Row | None, known: Sequence[Row]) -> Ladder:
    found = _states(row)
    return (
        replace(found, remark=requirements.beside(row, known))
        if row and row[1] and row[1]["evidence"] != NONE
        else found
    )


def _states(row: Row | None) -> Ladder:
    record = row[1] if row else None
    if row is None:
        return Ladder(states=[], text="no recipe")
    if record is None or record["evidence"] == NONE:
        return Ladder(states=["not run"] * len(LADDER), text="not verified")
    states = [str(record["steps"][step]["state"]) for step in LADDER]
    if states[-1] == "no":  # another version than locked: no failure, and shown as none
        states[-1] = "not run"
    if record["evidence"] == RESOLVED:
        return Ladder(states=states, text="resolves, not run" if record["grade"] else "does not resolve")
    if "not here" in states and record["steps"]["trains"]["state"] == "yes":
        return Ladder(states=states, text="no GPU here")
    return Ladder(states=states, text=SHORT[record["grade"]])


def _known(rows: Sequence[Row]) -> Table:
    """Return what the studies did and what is known to break, and whether that is so still."""
    body = []
    for recipe, record in rows:
        if recipe.kind == "official":
            continue
        profile = profiles.load(recipe.platform)
        body.append(
            [
                Cell(text=recipe.title, remark=f"{profile.title}, Python {recipe.python}"),
                Cell(text=_promise(recipe), remark=recipe.source.title),
                _found(record),
                Cell(text=" ".join(part for part in (_sentence(record), recipe.note) if part) or text.MISSING),
            ]
        )
    titles = ("Recipe", "What should happen", "What happened", "Why, and what to know")
    return Table(
        caption="Installations of the studies, and known breakages: tested, not believed",
        columns=[Column(title=words) for words in titles],
        rows=body,
        wordy=True,
    )


def _promise(recipe: Recipe) -> str:
    if recipe.expects:
        return f"gets at least as far as: {WORDS[recipe.expects]}"
    words = {"resolves": "fails to resolve", "installs": "fails to install", "imports": "fails at import"}
    words |= {"trains": "fails in training", "accelerator": "does not see the accelerator"}
    return f"{words.get(recipe.at, 'fails')} with “{recipe.fails.strip(': ')}”"


def _source(recipe: Recipe) -> str:
    return f"{recipe.source.title}, {recipe.source.address.split('://')[-1].rstrip('/')}, read {recipe.source.date}"


def _sentence(record: Record | None) -> str:
    cause = str((record or {}).get("cause") or "")
    named = cause.split(" ")[0] not in ("the", "it", "there", "a", "no")  # a package keeps its name as it is written
    return f"{cause if named else cause[:1].upper() + cause[1:]}." if cause else ""


def _found(record: Record | None) -> Cell:
    if record is None:
        return Cell(text="not verified yet", tone="muted")
    if record["evidence"] == NONE:
        return Cell(text="not verified", remark=f"{record['date']}: {record['why']}", tone="muted")
    words, how = WORDS[record["grade"]], _evidence(record)
    fails = record["grade"] and any(record["steps"][step]["state"] == "no" for step in LADDER[:-1])
    words = f"{words}, then fails" if fails else words
    if record["evidence"] == BESIDE and record["steps"]["trains"]["state"] == "yes":
        words = f"{words}; trains on the processor"
    if record["verdict"] == UNEXPECTED:
        return Cell(text=f"CHANGED: {words}", remark=how, tone="unmatched")
    if record["evidence"] == RUN and record["grade"] in ("trains", "matches"):
        return Cell(text=f"{TICK}{words}", remark=how, tone="matched")
    return Cell(text=words, remark=how)


def _evidence(record: Record) -> str:
    how = "resolved only, not run" if record["evidence"] == RESOLVED else record["evidence"]
    return f"{how}, {record['date']}"


def _table(profile: Profile, rows: Sequence[Row]) -> Table:
    body = []
    for recipe, record in rows:
        known = record if record and record["grade"] else {}  # else they are those of looking in vain
        seconds = known.get("seconds")
        body.append(
            [
                Cell(
                    text=recipe.title,
                    remark=f"{requirements.readable(recipe)}\nPython {recipe.python}; {_source(recipe)}",
                ),
                _found(record),
                Cell(text=text.plain(known.get("packages"))),
                Cell(text=requirements.size(known.get("download_bytes"))),
                Cell(text=requirements.size(known.get("disk_bytes"))),
                Cell(text=text.MISSING if seconds is None else text.duration(seconds)),
            ]
        )
    titles = ("Recipe", "Grade", "Packages", "Download", "On disk", "Installed in")
    return Table(
        caption=profile.title,
        columns=[Column(title=words, number=words in titles[2:]) for words in titles],
        rows=body,
        foot=[
            *([SECONDS] if any((record or {}).get("seconds") for _, record in rows) else []),
            *requirements.foot([recipe for recipe, _ in rows]),
        ],
        wordy=True,
    )

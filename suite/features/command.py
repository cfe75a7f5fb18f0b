"""The command ``evenmatch features``: the table from what is kept, or found out anew here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from suite import home, locks, profiles, records
from suite.environments import native
from suite.errors import InputError
from suite.features import evidence, probing
from suite.features.evidence import NO_ANSWER, Found, Kept
from suite.features.proofs import FRAMEWORKS, Proof, Reference
from suite.features.table import ROWS, STUDIES, studies_of
from suite.frameworks import Device
from suite.profiles import Profile
from suite.request import device_of

STYLES = {"yes": "green", "no": "red", "partly": "yellow", NO_ANSWER: "bold magenta"}


def run(
    console: Console,
    *,
    profile: str | None,
    device: Device | None,
    probe: bool,
    keep: bool,
    timeout_s: float | None,
    as_json: bool,
) -> None:
    """Print the table; with ``probe`` everything is run anew on this machine first, with ``keep`` it is kept.

    Raises:
        InputError: there is no such profile, nothing is kept of it, or ``keep`` is asked for without ``probe``.
        UnsupportedError: this machine cannot run the profile.
    """
    home.require_checkout()
    if keep and not probe:
        raise InputError("--keep goes together with --probe: it keeps what the probes find.")
    chosen = profiles.load(profile) if profile else profiles.of_this_machine()
    kept = _probed(chosen, device, timeout_s, keep=keep, quiet=as_json) if probe else evidence.read(chosen.name)
    if as_json:
        console.out(records.to_json(_as_json(kept)).decode(), end="", highlight=False)
    else:
        console.print(_table(kept))
        console.print("Each point of each study: docs/features.md; in reports, the section Features.", highlight=False)


def _probed(profile: Profile, device: Device | None, timeout_s: float | None, *, keep: bool, quiet: bool) -> Kept:
    """Return what all frameworks of a profile answer here and now; what is to be kept is, after each framework."""
    profile.require_this_machine(device)
    errors = Console(stderr=True, quiet=quiet)

    def say(words: str) -> None:
        errors.print(words, highlight=False, markup=False, soft_wrap=True)

    kept = Kept(profile=profile.name, frameworks=_known(profile.name) if keep else {})
    for framework in (each for each in locks.available(profile) if each.name in FRAMEWORKS):
        environment = native.ensure(profile, framework, say)
        found = probing.probe(
            framework.name,
            environment,
            say,
            device=device_of(profile, device),
            timeout_s=timeout_s or probing.TIMEOUT_S,
        )
        kept = Kept(profile=profile.name, frameworks={**kept.frameworks, framework.name: found})
        if keep:
            evidence.write(kept)
    return kept


def _known(profile: str) -> Mapping[str, Found]:
    """Return what is kept of a profile; nothing where there is no file, or one that cannot be read any more."""
    try:
        return evidence.read(profile).frameworks
    except InputError:
        return {}


def _as_json(kept: Kept) -> dict[str, Any]:
    rows = [
        {
            "row": row.key,
            "question": row.question,
            "studies": studies_of(row.key),
            "frameworks": {
                name: [{"proof": label(proof), **_plain(kept, proof, name)} for proof in row.proofs(name)]
                for name in FRAMEWORKS
            },
        }
        for row in ROWS
    ]
    points = [
        {"study": each.study, "words": point.words, "then": point.then, "rows": list(point.rows)}
        for each in STUDIES
        for point in each.points
    ]
    return {"schema": records.SCHEMA, "profile": kept.profile, "rows": rows, "points": points}


def _plain(kept: Kept, proof: Proof, framework: str) -> dict[str, Any]:
    found = kept.of(proof, framework)
    return {
        "answer": found.answer,
        "says": found.says,
        "brief": found.brief,
        "date": found.date,
        "versions": dict(found.versions),
    }


def label(proof: Proof) -> str:
    """Return which proof it is, for people: "probe compiling", "metadata licence", a document with its publisher."""
    return f"{proof.title}, {proof.publisher}, {proof.address}" if isinstance(proof, Reference) else proof.key


def _table(kept: Kept) -> Table:
    made = Table(title=f"Features, profile {kept.profile}", title_justify="left", box=None, padding=(0, 1))
    made.add_column("", overflow="fold")
    for name in FRAMEWORKS:
        made.add_column(name, overflow="fold", ratio=1)
    for row in ROWS:
        made.add_row(
            row.title, *("\n".join(_told(kept, proof, name) for proof in row.proofs(name)) for name in FRAMEWORKS)
        )
    return made


def _told(kept: Kept, proof: Proof, framework: str) -> str:
    found = kept.of(proof, framework)
    style = STYLES.get(found.answer, "bold")
    source = f"{proof.publisher}: {proof.title}" if isinstance(proof, Reference) else proof.key
    return f"[{style}]{found.answer}[/]: {escape(found.says)} [dim]({escape(source)}, {found.date or 'no date'})[/]"

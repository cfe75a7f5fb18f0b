"""Do the passports lie beside the runs, were they made of this program and machine, and how closely did they pass?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from suite.notes import Evidence, Note, Rule, at, known, listed, number, plural
from suite.notes.passport import PROVED, arm
from suite.records import Record

SMALLEST_MARGIN = 2.0
"""How many times the measured value has to fit into its tolerance to count as passed with room to spare."""


class PassportOfOtherProgram(Rule):
    """A passport was made with another lock or other versions than its runs, or by other code than the others."""

    id = "passport-of-other-program"
    severity = "unfair"
    family = "matched"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Compare what each passport was made with to what its runs were made with.

        The code that proves is more than the code that measures, so its digest is held against the other passports'.
        """
        found: dict[str, list[str]] = {}
        proved = list(_proved(evidence))
        codes = Counter(at(passport, "made_with.code_sha256") for _, passport in proved)
        for raw, passport in proved:
            made = passport.get("made_with") or {}
            pairs = {
                "lock": (made.get("lock_sha256"), raw.get("lock_sha256")),
                "code": (made.get("code_sha256"), codes.most_common(1)[0][0]),
                **{library: (version, at(raw, "versions").get(library)) for library, version in _versions(made, raw)},
            }
            _add_unlike(found, arm(raw), pairs)
        return _stale(self, found, "what it proves was another program", "lock and code")


class PassportOfOtherMachine(Rule):
    """A passport was made with other threads or on another kind of machine than the runs it stands for."""

    id = "passport-of-other-machine"
    severity = "caution"
    family = "matched"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Compare threads, and the machine's class with the machine's identity, field by field."""
        found: dict[str, list[str]] = {}
        for raw, passport in _proved(evidence):
            made, identity = passport.get("made_with") or {}, at(raw, "machine.identity") or {}
            kind = made.get("machine_class") or {}
            pairs = {field: (value, identity.get(field)) for field, value in kind.items()}
            pairs["threads"] = made.get("threads"), at(raw, "settings.threads_intra")
            _add_unlike(found, arm(raw), pairs)
        return _stale(self, found, "other kernels may have run", "machine and threads")


class PassportNotKept(Rule):
    """Runs name a passport that does not lie beside them, so their proof cannot be looked at."""

    id = "passport-not-kept"
    severity = "caution"
    family = "matched"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Look up each run's passport by its key."""
        keys = {passport.get("key") for passport in evidence.passports}
        found = {
            arm(raw): str(at(raw, "passport.key"))[:12]
            for raw in evidence.matched
            if at(raw, "passport.status") in PROVED and at(raw, "passport.key") not in keys
        }
        if not found:
            return []
        return self.note(
            f"The passports that runs of {listed(found)} name are not kept beside them: what was proved of these, "
            "and how closely, cannot be looked at here.",
            "Put the folder passports/ back beside raw/, or run again in a new --out folder.",
            keys=found,
        )


class NarrowPassport(Rule):
    """An item of a passport passed, but barely."""

    id = "passport-narrow"
    severity = "info"
    family = "matched"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Look for items whose measured value fits into the tolerance less than twice."""
        found: dict[str, float] = {}
        for passport in evidence.passports:
            for item in passport.get("items") or []:
                margin = number(item.get("margin"))
                if item.get("passed") and margin is not None and margin < SMALLEST_MARGIN:
                    found[f"{arm(passport)}, {item.get('item')} in {item.get('dtype')}"] = round(margin, 2)
        if not found:
            return []
        return self.note(
            f"Passed with little room: {listed(found)} came within a factor of {SMALLEST_MARGIN:g} of the tolerance.",
            "Run evenmatch parity once more and on another machine: what barely passes may be about to fail.",
            margins=found,
        )


class SinglePrecisionPassport(Rule):
    """A passport has no items in double precision, which tells logic from rounding."""

    id = "passport-without-float64"
    severity = "info"
    family = "matched"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Look for matched passports with items in float32 alone."""
        found = [
            arm(passport)
            for passport in evidence.passports
            if passport.get("status") == "matched" and passport.get("items")
            if not any(item.get("dtype") == "float64" for item in passport["items"])
        ]
        if not found:
            return []
        return self.note(
            f"Proved in float32 alone: {listed(found)}. Differences smaller than float32's rounding would not show; "
            "in float64 the same arithmetic agrees a hundred million times closer.",
            "Take it as matched to float32's precision, which is the precision that is timed.",
            passports=found,
        )


class FreeRunStrays(Rule):
    """A free run left its definition by more than its own sensitivity to rounding explains."""

    id = "free-run-strays"
    severity = "info"
    family = "matched"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Look for free runs outside the envelope of the same framework started one rounding unit away."""
        found = [arm(passport) for passport in evidence.passports if at(passport, "free_run.within") is False]
        if not found:
            return []
        return self.note(
            f"Left to itself for some hundred steps, {listed(found)} strayed further from the definition than from "
            "itself started one rounding unit away. Every step by itself agrees, so this need not be a mismatch.",
            "Look at the free run in the report's passports, and prove parity with another seed before relying on it.",
            passports=found,
        )


def _proved(evidence: Evidence) -> Iterator[tuple[Record, Record]]:
    """Yield the runs that claim to be alike, each with its arm's passport."""
    fields = ("lane", "workload", "framework", "mode")
    passports = {tuple(passport.get(field) for field in fields): passport for passport in evidence.passports}
    for raw in evidence.matched:
        if passport := passports.get(tuple(raw.get(field) for field in fields)):
            yield raw, passport


def _versions(made: Record, raw: Record) -> list[tuple[str, Any]]:
    versions = made.get("versions")
    return list(versions.items()) if isinstance(versions, dict) and isinstance(raw.get("versions"), dict) else []


def _add_unlike(found: dict[str, list[str]], who: str, pairs: dict[str, tuple[Any, Any]]) -> None:
    """Add to ``found`` what is known on both sides and not the same."""
    for what, sides in pairs.items():
        then, now = (known(side) for side in sides)
        if then is not None and now is not None and then != now and what not in found.setdefault(who, []):
            found[who].append(what)


def _stale(rule: Rule, found: dict[str, list[str]], meaning: str, means: str) -> list[Note]:
    found = {who: unlike for who, unlike in found.items() if unlike}
    if not found:
        return []
    words = listed(f"{who} ({listed(unlike)})" for who, unlike in found.items())
    return rule.note(
        f"{plural(len(found), 'passport')} was made otherwise than the runs it stands for, so {meaning}: {words}."
        if len(found) == 1
        else f"{len(found)} passports were made otherwise than the runs they stand for, so {meaning}: {words}.",
        f"Run again in a new --out folder, where passports are made with the {means} of the runs.",
        unlike=found,
    )

"""Did the frameworks run on the same libraries, and each on one version of itself?"""

from __future__ import annotations

from typing import Any

from suite.notes import Evidence, Note, Rule, at, described, listed, name


class UnlikeSharedLibraries(Rule):
    """A library used by several frameworks has not the same version in all."""

    id = "unlike-shared-libraries"
    severity = "caution"
    family = "versions"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Compare every name that at least two frameworks recorded."""
        unlike = {
            library: versions
            for library, versions in sorted(versions_of(evidence).items())
            if library != "python" and len(versions) > 1 and len(set().union(*versions.values())) > 1
        }
        if not unlike:
            return []
        words = (
            f"{library} ({', '.join(f'{fw} {listed(found)}' for fw, found in versions.items())})"
            for library, versions in unlike.items()
        )
        return self.note(
            f"Frameworks ran with unlike versions of what they share: {listed(words)}. "
            "A part of a difference in time may be the library's.",
            "Lock the shared libraries to one version in all environments of the profile (nox -s lock) and run again.",
            versions=unlike,
        )


class VersionChanged(Rule):
    """One framework's runs were made with several versions of something."""

    id = "version-changed"
    severity = "caution"
    family = "versions"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Look for several versions of one library within one framework."""
        changed = {
            f"{library} under {framework}": found
            for library, versions in sorted(versions_of(evidence).items())
            for framework, found in versions.items()
            if len(found) > 1
        }
        if not changed:
            return []
        words = (f"{what} ({listed(found)})" for what, found in changed.items())
        return self.note(
            f"Runs of one framework were made with several versions: {listed(words)}. Their medians mix them.",
            "Run again in a new --out folder, with each environment built from its lock.",
            versions=changed,
        )


class MixedLocks(Rule):
    """One framework's runs were made in environments from several locks."""

    id = "mixed-locks"
    severity = "unfair"
    family = "versions"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Count the locks of each framework within one profile."""
        locks: dict[str, list[Any]] = {}
        for raw in evidence.matched:
            found = locks.setdefault(f"{raw.get('framework')} on {raw.get('profile')}", [])
            if (lock := raw.get("lock_sha256")) is not None and lock not in found:
                found.append(lock)
        mixed = {what: found for what, found in locks.items() if len(found) > 1}
        if not mixed:
            return []
        words = (f"{what} ({len(found)})" for what, found in mixed.items())
        return self.note(
            f"Runs made from several locks are mixed: {listed(words)}. They are not runs of the same program.",
            "Run again in a new --out folder with one lock for each framework.",
            locks=mixed,
        )


class MixedCode(Rule):
    """Runs were made by several versions of this suite."""

    id = "mixed-code"
    severity = "unfair"
    family = "versions"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Count the digests of the suite's code."""
        codes = sorted({str(raw["code_sha256"]) for raw in evidence.ok if raw.get("code_sha256")})
        if len(codes) < 2:
            return []
        return self.note(
            f"Runs made by {len(codes)} different versions of this suite's code are mixed "
            f"({listed(code[:12] for code in codes)}): what was timed may have changed between them.",
            "Run again in a new --out folder with one version of the code.",
            code_sha256=codes,
        )


class UnlikePython(Rule):
    """Frameworks that are compared ran in unlike versions of Python."""

    id = "unlike-python"
    severity = "caution"
    family = "versions"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Compare the interpreter's version in everything that is compared."""
        found = evidence.unlike(lambda raw: at(raw, "versions.python"))
        if not found:
            return []
        return self.note(
            f"Python is not the same in all ({described(found)}): it starts every eager operation, so a faster one "
            "favours whoever calls it more often.",
            "Build all environments of the profile with one Python and run again in a new --out folder.",
            python=found,
        )


class NotAsPlanned(Rule):
    """Runs were made with another lock or other code than the plan names."""

    id = "not-the-planned-program"
    severity = "unfair"
    family = "versions"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Compare each run's lock and code with the plan's."""
        plan = evidence.plan or {}
        found: dict[str, list[str]] = {}
        for raw in evidence.matched:
            pairs = {
                "lock": (at(plan, f"locks.{raw.get('framework')}"), raw.get("lock_sha256")),
                "code": (plan.get("code_sha256"), raw.get("code_sha256")),
            }
            for what, (planned, used) in pairs.items():
                if planned and used and planned != used and what not in found.setdefault(name(raw), []):
                    found[name(raw)].append(what)
        found = {who: unlike for who, unlike in found.items() if unlike}
        if not found:
            return []
        words = listed(f"{who} ({listed(unlike)})" for who, unlike in found.items())
        return self.note(
            f"Runs were not made with what the plan beside them names: {words}. They come from somewhere else.",
            "Keep the results of one plan in one folder, and run again in a new one.",
            unlike=found,
        )


def versions_of(evidence: Evidence) -> dict[str, dict[str, list[str]]]:
    """Return library -> framework -> its different versions."""
    found: dict[str, dict[str, list[str]]] = {}
    for raw in evidence.matched:
        versions = at(raw, "versions")
        for library, version in versions.items() if isinstance(versions, dict) else ():
            seen = found.setdefault(library, {}).setdefault(str(raw.get("framework")), [])
            if version is not None and str(version) not in seen:
                seen.append(str(version))
    return found

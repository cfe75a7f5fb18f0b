"""Did the frameworks run on the same libraries, and each on one version of itself?"""

from __future__ import annotations

from typing import Any

from suite.notes import Evidence, Note, Rule, at, listed


class UnlikeSharedLibraries(Rule):
    """A library used by several frameworks has not the same version in all."""

    id = "unlike-shared-libraries"
    severity = "caution"
    family = "versions"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Compare every name that at least two frameworks recorded."""
        unlike = {
            library: versions
            for library, versions in sorted(_versions(evidence).items())
            if len(versions) > 1 and len({version for found in versions.values() for version in found}) > 1
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
            for library, versions in sorted(_versions(evidence).items())
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
        for raw in evidence.ok:
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


def _versions(evidence: Evidence) -> dict[str, dict[str, list[str]]]:
    """Return library -> framework -> its different versions."""
    found: dict[str, dict[str, list[str]]] = {}
    for raw in evidence.ok:
        versions = at(raw, "versions")
        for library, version in versions.items() if isinstance(versions, dict) else ():
            seen = found.setdefault(library, {}).setdefault(str(raw.get("framework")), [])
            if version is not None and str(version) not in seen:
                seen.append(str(version))
    return found

"""Are the frameworks' versions releases, and of about the same age?"""

from __future__ import annotations

import re

from suite.notes import Evidence, Note, Rule, listed
from suite.notes.versions import versions_of

FRAMEWORKS = {
    "torch": "torch",
    "tensorflow": "tensorflow",
    "tensorflow-cpu": "tensorflow",
    "tensorflow-macos": "tensorflow",
    "keras": "keras",
    "jax": "jax",
}
"""The distributions that are frameworks, and the name under which their releases are dated."""

_TORCH = """1.10 2021-10, 1.11 2022-03, 1.12 2022-06, 1.13 2022-10, 2.0 2023-03, 2.1 2023-10, 2.2 2024-01, 2.3 2024-04,
2.4 2024-07, 2.5 2024-10, 2.6 2025-01, 2.7 2025-04, 2.8 2025-08, 2.9 2025-10, 2.10 2026-01, 2.11 2026-03, 2.12 2026-05,
2.13 2026-07, 2.14 2026-09, 2.15 2026-10"""
_TENSORFLOW = """2.6 2021-08, 2.7 2021-11, 2.8 2022-02, 2.9 2022-05, 2.10 2022-09, 2.11 2022-11, 2.12 2023-03,
2.13 2023-07, 2.14 2023-09, 2.15 2023-11, 2.16 2024-03, 2.17 2024-07, 2.18 2024-10, 2.19 2025-03, 2.20 2025-08,
2.21 2026-03"""

RELEASED: dict[str, dict[str, str]] = {
    framework: dict(re.findall(r"(\S+) (\S+?)(?:,|$)", months))
    for framework, months in (("torch", _TORCH), ("tensorflow", _TENSORFLOW))
}
"""When minor versions came out, by the package index; one that is not listed is not judged."""

LARGEST_AGE_MONTHS = 12

_PRE_RELEASE = re.compile(r"\d(?:a|b|rc|\.dev|-dev|-rc)\d*|nightly")


class PreRelease(Rule):
    """A framework's version is not a release."""

    id = "pre-release"
    severity = "caution"
    family = "versions"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Look for development, alpha, beta and candidate versions of the frameworks."""
        found = {
            library: version
            for library, versions in versions_of(evidence).items()
            for version in {each for found in versions.values() for each in found}
            if library in FRAMEWORKS and _PRE_RELEASE.search(version.split("+")[0])
        }
        if not found:
            return []
        words = listed(f"{library} {version}" for library, version in found.items())
        return self.note(
            f"Versions that are no releases were measured: {words}. What they do changes from day to day.",
            "Measure a release, or name the exact build with every number.",
            versions=found,
        )


class OldRelease(Rule):
    """One framework's release is more than a year older than another's."""

    id = "old-release"
    severity = "caution"
    family = "versions"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Compare when the releases came out, as far as that is known here."""
        found: dict[str, str] = {}
        for library, versions in versions_of(evidence).items():
            for version in {each for seen in versions.values() for each in seen}:
                if month := _released(library, version):
                    found[f"{library} {version}"] = month
        if not found or _months(max(found.values())) - _months(min(found.values())) <= LARGEST_AGE_MONTHS:
            return []
        old, new = min(found, key=found.__getitem__), max(found, key=found.__getitem__)
        return self.note(
            f"An old release is compared with a newer one: {old} came out in {found[old]}, {new} in {found[new]}: "
            "more than a year of work lies between them, on one side.",
            "Compare releases of about the same age, or say both dates with the numbers.",
            released=found,
        )


def _released(library: str, version: str) -> str | None:
    """Return the month in which a release came out, "2024-10"; None where that is not known here."""
    minor = ".".join(version.split("+")[0].split(".")[:2])
    return RELEASED.get(FRAMEWORKS.get(library, ""), {}).get(minor)


def _months(month: str) -> int:
    return int(month[:4]) * 12 + int(month[5:])

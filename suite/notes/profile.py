"""What is special about the platform: other versions than elsewhere, and how far anybody tried it."""

from __future__ import annotations

from suite import verified
from suite.notes import Evidence, Note, Rule, listed
from suite.notes.devices import accelerator


class PlatformVersions(Rule):
    """The platform forces other versions than all others have."""

    id = "platform-versions"
    severity = "info"
    family = "platform"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Repeat what each environment was locked with instead, and why."""
        found: dict[str, list[str]] = {}
        for raw in evidence.ok:
            stated = raw.get("other_versions")
            for sentence in stated if isinstance(stated, list) else ():
                users = found.setdefault(str(sentence).rstrip("."), [])
                if (framework := str(raw.get("framework"))) not in users:
                    users.append(framework)
        if not found:
            return []
        words = "; ".join(f"{listed(users)}: {sentence}" for sentence, users in found.items())
        return self.note(
            f"This platform has other versions than all others: {words}.",
            "Say these versions with every number, and compare with other platforms in ratios only.",
            other_versions=found,
        )


class PlatformNotVerified(Rule):
    """Nobody of this project has run the profile on a machine that it is for."""

    id = "platform-not-verified"
    severity = "info"
    family = "platform"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Look up how far the project's authors came with each profile, in platforms/facts/verified.toml."""
        known = verified.load()
        names = sorted({str(raw.get("profile")) for raw in evidence.ok})
        found = {name: known[name] for name in names if name in known and not known[name].run}
        if not found:
            return []
        words = listed(f"{name}: {each.sentence} ({each.date})" for name, each in found.items())
        gpu = any((accelerator(raw) or "cpu") != "cpu" for raw in evidence.ok if raw.get("profile") in found)
        return self.note(
            f"The authors of this suite had no such machine to measure on; how far they tried the profile, {words}. "
            "What only such a machine shows, nobody had seen before this run.",
            f"Read the passports and the settings that were read back first{', the device above all' if gpu else ''}.",
            verified={name: each.level for name, each in found.items()},
        )

"""Did the frameworks do the same work with the same means?"""

from __future__ import annotations

from suite.notes import Evidence, Note, Rule, at, listed, name, number, plural


class UnlikeThreads(Rule):
    """Frameworks compared with one another computed with unlike numbers of threads."""

    id = "unlike-threads"
    severity = "unfair"
    family = "matched"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Compare the threads read back within one operation, in everything that is compared."""
        found = {}
        for what, raws in evidence.comparable():
            threads = evidence.by_framework("settings.threads_intra", raws)
            if len({count for counts in threads.values() for count in counts}) > 1:
                found[what] = threads
        if not found:
            return []
        what, threads = next(iter(found.items()))
        counts = ", ".join(f"{framework} {listed(values)}" for framework, values in threads.items())
        return self.note(
            f"Threads within an operation differ between runs that are compared ({what}: {counts}"
            f"{f'; and {len(found) - 1} more' if len(found) > 1 else ''}): a difference in time may be theirs alone.",
            "Set the same number of threads for all frameworks and run again in a new --out folder.",
            threads=found,
        )


class ThreadsIgnored(Rule):
    """A framework reports another number of threads than the plan asked for."""

    id = "threads-not-as-planned"
    severity = "caution"
    family = "matched"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Compare what was read back with the plan."""
        planned = number(at(evidence.plan or {}, "threads"))
        if planned is None:
            return []
        found: dict[str, dict[str, float]] = {}
        for raw in evidence.ok:
            for setting in ("threads_intra", "threads_inter"):
                threads = number(at(raw, f"settings.{setting}"))
                if threads is not None and threads != planned:
                    found.setdefault(name(raw), {})[setting] = threads
        if not found:
            return []
        words = (
            f"{what} reports {' and '.join(f'{setting} {count}' for setting, count in counts.items())}"
            for what, counts in found.items()
        )
        return self.note(
            f"The plan asked for {plural(int(planned), 'thread')}, but {listed(words)}: the setting did not take "
            "effect.",
            "Look at the framework's log for what overrode it, and treat its times as those of the threads it reports.",
            planned=planned,
            reported=found,
        )


class NoPassport(Rule):
    """Nothing recorded in this run proves that the frameworks compute the same training."""

    id = "no-passport"
    severity = "info"
    family = "matched"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Count the matched runs that carry no parity passport."""
        lacking = sum(raw.get("lane") == "matched" and not raw.get("passport") for raw in evidence.ok)
        if not lacking:
            return []
        return self.note(
            "That the frameworks train alike is held by the project's contract tests, not yet proved inside this run "
            f"({plural(lacking, 'run')} without a parity passport).",
            "Run the project's tests on this machine (nox -s tests) before relying on it.",
            runs=lacking,
        )

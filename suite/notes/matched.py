"""Did the frameworks do the same work with the same means?"""

from __future__ import annotations

from typing import Any

from suite.notes import Evidence, Note, Rule, at, described, known, listed, name, number, plural
from suite.notes.devices import device
from suite.records import Record

SPARE_CORES = 0.3
"""How many cores a process may keep busy beyond its threads: its other threads wake up now and then."""


class UnlikeThreads(Rule):
    """Frameworks compared with one another computed with unlike numbers of threads."""

    id = "unlike-threads"
    severity = "unfair"
    family = "matched"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Compare the threads read back within one operation, in everything that is compared."""
        found = evidence.unlike(lambda raw: at(raw, "settings.threads_intra"))
        if not found:
            return []
        return self.note(
            f"Threads within an operation differ between runs that are compared ({described(found)}): a difference "
            "in time may be theirs alone.",
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
        for raw in evidence.matched:
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


class SettingDidNotTake(Rule):
    """A framework reports another value than it was asked for."""

    id = "setting-did-not-take"
    severity = "caution"
    family = "matched"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Compare every setting that was asked for with what was read back under the same name."""
        found: dict[str, dict[str, list[Any]]] = {}
        for raw in evidence.ok:
            for key, asked in _requested(raw).items():
                took = device(raw) if key == "device" else known(at(raw, "settings").get(key))
                if took is not None and took != asked:
                    found.setdefault(name(raw), {})[key] = [asked, took]
        if not found:
            return []
        words = listed(
            f"{who} {key} (asked for {asked}, took {took})"
            for who, settings in found.items()
            for key, (asked, took) in settings.items()
        )
        return self.note(
            f"Settings that did not take effect: {words}. The times are those of what took.",
            "Find what overrode them (the log, an environment variable, the framework's version) and run again.",
            asked_and_took=found,
        )


class SettingNotReadBack(Rule):
    """A setting was asked for and the framework cannot say whether it took."""

    id = "setting-not-read-back"
    severity = "info"
    family = "matched"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Look for settings asked for that were not read back, or only as unknown."""
        found: dict[str, list[str]] = {}
        for raw in evidence.ok:
            for key in _requested(raw):
                if known(at(raw, "settings").get(key)) is None and key not in found.setdefault(name(raw), []):
                    found[name(raw)].append(key)
        found = {who: keys for who, keys in found.items() if keys}
        if not found:
            return []
        words = listed(f"{who} ({listed(keys)})" for who, keys in found.items())
        return self.note(
            f"Asked for, but nothing says whether it took effect: {words}.",
            "Do not rely on these settings; nothing else in the report assumes them.",
            settings=found,
        )


class UnlikeNetworks(Rule):
    """The live networks that are compared have unlike numbers of parameters or unlike shapes."""

    id = "unlike-networks"
    severity = "unfair"
    family = "matched"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Compare the parameter counts, then every layer's output shape, as the live networks have them."""
        counts = evidence.unlike(lambda raw: raw.get("parameter_count"))
        shapes = evidence.unlike(_shapes)
        if not counts and not shapes:
            return []
        words = f"parameters, {described(counts)}" if counts else f"layers, {described(shapes)}"
        return self.note(
            f"The networks that were compared are not the same ({words}): unlike work takes unlike time.",
            "Mend the adapter whose network is not the workload's, and run again in a new --out folder.",
            parameters=counts,
            layers=shapes,
        )


class MoreCoresThanThreads(Rule):
    """A process kept more cores busy than the threads it was given."""

    id = "cores-over-threads"
    severity = "caution"
    family = "matched"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Compare processor time over elapsed time, whole process, with the threads read back."""
        found: dict[str, float] = {}
        for raw in evidence.matched:
            cpu, wall, threads = (number(at(raw, path)) for path in ("cpu_s", "wall_s", "settings.threads_intra"))
            if cpu is None or not wall or threads is None or cpu / wall <= threads + SPARE_CORES:
                continue
            found[name(raw)] = max(round(cpu / wall, 2), found.get(name(raw), 0.0))
        if not found:
            return []
        words = listed(f"{who} ({cores:.2f} cores)" for who, cores in found.items())
        return self.note(
            f"More cores were busy than threads were given: {words}. Threads that the setting does not govern helped.",
            "Pin every framework to as many cores as it has threads (taskset) and run again.",
            cores=found,
        )


def _requested(raw: Record) -> dict[str, Any]:
    """Return what a run asked for, if it also says what took effect."""
    requested = raw.get("requested")
    return requested if isinstance(requested, dict) and isinstance(raw.get("settings"), dict) else {}


def _shapes(raw: Record) -> str | None:
    """Return the live network in one line, or None where it was not recorded."""
    layers = raw.get("layers")
    if not layers:
        return None
    return ", ".join(f"{layer.get('name')} {layer.get('output_shape')}" for layer in layers)

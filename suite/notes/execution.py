"""Did steps run as their mode says: eagerly, as a graph, compiled, one at a time?"""

from __future__ import annotations

from typing import Any

from suite.notes import Evidence, Note, Rule, at, described, listed, name, number
from suite.records import Record

_COMPILING = {"compile", "xla"}
"""Words in the names of modes that compile their step."""


class CompileFellBack(Rule):
    """A mode that compiles ran without having compiled anything."""

    id = "compile-fell-back"
    severity = "unfair"
    family = "matched"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Compare what the mode stands for with what the live framework says it compiled."""
        found: dict[str, int] = {}
        for raw in evidence.ok:
            wanted = at(raw, "requested.compiled") is True or _COMPILING & set(str(raw.get("mode")).split("-"))
            if wanted and (compiled(raw) is False or at(raw, "settings.compile_graphs") == 0):
                found[name(raw)] = found.get(name(raw), 0) + 1
        if not found:
            return []
        return self.note(
            f"Compilation fell back: {listed(found)} ran uncompiled under a compiled mode's name, so their times are "
            "those of another mode.",
            "Read the run's log for why nothing was compiled (a missing C++ compiler, often), and leave the mode out.",
            runs=found,
        )


class CompileBreaks(Rule):
    """A compiled step is compiled in pieces, with Python in between."""

    id = "compile-breaks"
    severity = "caution"
    family = "matched"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Look at the breaks that the compiler counted."""
        found: dict[str, float] = {}
        for raw in evidence.ok:
            if breaks := number(at(raw, "settings.compile_graph_breaks")):
                found[name(raw)] = max(breaks, found.get(name(raw), 0))
        if not found:
            return []
        words = listed(f"{who} ({count:g})" for who, count in found.items())
        return self.note(
            f"Steps were compiled in pieces, with Python running at the breaks between them: {words}.",
            "Take these times as those of a step that is partly compiled; the log names where it breaks.",
            breaks=found,
        )


class CompiledOnOneSide(Rule):
    """A compiled step is compared although not every framework ran a compiled one."""

    id = "compiled-on-one-side"
    severity = "caution"
    family = "matched"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Look for frameworks without a compiled mode in what is compared where others have one."""
        found: dict[str, dict[str, list[str]]] = {}
        for what, raws in evidence.comparable:
            arms = {name(raw): (str(raw.get("framework")), compiled(raw)) for raw in raws}
            having = {framework for framework, made in arms.values() if made}
            lacking = sorted({framework for framework, made in arms.values() if made is False} - having)
            if having and lacking:
                found[what] = {"compiled": [arm for arm, (_, made) in arms.items() if made], "never compiled": lacking}
        if not found:
            return []
        what, sides = next(iter(found.items()))
        return self.note(
            f"Compiled against uncompiled ({what}): {listed(sides['compiled'])} compiled the step, of "
            f"{listed(sides['never compiled'])} no compiled mode ran to hold against it. The compiler is part of that "
            "difference.",
            "Compare default modes with one another, and compiled ones with compiled ones (--mode all).",
            sides=found,
        )


class UnlikeExecution(Rule):
    """Steps run eagerly in one framework and as a traced graph in another, as their default modes do."""

    id = "unlike-execution"
    severity = "info"
    family = "matched"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Compare whether the live frameworks traced a graph."""
        found = evidence.unlike(graph, name)
        if not found:
            return []
        return self.note(
            "Steps are carried out in unlike ways, as each framework's users get them by default "
            f"({described(found, lambda traced: 'a graph' if traced else 'eager')}): the mode is part of what is "
            "compared.",
            "Say the mode with every number; --mode all measures the others.",
            graph=found,
        )


class SeveralStepsPerCall(Rule):
    """A framework ran several steps in one call from Python."""

    id = "several-steps-per-call"
    severity = "caution"
    family = "matched"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Look at the steps per execution that were read back."""
        found: dict[str, float] = {}
        for raw in evidence.matched:
            steps = number(at(raw, "settings.steps_per_execution"))
            if steps is not None and steps != 1:
                found[name(raw)] = steps
        if not found:
            return []
        words = listed(f"{who} ({steps:g})" for who, steps in found.items())
        return self.note(
            f"Several steps ran per call from Python: {words}. At small batches, where calls are a good part of a "
            "step, that alone makes it faster.",
            "Run one step per call in every framework, and again in a new --out folder.",
            steps=found,
        )


class CompileCacheMixed(Rule):
    """Some runs of a cell found compiled code waiting for them, others did not."""

    id = "compile-cache-mixed"
    severity = "caution"
    family = "timing"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Compare the state of the compiler's cache over the runs of each cell."""
        states: dict[str, list[str]] = {}
        for raw in evidence.ok:
            if state := at(raw, "settings.compile_cache"):
                states.setdefault(str(raw.get("cell")), []).append(str(state))
        found = {cell: {each: seen.count(each) for each in set(seen)} for cell, seen in states.items()}
        found = {cell: counts for cell, counts in found.items() if len(counts) > 1}
        if not found:
            return []
        return self.note(
            f"The compiler's cache was cold in some runs and warm in others of {listed(found)}: a first step of some "
            "20 seconds and one of 2 are put together, and scaled times with them. Later steps are not affected.",
            "Run again now that it is warm, or empty the cache before every run; read first steps run by run.",
            runs=found,
        )


def compiled(raw: Record) -> bool | None:
    """Return whether a step was compiled to machine code, None where that was not recorded."""
    values = [at(raw, f"settings.{key}") for key in ("compiled", "xla")]
    known = [value for value in values if isinstance(value, bool)]
    return any(known) if known else None


def graph(raw: Record) -> Any:
    """Return whether a step ran as a graph, traced or compiled, None where that was not recorded."""
    traced = at(raw, "settings.graph")
    return traced if isinstance(traced, bool) else compiled(raw)

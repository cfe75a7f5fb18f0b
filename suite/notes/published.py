"""The as-published lane: what its numbers are, and what they are not."""

from __future__ import annotations

import statistics

from suite.errors import InputError
from suite.notes import Evidence, Note, Rule, at, listed, name
from suite.notes.accuracy import final
from suite.published.programs import PUBLISHED, program
from suite.records import Record


class AsPublished(Rule):
    """Programs as published stand beside matched ones; their numbers compare programs."""

    id = "as-published"
    severity = "info"
    family = "publication"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Look for runs of the lane beside matched ones."""
        found = sorted({name(raw) for raw in evidence.published})
        if not found or not evidence.matched:
            return []
        return self.note(
            f"Numbers marked as published ({listed(found)}) are those of programs as each framework's users write "
            "them, with its defaults: they show what readers of a study get, not what a framework is capable of.",
            "Quote them beside the matched ones only.",
            programs=found,
        )


class AsPublishedAlone(Rule):
    """Only programs as published were run, so no framework is compared with another."""

    id = "as-published-alone"
    severity = "unfair"
    family = "publication"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Look for runs of the lane without any matched one."""
        found = sorted({name(raw) for raw in evidence.published})
        if not found or evidence.matched:
            return []
        return self.note(
            f"Only programs as published ran ({listed(found)}): they differ in more than the framework, so their times "
            "and accuracies compare programs, not frameworks.",
            "Run both lanes (--lane both) and read them side by side.",
            programs=found,
        )


class PublishedDifferences(Rule):
    """In what the programs as published are unlike the matched workload."""

    id = "published-differences"
    severity = "info"
    family = "publication"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Repeat what each program's exam found, once; one with something switched is told by its switch."""
        programs: dict[str, dict[str, list[str]]] = {}
        switches: dict[str, str] = {}
        for raw in evidence.published:
            if raw.get("mode") != PUBLISHED:
                switches[name(raw)] = _switch(raw)
                continue
            sentences = programs.setdefault(name(raw), {}).setdefault(str(raw.get("workload")), [])
            for sentence in at(raw, "passport.differences") or []:
                if str(sentence) not in sentences:
                    sentences.append(str(sentence))
        found = {who: _once(networks) for who, networks in programs.items() if any(networks.values())}
        if not found:
            return []
        words = "; ".join(f"{who}: {' '.join(sentences).rstrip('.')}" for who, sentences in found.items())
        switched = "; ".join(f"{who} is the program {words}" for who, words in switches.items())
        return self.note(
            f"What the programs as published do otherwise than the matched workload: {words}."
            + (f" With one thing switched: {switched}." if switched else ""),
            "See in the report what switching one of them changes.",
            differences=found,
            switched=switches,
        )


def _once(networks: dict[str, list[str]]) -> list[str]:
    """Return what is said of a program once, whatever the network.

    Sentences that read alike up to their colon, as of an order that was visited, are one difference with details of its
    own in each network; they are told without these. What holds for some networks only names them.
    """
    heads: dict[str, dict[str, str]] = {}
    for network, sentences in networks.items():
        for sentence in sentences:
            heads.setdefault(sentence.partition(":")[0].rstrip("."), {})[network] = sentence
    found = []
    for head, told in heads.items():
        said = next(iter(told.values())) if len(set(told.values())) == 1 else f"{head}."
        found.append(said if len(told) == len(networks) else f"{said.rstrip('.')} ({listed(told)} only).")
    return found


def _switch(raw: Record) -> str:
    """Return what a variant of a program has switched, "as published, but ...", or its name where it is not known."""
    try:
        return program(str(raw.get("framework")), str(raw.get("workload"))).variant(str(raw.get("mode"))).sentence
    except InputError:
        return f"with {raw.get('mode')}"


class PublishedAccuracies(Rule):
    """Programs as published ended at unlike accuracies, as unlike programs do."""

    id = "published-accuracies"
    severity = "info"
    family = "publication"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Give the median final accuracies of the programs by workload."""
        found: dict[str, dict[str, list[float]]] = {}
        for raw in evidence.published:
            if (accuracy := final(raw)) is not None:
                found.setdefault(str(raw.get("workload")), {}).setdefault(name(raw), []).append(accuracy)
        medians = {
            workload: {who: statistics.median(values) for who, values in finals.items()}
            for workload, finals in found.items()
            if len(finals) > 1
        }
        if not medians:
            return []
        words = listed(
            f"{workload}: {', '.join(f'{who} {accuracy:.4f}' for who, accuracy in finals.items())}"
            for workload, finals in medians.items()
        )
        return self.note(
            f"Accuracies of programs as published are those of unlike programs ({words}): a gap between them says "
            "nothing about the frameworks until it is seen in the matched lane, too.",
            "Look which switched difference closes the gap.",
            accuracies=medians,
        )

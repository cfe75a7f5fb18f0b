"""Is everything there that the run wrote?"""

from __future__ import annotations

from suite.notes import Evidence, Note, Rule, at, listed, plural


class PlanMissing(Rule):
    """The plan does not lie beside the results, so nothing can be held against it."""

    id = "plan-missing"
    severity = "caution"
    family = "timing"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Look for results without a plan."""
        if evidence.plan is not None or not evidence.raws:
            return []
        count = len(evidence.raws)
        return self.note(
            f"The plan (plan.json) is missing: whether {plural(count, 'result')} here are all that were to be made, "
            "with the threads, locks and code that were planned, cannot be said."
            if count > 1
            else "The plan (plan.json) is missing: whether the one result here is all that was to be made, with the "
            "threads, lock and code that were planned, cannot be said.",
            "Put plan.json back beside raw/ from a copy.",
            results=count,
        )


class StepTimesMissing(Rule):
    """Step times that a result names do not lie beside it, so its numbers cannot be checked."""

    id = "step-times-missing"
    severity = "caution"
    family = "timing"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Repeat what was found when the results were read."""
        found = sorted(str(at(raw, "steps.file")) for raw in evidence.ok if at(raw, "steps.file_missing") is True)
        if not found:
            return []
        return self.note(
            f"The step times of {plural(len(found), 'run')} are missing ({listed(found, most=3)}): what the results "
            "say of them cannot be checked, and charts of steps leave them out.",
            "Put the files back beside the results from a copy, or remove those results and repeat the runs with "
            "--resume.",
            files=found,
        )

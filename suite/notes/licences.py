"""May the pictures in the report be passed on as they are?"""

from __future__ import annotations

from suite.notes import Evidence, Note, Rule, at, listed


class PicturesUnderTerms(Rule):
    """The report shows pictures of data that come with terms, which have to stay with them."""

    id = "pictures-under-terms"
    severity = "info"
    family = "publication"

    def evaluate(self, evidence: Evidence) -> list[Note]:
        """Say it where a run that left pictures behind was given such data."""
        found: dict[str, str] = {}
        for raw in evidence.ok:
            name, sentence = at(raw, "data.licence.name"), at(raw, "data.licence.sentence")
            if at(raw, "pictures.file") and isinstance(name, str) and isinstance(sentence, str):
                found[f"{at(raw, 'data.title') or at(raw, 'data.name')} ({name})"] = sentence.rstrip(".")
        if not found:
            return []
        return self.note(
            f"The report shows pictures made from {listed(found)}. {'. '.join(found.values())}.",
            "When you pass the report on, leave the line with these terms under the pictures; a run on the twin's data "
            "makes a report without any.",
            terms=found,
        )

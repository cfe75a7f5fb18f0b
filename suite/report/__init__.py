"""The report: one context built from the records of a run, rendered to a single HTML file."""

from __future__ import annotations

from pathlib import Path

from suite import records
from suite.records import Record
from suite.report import context, html

NAME = "report.html"
"""What the report is called in a run's folder."""


def render(folder: Path, analysis: Record, raws: list[Record], plan: Record | None) -> Path:
    """Write the report of a run to ``folder`` and return its path.

    The same records give the same bytes. Step times are read from the files that raw results name, relative to
    ``folder``; one that is missing or damaged is left out with a sentence in the report.

    Args:
        folder: the run's folder.
        analysis: its analysis (schema 1).
        raws: all its raw results (schema 1), good or not.
        plan: its plan (schema 1), or ``None`` where there is none.

    Raises:
        InputError: the report cannot be written, or the templates are missing.
    """
    path = folder / NAME
    records.replace(path, html.render(context.build(folder, analysis, raws, plan)).encode())
    return path

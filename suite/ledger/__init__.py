"""The settings ledger's catalogue: what each setting that is read back means to a comparison, in one plain sentence.

A key means the same in every framework that has it. Sentences are in our own words; where their facts are from stands
beside each (``source``): the project's list of measured facts (FAIRNESS.md, by section), the documentation of the
framework, or a reading of its live state. A key without an entry is still shown, under its name.
"""

from __future__ import annotations

from suite.ledger.building import BUILDING
from suite.ledger.computing import COMPUTING
from suite.ledger.entry import ENVIRONMENT, Entry
from suite.ledger.executing import EXECUTING
from suite.ledger.running import RUNNING, VARIABLES

__all__ = ["ENTRIES", "VARIABLES", "Entry", "entry", "place"]

ENTRIES = {entry.key: entry for entry in (*RUNNING, *COMPUTING, *EXECUTING, *BUILDING)}
"""The catalogue by key, in the order in which rows are shown."""


def entry(key: str) -> Entry:
    """Return the catalogue's entry for ``key``; for an environment variable that of its family."""
    if key in ENTRIES:
        return ENTRIES[key]
    if key.startswith(ENVIRONMENT):
        name = key.removeprefix(ENVIRONMENT)
        for family, sentence in VARIABLES.items():
            if name.startswith(family):
                return Entry(key=key, title=name, sentence=sentence, source="each library's documentation")
    return Entry(
        key=key,
        title=key.removeprefix(ENVIRONMENT).replace("_", " "),
        sentence="This setting is not in the catalogue: what it does to a comparison has to be found out.",
        source="none",
        known=False,
    )


def place(key: str) -> tuple[int, str]:
    """Return what to sort keys by: the catalogue's order, then the names of what it does not list."""
    keys = list(ENTRIES)
    return (keys.index(key) if key in ENTRIES else len(keys)), key

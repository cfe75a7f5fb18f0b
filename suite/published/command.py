"""``evenmatch published audit``: which published means and percentages do not follow from the published runs."""

from __future__ import annotations

import itertools
import json
from collections import Counter

from rich.console import Console
from rich.table import Table

from suite.published import audit
from suite.published.audit import Claim

KINDS = {"pytorch_s": "mean time", "tensorflow_s": "mean time", audit.SLOWER: "percentage"}
"""What the columns hold; all others are mean accuracies."""


def run(console: Console, *, as_json: bool) -> None:
    """Print the rows that do not follow: as JSON, or as a table with what is seen of the reasons."""
    slipped = audit.slipped()
    if as_json:
        found = [claim.record() for claim in slipped]
        console.out(json.dumps(found, indent=2, ensure_ascii=False), highlight=False)
        return
    every = audit.claims()
    counts = Counter(KINDS.get(claim.column, "mean accuracy") for claim in every)
    listed = ", ".join(f"{number} {_plural(kind)}" for kind, number in counts.items())
    console.print(f"Recomputed from the published runs: {listed}.", highlight=False, soft_wrap=True)
    for place, own in itertools.groupby(slipped, _where):
        console.print(_table(place, list(own)))
    console.print(
        f"\n{len(slipped)} of {len(every)} do not follow; nothing is corrected in what the suite keeps.",
        highlight=False,
        soft_wrap=True,
    )
    for remark in audit.remarks():
        console.print(remark, highlight=False, markup=False, soft_wrap=True)


def _plural(kind: str) -> str:
    return "mean accuracies" if kind == "mean accuracy" else f"{kind}s"


def _table(place: str, slipped: list[Claim]) -> Table:
    table = Table(title=f"\n{place}", title_justify="left", title_style="bold", box=None, expand=True)
    table.add_column("column", width=13, no_wrap=True)
    for title in ("published", "recomputed"):
        table.add_column(title, width=12, justify="right", no_wrap=True)
    table.add_column("what is seen of the reason", overflow="fold", ratio=1)
    for claim in slipped:
        table.add_row(claim.column, str(claim.published), str(claim.recomputed), claim.cause)
    return table


def _where(claim: Claim) -> str:
    machine = "" if claim.environment is None else f", machine {claim.environment}"
    return (
        f"{claim.study} Fig. {claim.figure}{machine}: {claim.kernel}, {claim.epochs} epochs, batch {claim.batch_size}"
    )

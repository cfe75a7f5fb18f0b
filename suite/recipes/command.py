"""The command ``evenmatch verify-recipes``, from what was asked to what is said at the end."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console

from suite import records
from suite.errors import CellsFailedError, UnsupportedError
from suite.progress import duration
from suite.recipes import Recipe, loading, showing
from suite.recipes.causes import ended
from suite.recipes.grading import NONE, UNEXPECTED
from suite.recipes.verify import Outcome, Wish, remove_leftovers, verify
from suite.records import Record


def run(
    console: Console,
    *,
    select: Sequence[str],
    platforms: Sequence[str],
    jobs: int,
    timeout_s: float,
    resume: bool,
    keep: bool,
    as_json: bool,
) -> None:
    """Verify recipes and say what was found.

    Raises:
        CellsFailedError: a recipe is not as its file says.
        UnsupportedError: this machine could verify none of them.
        InputError: a recipe's file is wrong, or nothing matches.
    """
    recipes = loading.load_all(select, platforms)
    if not resume:
        remove_leftovers()

    def done(recipe: Recipe, record: Record, count: int, left_s: float) -> None:
        if not as_json:
            left = f"  ({duration(left_s)} left)" if left_s else ""
            console.print(
                f"\\[{count}/{len(recipes)}] {showing.line(recipe, record)}{left}", highlight=False, soft_wrap=True
            )

    outcome = verify(Wish(recipes=recipes, jobs=jobs, timeout_s=timeout_s, resume=resume, keep=keep), done)
    if as_json:
        console.out(records.to_json(_as_json(outcome)).decode(), end="", highlight=False)
    else:
        showing.conclude(console, recipes, outcome)
    _judge(outcome)


def _as_json(outcome: Outcome) -> Record:
    return {"schema": 1, "recipes": outcome.records, "changes": outcome.changes}


def _judge(outcome: Outcome) -> None:
    found = outcome.records
    unlike = [name for name, record in found.items() if record["verdict"] == UNEXPECTED]
    if unlike:
        raise CellsFailedError(
            f"{len(unlike)} of {len(found)} recipes are not as their files say: {', '.join(unlike)}; correct the "
            "recipe, or what it expects, in platforms/recipes/."
        )
    if all(record["evidence"] == NONE for record in found.values()):
        why = "; ".join(dict.fromkeys(str(record["why"]) for record in found.values()))
        raise UnsupportedError(ended(f"no recipe could be verified on this machine: {why}"))

"""Which printed means and percentages follow from the printed runs, and which do not.

All arithmetic is exact (:class:`~fractions.Fraction` of the digits as printed), so that nothing is off by float noise.
A number follows if it is the recomputed one rounded as its study prints that column. COMP5511 prints its means whole
(halves of a second, 7 decimals of an accuracy) and its percentages with ten digits in all, a spreadsheet's; zeros at
the end are left away. Its 24 percentages in which the two differ are rounded, none is cut off; an exact half may have
gone either way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction

from suite.published import comp5511, slips
from suite.published.figures import Figure
from suite.published.studies import study

TIME_DECIMALS, ACCURACY_DECIMALS, PERCENT_DIGITS = 1, 7, 10
"""How COMP5511 prints: decimals of its means; digits of a percentage on both sides of the point, a leading 0 too."""

SLOWER = "tf_slower_pct"

Case = tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Claim:
    """One printed mean or percentage and what the printed runs give; a key that does not apply is None."""

    study: str
    figure: int
    environment: int | None
    kernel: str | None
    epochs: int | None
    batch_size: int | None
    column: str
    published: Decimal
    recomputed: Decimal
    """Rounded as the study prints the column."""
    follows: bool
    cause: str = ""
    """What is seen of the reason, where it does not follow."""

    def record(self) -> dict[str, object]:
        """Return it as JSON has it; numbers as floats, whole ones whole."""
        keys = ("study", "figure", "environment", "kernel", "epochs", "batch_size", "column")
        numbers = {"published": plain(self.published), "recomputed": plain(self.recomputed)}
        return {**{key: getattr(self, key) for key in keys}, **numbers}


def plain(value: Decimal) -> int | float:
    """Return a number for JSON: the whole number or the nearest float."""
    return int(value) if value == value.to_integral_value() else float(value)


def claims() -> tuple[Claim, ...]:
    """Return every mean and percentage that can be recomputed from published runs, in the order printed.

    Only COMP5511 prints runs; of the other studies :func:`remarks` tells what can be looked at.
    """
    times = _runs("time_s", ("environment", "kernel", "epochs", "batch_size", "framework"))
    accuracies = _runs("accuracy", ("kernel", "epochs", "batch_size", "framework"))
    found: list[Claim] = []
    for row in comp5511.rows("mean_accuracy"):
        found += [_accuracy(row, framework, accuracies) for framework in ("pytorch", "tensorflow")]
    for row in comp5511.rows("mean_time"):
        found += [_time(row, framework, times) for framework in ("pytorch", "tensorflow")]
        found.append(_slower(row, found[-2:], times))
    return tuple(found)


def slipped() -> tuple[Claim, ...]:
    """Return the claims that do not follow from the published runs."""
    return tuple(claim for claim in claims() if not claim.follows)


def follows(published: Decimal, recomputed: Fraction, decimals: int) -> bool:
    """Tell whether ``recomputed``, rounded to so many decimals, is what was published; a half may go either way."""
    return abs(Fraction(published) - recomputed) <= Fraction(1, 2 * 10**decimals)


def rounded(value: Fraction, decimals: int, like: Decimal | None = None) -> Decimal:
    """Return ``value`` with so many decimals, zeros at the end left away; an exact half as ``like`` has it, or up."""
    with localcontext() as context:
        context.prec = 60
        exact = Decimal(value.numerator) / Decimal(value.denominator)
        unit = Decimal(1).scaleb(-decimals)
        ways = [exact.quantize(unit, rounding=way) for way in (ROUND_HALF_UP, ROUND_HALF_EVEN)]
    chosen = like if like is not None and like in ways else ways[0]
    return chosen.normalize() if chosen % 1 else chosen.quantize(Decimal(1))


def percent_decimals(value: Fraction) -> int:
    """Return the decimals that a percentage of ten digits in all has."""
    return PERCENT_DIGITS - len(str(int(abs(value))))


def slower(pytorch: Fraction, tensorflow: Fraction) -> Fraction:
    """Return the study's "% TF slower": (tensorflow - pytorch) / tensorflow x 100."""
    return (tensorflow - pytorch) / tensorflow * 100


def mean(values: list[Fraction]) -> Fraction:
    """Return the exact mean."""
    return sum(values, Fraction()) / len(values)


def _runs(field: str, keys: tuple[str, ...]) -> dict[Case, list[Fraction]]:
    found: dict[Case, list[Fraction]] = {}
    for row in comp5511.rows("runs"):
        found.setdefault(tuple(row[key] for key in keys), []).append(Fraction(row[field]))
    return found


def _claim(row: Mapping[str, str], column: str, value: Fraction, decimals: int, cause: str) -> Claim:
    published = Decimal(row[column])
    fits = follows(published, value, decimals)
    return Claim(
        study="comp5511",
        figure=int(row["figure"]),
        environment=int(row["environment"]) if "environment" in row else None,
        kernel=row["kernel"],
        epochs=int(row["epochs"]),
        batch_size=int(row["batch_size"]),
        column=column,
        published=published,
        recomputed=rounded(value, decimals, published),
        follows=fits,
        cause="" if fits else cause,
    )


def _accuracy(row: Mapping[str, str], framework: str, runs: Mapping[Case, list[Fraction]]) -> Claim:
    own = runs[row["kernel"], row["epochs"], row["batch_size"], framework]
    cause = slips.of_accuracies(own, Fraction(row[framework]))
    return _claim(row, framework, mean(own), ACCURACY_DECIMALS, cause)


def _time(row: Mapping[str, str], framework: str, runs: Mapping[Case, list[Fraction]]) -> Claim:
    own, column = runs[_case(row, framework)], f"{framework}_s"
    cause = slips.of_times([int(seconds) for seconds in own], Fraction(row[column]))
    return _claim(row, column, mean(own), TIME_DECIMALS, cause)


def _slower(row: Mapping[str, str], means: list[Claim], runs: Mapping[Case, list[Fraction]]) -> Claim:
    """Return the percentage's claim: recomputed from the runs, not from the means that stand beside it in print."""
    value = slower(*(mean(runs[_case(row, framework)]) for framework in ("pytorch", "tensorflow")))
    beside = slower(*(Fraction(claim.published) for claim in means))
    wrong = [claim.column for claim in means if not claim.follows]
    cause = "it does not follow from the printed means either"
    if follows(Decimal(row[SLOWER]), beside, percent_decimals(beside)):
        cause = f"it follows from the two printed means; what is off is {' and '.join(wrong)} or its runs"
    return _claim(row, SLOWER, value, percent_decimals(value), cause)


def _case(row: Mapping[str, str], framework: str) -> Case:
    return row["environment"], row["kernel"], row["epochs"], row["batch_size"], framework


def remarks() -> tuple[str, ...]:
    """Return what was looked at beside means and percentages, and what there is nothing to recompute in."""
    return (_clocks(), _findings(), *_epochs(), _nothing())


def _clocks() -> str:
    rows = comp5511.rows("runs")
    unlike = [row for row in rows if _seconds(row["time_hms"]) != int(row["time_s"])]
    words = "all agree" if not unlike else f"{len(unlike)} disagree"
    return f"comp5511: hours, minutes and seconds of its {len(rows)} runs against their seconds: {words}."


def _seconds(clock: str) -> int:
    hours, minutes, seconds = (int(part) for part in clock.split(":"))
    return hours * 3600 + minutes * 60 + seconds


def _findings() -> str:
    """Return the study's two findings in percent, beside the largest of its own rows and of those recomputed."""
    own = [claim for claim in claims() if claim.column == SLOWER]
    x86 = min(claim.recomputed for claim in own if claim.environment != 1 and claim.kernel == "3x3")
    arm = max(claim.recomputed for claim in own if claim.environment == 1 and claim.batch_size == 4)
    return (
        f"comp5511: its findings “up to 103 % faster on x86, 3x3” and “up to 58 % slower on M1, batch 4” are "
        f"{-x86:.1f} % and {arm:.1f} % from the runs."
    )


def _epochs() -> list[str]:
    """Return what the total and the mean epoch of the ECAI study leave over, for each framework."""
    (total,), (epoch,) = (study("ecai2021").of("mc-cnn-fast", quantity) for quantity in ("training", "epoch"))
    parts = [f"{framework}: {_left_over(total, epoch, framework)}" for framework in ("pytorch", "tensorflow")]
    return [f"ecai2021: its total in mean epochs: {'; '.join(parts)}. It prints no runs, so no mean is recomputed."]


def _left_over(total: Figure, epoch: Figure, framework: str) -> str:
    whole, one = total.value(framework), epoch.value(framework)
    assert whole is not None
    assert one is not None
    return f"{int(whole // one)} epochs and {whole % one} s"


def _nothing() -> str:
    return "pl2021, cp8321 and doshi2020 print no runs, so they have no mean or percentage to recompute."

"""Numbers in words: one place decides how times, ratios, shares and sizes look in the report."""

from __future__ import annotations

import math

MISSING = "–"
"""Stands where nothing was measured."""

THIN = "\u202f"
"""Narrow no-break space, between a number and its unit and between groups of three digits."""


def significant(value: float, digits: int = 3) -> str:
    """Return ``value`` with so many significant digits, never in exponent form: 0.01523 is "0.0152", 1234 "1 234"."""
    if value == 0:
        return "0"
    exponent = int(f"{value:.{digits - 1}e}".partition("e")[2])  # after rounding, so that 0.9996 is "1.00"
    places = max(0, digits - 1 - exponent)
    return f"{value:,.{places}f}".replace(",", THIN).replace("-", "−")


SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def power_of_ten(exponent: int) -> str:
    """Return a power of ten as an axis writes it: "1", "10", "10⁻⁶"."""
    return {0: "1", 1: "10"}.get(exponent) or f"10{str(exponent).translate(SUPERSCRIPTS)}"


def size_of(value: float | None) -> str:
    """Return a number that may be tiny with two digits: "0.034", "3.2 × 10⁻⁸", "0"."""
    if value is None:
        return MISSING
    if value == 0 or 1e-3 <= abs(value) < 1e4 or not math.isfinite(value):
        return significant(value, 2) if math.isfinite(value) else str(value)
    digits, _, exponent = f"{value:.1e}".partition("e")
    return f"{digits}{THIN}×{THIN}{power_of_ten(int(exponent))}".replace("-", "−")


def duration(seconds: float | None) -> str:
    """Return a time in the unit a reader would choose: "812 µs", "15.2 ms", "24.1 s", "16 h 58 min"."""
    if seconds is None:
        return MISSING
    if seconds < 0.9995e-3:  # three digits of anything more would read "1000 µs"
        return f"{significant(seconds * 1e6)}{THIN}µs"
    if seconds < 0.9995:
        return f"{significant(seconds * 1e3)}{THIN}ms"
    if seconds < 599.5:
        return f"{significant(seconds)}{THIN}s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes}{THIN}min"
    return f"{minutes // 60}{THIN}h {minutes % 60}{THIN}min"


def seconds_only(seconds: float | None) -> str:
    """Return whole-training seconds as the study prints them, without the unit: "547", "342.5"."""
    if seconds is None:
        return MISSING
    return significant(seconds, 4) if seconds < 1000 else count(round(seconds))


def clock(seconds: float | None) -> str:
    """Return hours, minutes and seconds as the study prints its runs: "00:04:11"."""
    if seconds is None:
        return MISSING
    whole = round(seconds)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}"


def ratio(value: float | None) -> str:
    """Return a ratio with two decimals, three below 0.1 and one from 10 on: "0.54", "1.03", "0.046", "26.0"."""
    if value is None:
        return MISSING
    return f"{value:.3f}" if value < 0.1 else f"{value:.2f}" if value < 10 else f"{value:.1f}"


def ratio_range(low: float | None, high: float | None, missing: str = MISSING) -> str:
    """Return an interval of ratios, "0.46 to 0.54", or ``missing`` where there is none."""
    if low is None or high is None:
        return missing
    return ratio(low) if ratio(low) == ratio(high) else f"{ratio(low)} to {ratio(high)}"


def signed_percent(value: float | None) -> str:
    """Return a percentage with its sign and one decimal, as "+53.6" or "−5.0"; the column says %."""
    if value is None:
        return MISSING
    rounded = round(value, 1)
    return f"{rounded:+.1f}".replace("-", "−") if rounded else "0.0"


def signed(value: float) -> str:
    """Return a difference of accuracies with its sign: "+0.0412"."""
    return f"{value:+.4f}".replace("-", "−")


def share(value: float | None) -> str:
    """Return a share of 1 as a percentage: 0.042 -> "4.2 %"."""
    return MISSING if value is None else f"{significant(value * 100, 2)}{THIN}%"


def accuracy(value: float | None) -> str:
    """Return an accuracy with four decimals, as the study does."""
    return MISSING if value is None else f"{value:.4f}"


def loss(value: float | None) -> str:
    """Return a loss with three decimals."""
    return MISSING if value is None else f"{value:.3f}"


def count(value: int | None) -> str:
    """Return a whole number in groups of three digits: "122 570"."""
    return MISSING if value is None else f"{value:,}".replace(",", THIN)


def size(value: float | None) -> str:
    """Return bytes as megabytes (10^6): "431 MB"."""
    return MISSING if value is None else f"{significant(value / 1e6)}{THIN}MB"


def shape(values: list[object] | None) -> str:
    """Return a shape without the batch dimension: "30 × 30 × 32"."""
    return " × ".join(str(value) for value in values) if values else MISSING


def plural(number: int, one: str, many: str = "") -> str:
    """Return "1 run" or "3 runs"."""
    return f"{count(number)} {one if number == 1 else many or one + 's'}"


def listing(parts: list[str]) -> str:
    """Return "a", "a and b" or "a, b and c"."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}" if parts else ""


def shortened(words: str, most: int = 180) -> str:
    """Return ``words``, cut after the last whole word that fits where they are longer than ``most`` characters."""
    return words if len(words) <= most else f"{words[:most].rpartition(' ')[0].removesuffix(' and').rstrip(',;:')} …"


def plain(value: object) -> str:
    """Return any recorded value as a reader would write it: true as "yes", nothing as "–", floats short."""
    if value is None:
        return MISSING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return significant(value) if math.isfinite(value) else str(value)
    if isinstance(value, list):
        return ", ".join(plain(item) for item in value) or MISSING
    if isinstance(value, dict):
        return ", ".join(f"{key}: {plain(item)}" for key, item in value.items()) or MISSING
    return str(value)

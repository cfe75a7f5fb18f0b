from __future__ import annotations

from tests.notes.notecase import asked, said
from tests.rawfactory import raw

MIB = 1024**2


def test_swapping() -> None:
    rule = "swapping"

    def swapped(grown: int) -> dict[str, object]:
        return raw(machine__before__swap_used_bytes=9 * MIB, machine__after__swap_used_bytes=9 * MIB + grown)

    (note,) = asked(rule, [swapped(64 * MIB + 1), raw()])
    assert (note.numbers["runs"], note.numbers["of"]) == (1, 1)
    assert not said(rule, [swapped(64 * MIB)])
    assert not said(rule, [swapped(-5 * MIB)])


def test_little_memory() -> None:
    rule = "little-memory"

    def left(before: int, after: int, limit: int | None = None) -> dict[str, object]:
        return raw(
            machine__identity__ram_bytes=10_000,
            machine__identity__memory_limit_bytes=limit,
            machine__before__available_bytes=before,
            machine__after__available_bytes=after,
        )

    words = "Around 1 run of 2 less than 10% of the memory was free, at worst 9%"
    assert words in said(rule, [left(5000, 900), left(1, 1, 2)])
    assert not said(rule, [left(5000, 1000)])
    assert not said(rule, [left(600, 600, limit=5000)])  # of what the container may use
    assert not said(rule, [raw()])

"""The baseline of a stereo run: plain block matching on the very test pairs that the networks are tried on.

Worked out once for a run, by the driver and apart from any worker, so that it is on nobody's clock. ``baseline.json``
in the run's folder has the error rates, ``baseline.npz`` the map of the first test pair (``map`` uint16, ``pair``).
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from suite import records, stereo
from suite.errors import InputError
from suite.worker.stereo import Pair

NAME, MAP = "baseline.json", "baseline.npz"
"""What the files are called in a run's folder."""

_AGAIN = "Remove it and go on with --resume, and it is worked out again."


def ensure(folder: Path, pairs: Iterable[Pair], count: int) -> None:
    """Work out the baseline of the run in ``folder``, unless that was done before.

    Args:
        folder: the run's folder.
        pairs: the test pairs; taken one by one.
        count: disparities 0 to ``count`` - 1 are tried.

    Raises:
        InputError: a pair has no pixel with known truth, or there is no pair.
    """
    if (folder / NAME).exists():
        return
    rows: list[dict[str, Any]] = []
    data = io.BytesIO()
    for pair in pairs:
        found = stereo.block_matching(pair.left, pair.right, count)
        try:
            errors = stereo.errors(found, pair.truth)
        except ValueError as error:
            raise InputError(f"test pair {pair.name} cannot be used: {error}. Name other data with --data.") from None
        if not rows:
            np.savez_compressed(data, map=found.astype(np.uint16), pair=np.array(pair.name))
        rows.append({"name": pair.name, "error_rate": errors.rate, "known": errors.known})
    if not rows:
        raise InputError("the data hold no test pair: name others with --data.")
    records.replace(folder / MAP, data.getvalue())
    record = {
        "schema": records.SCHEMA,
        "method": "block matching",
        "window": stereo.WINDOW,
        "disparities": count,
        "pairs": rows,
        "error_rate": stereo.mean_rate(row["error_rate"] for row in rows),
        "map_sha256": records.sha256_of(data.getvalue()),
    }
    records.replace_json(folder / NAME, record)  # last: it is what makes the baseline count as worked out


def load(folder: Path) -> records.Record | None:
    """Return the baseline of the run in ``folder``, None where it has none.

    Raises:
        InputError: it is damaged.
    """
    path = folder / NAME
    return records.read_json(path, "the baseline of block matching", _AGAIN) if path.exists() else None

"""Where things live on disk: the checkout with its platforms and templates, and the cache that is the machine's own."""

from __future__ import annotations

import os
from pathlib import Path

from suite.errors import InputError

ROOT = Path(__file__).resolve().parent.parent
"""The checkout: ``platforms/``, ``templates/`` and ``reports/`` lie in it."""

PLATFORMS = ROOT / "platforms"
REPORTS = ROOT / "reports"


def cache() -> Path:
    """Return the folder of environments and prepared data: ``$EVENMATCH_HOME``, else ``.evenmatch`` in the checkout."""
    return Path(os.environ.get("EVENMATCH_HOME") or ROOT / ".evenmatch").absolute()


def require_checkout() -> None:
    """Refuse to go on where the package was installed without its checkout.

    Raises:
        InputError: ``platforms/`` is not beside the package.
    """
    if not PLATFORMS.is_dir():
        raise InputError(f"{PLATFORMS} is missing: evenmatch runs from its checkout; clone it and use nox there.")


def in_checkout(text: str) -> str:
    """Return ``text`` with paths in the checkout as they are from there, and no user's name in any other."""
    return without_user(text.replace(f"{ROOT}{os.sep}", ""))


def without_user(text: str) -> str:
    """Return ``text`` with the home folder's path, and so the user's name, as ``~``: for what is kept or passed on."""
    folder = str(Path.home())
    return text if folder == "/" else text.replace(folder, "~")

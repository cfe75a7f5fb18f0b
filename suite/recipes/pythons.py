"""The Pythons of this machine, by version: on PATH, in pyenv's folder, or known to uv; none is fetched."""

from __future__ import annotations

import functools
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from suite import installer, process
from suite.errors import EvenmatchError

_ASK = "import sys, venv, ensurepip; sys.stdout.write('%d.%d' % sys.version_info[:2])"


@functools.cache
def find(version: str) -> str | None:
    """Return the path of a Python of ``version`` ("3.11") that can make virtual environments, or None."""
    return next((path for path in _candidates(version) if _is(path, version)), None)


def _candidates(version: str) -> Iterator[str]:
    if "{}.{}".format(*sys.version_info[:2]) == version:
        yield sys.executable
    on_path = shutil.which(f"python{version}")
    if on_path:
        yield on_path
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    for folder in sorted(pyenv.glob(f"versions/{version}.*"), reverse=True):
        yield str(folder / "bin" / "python")
    try:
        yield installer.uv(["python", "find", "--quiet", "--no-project", "--no-python-downloads", version]).strip()
    except EvenmatchError:
        return


def _is(path: str, version: str) -> bool:
    try:
        code, output, _ = process.run([path, "-I", "-c", _ASK])
    except OSError:
        return False
    return code == 0 and output == version

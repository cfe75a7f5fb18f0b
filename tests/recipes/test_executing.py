"""Running a recipe: what pip and probe do decides how far it gets, and nothing is left behind."""

from __future__ import annotations

import threading
import time
import zipfile
from pathlib import Path

import pytest
from madeup import FALLING, INSTALLS, TRAINS, python, recipe

from suite import process
from suite.recipes import grading, pythons
from suite.recipes.children import Children, StoppedError, TooLongError
from suite.recipes.executing import Execution, execute


@pytest.fixture
def run(tmp_path: Path, own_home: Path):
    def run(pip: str = INSTALLS, probe: str = TRAINS, timeout_s: float = 60, **about: object) -> Execution:
        return execute(recipe(**about), python(tmp_path / "fake", pip=pip, probe=probe), Children(), timeout_s)

    return run


def test_a_recipe_that_works(run, own_home: Path) -> None:
    found = run()
    assert (found.resolved, found.installed, found.failed) == (True, True, "")
    assert found.probe["losses"] == FALLING
    assert found.packages == {"torch": "2.13.0+cpu"}
    assert found.download_bytes == 2_000_000
    assert found.disk_bytes
    assert found.disk_bytes > 50
    assert found.transcript.startswith("$ python -m venv environment\n$ pip install torch==2.13.0\nCollecting torch")
    assert "$ uv pip tree" in found.transcript
    assert list((own_home / "recipes" / "work").iterdir()) == []


def test_pip_that_finds_no_such_release(run) -> None:
    found = run(pip="print('ERROR: No matching distribution found for torch==2.13.0'); sys.exit(1)")
    assert (found.resolved, found.installed) == (False, False)
    assert "No matching distribution" in found.failed
    assert found.transcript.endswith("(exit code 1)\n")


def test_pip_that_fails_while_it_installs(run) -> None:
    found = run(pip="print('Installing collected packages: torch'); sys.exit('ERROR: Could not install packages')")
    assert (found.resolved, found.installed) == (True, False)


def test_a_framework_that_cannot_be_imported(run) -> None:
    found = run(probe="sys.exit('ImportError: no luck')")
    assert (found.installed, found.probe) == (True, {})
    assert "ImportError: no luck" in found.failed


def test_a_framework_that_crashes_after_import(run) -> None:
    probe = "result.write_text(json.dumps({'imports': {}})); os.kill(os.getpid(), signal.SIGSEGV)"
    found = run(probe=probe)
    assert found.probe == {"imports": {}}
    assert found.failed.endswith("(exit code -11)\n")
    record = grading.of_execution(recipe(), found, accelerator_here=True)
    assert record["grade"] == "imports"


def test_the_second_command_fails(run) -> None:
    pip = INSTALLS + "\nif 'torchvision' in sys.argv: sys.exit('ERROR: ResolutionImpossible')"
    pip = "if 'torchvision' in sys.argv: sys.exit('ERROR: ResolutionImpossible')\n" + INSTALLS
    found = run(pip=pip, commands=("pip install torch", "pip install torchvision"))
    assert not found.installed
    assert "ResolutionImpossible" in found.failed


def test_a_recipe_that_takes_too_long(run, own_home: Path) -> None:
    start = time.monotonic()
    with pytest.raises(TooLongError):
        run(pip="time.sleep(60)", timeout_s=1)
    assert time.monotonic() - start < 15
    assert list((own_home / "recipes" / "work").iterdir()) == []


def test_stopping_ends_the_whole_group(tmp_path: Path, own_home: Path) -> None:
    mark = tmp_path / "pid"
    pip = (
        "import subprocess\n"
        f"child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        f"pathlib.Path({str(mark)!r}).write_text(str(child.pid))\n"
        "time.sleep(60)"
    )
    children = Children()
    ended: list[BaseException] = []

    def target() -> None:
        try:
            execute(recipe(), python(tmp_path / "fake", pip=pip), children, 60)
        except StoppedError as error:
            ended.append(error)

    thread = threading.Thread(target=target)
    thread.start()
    while not (mark.exists() and mark.read_text()):
        time.sleep(0.02)
    children.stop()
    thread.join(15)
    assert ended
    status, until = Path(f"/proc/{mark.read_text()}/stat"), time.monotonic() + 10
    while _alive(status) and time.monotonic() < until:
        time.sleep(0.02)
    assert not _alive(status)
    assert list((own_home / "recipes" / "work").iterdir()) == []
    with pytest.raises(StoppedError):
        children.refuse_if_stopping()


def _alive(status: Path) -> bool:
    try:
        return status.read_text().split()[2] not in "ZX"
    except OSError:
        return False


def wheel(folder: Path) -> None:
    """Write a wheel of a PyTorch that pretends: its loss falls, whatever is computed."""
    source = (
        "class _Any:\n"
        "    loss = 1.4\n"
        "    def __getattr__(self, name): return self\n"
        "    def __call__(self, *args, **more): return self\n"
        "    def item(self): _Any.loss *= 0.9; return _Any.loss\n"
        "import sys\n"
        "_any = _Any()\n"
        "def __getattr__(name):\n"
        "    if name.startswith('__') and name != '__version__': raise AttributeError(name)\n"
        "    return '2.13.0+cpu' if name == '__version__' else _any\n"
    )
    files = {
        "torch.py": source,
        "torch-2.13.0+cpu.dist-info/METADATA": "Metadata-Version: 2.1\nName: torch\nVersion: 2.13.0+cpu\n",
        "torch-2.13.0+cpu.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        "torch-2.13.0+cpu.dist-info/RECORD": "",
    }
    folder.mkdir()
    with zipfile.ZipFile(folder / "torch-2.13.0+cpu-py3-none-any.whl", "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)


def test_a_real_environment_with_the_real_pip_and_the_real_probe(
    tmp_path: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel(tmp_path / "wheels")
    empty = tmp_path / "index"
    empty.mkdir()
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "wheels"))
    monkeypatch.delenv("UV_FIND_LINKS", raising=False)
    monkeypatch.setenv("PIP_INDEX_URL", empty.as_uri())
    asked = recipe(commands=("pip install torch==2.13.0 --index-url {pytorch-cpu}",))
    here = pythons.find("3.11")
    assert here
    found = execute(asked, here, Children(), 120)
    assert found.failed == "", found.transcript
    record = grading.of_execution(asked, found, accelerator_here=True)
    assert (record["grade"], record["packages"]) == ("matches", 1)
    assert found.download_bytes == (tmp_path / "wheels" / "torch-2.13.0+cpu-py3-none-any.whl").stat().st_size
    assert str(tmp_path) not in found.transcript
    assert "torch v2.13.0+cpu" in found.transcript


def test_a_python_that_is_here_and_one_that_is_not() -> None:
    path = pythons.find("3.11")
    assert path is not None
    assert process.run([path, "-c", "import sys; print(sys.version_info[1])"])[1] == "11\n"
    assert pythons.find("3.99") is None

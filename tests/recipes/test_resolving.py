"""Recipes of other platforms, resolved from here; uv's answers are made up, so no network is needed."""

from __future__ import annotations

import http.server
import threading
import time
from collections.abc import Iterator, Sequence

import pytest
from madeup import recipe

from suite.errors import InputError, UnsupportedError
from suite.recipes import resolving
from suite.recipes.children import TooLongError
from suite.recipes.resolving import Package, UnresolvableError, download_bytes, resolve

WHEEL = (
    '[[packages]]\nname = "{0}"\nversion = "{1}"\nwheels = [{{ url = "https://x.example/{0}.whl", hashes = {{}} }}]\n'
)
SOURCE = '[[packages]]\nname = "{0}"\nversion = "{1}"\nsdist = {{ url = "https://x.example/{0}.tar.gz" }}\n'
MAC = {"platform": "macos-arm", "python": "3.9"}


class Asked:
    """Stands for uv; keeps what it was asked and answers in turn."""

    def __init__(self, *answers: str | Exception) -> None:
        self._answers = list(answers)
        self.commands: list[list[str]] = []
        self.inputs: list[str] = []
        self.variables: list[dict[str, str]] = []
        self.limits: list[float | None] = []

    def __call__(
        self, command: Sequence[str], *, input_text: str, variables: dict[str, str], timeout_s: float | None
    ) -> str:
        self.commands.append(list(command))
        self.inputs.append(input_text)
        self.variables.append(variables)
        self.limits.append(timeout_s)
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def asked(monkeypatch: pytest.MonkeyPatch, *answers: str | Exception) -> Asked:
    made = Asked(*answers)
    monkeypatch.setattr(resolving, "uv", made)
    return made


def test_it_is_resolved_for_the_platform_and_python_of_the_recipe(monkeypatch: pytest.MonkeyPatch) -> None:
    uv = asked(monkeypatch, WHEEL.format("torch", "2.13.0"))
    found = resolve(recipe(**MAC))
    assert found == [Package(name="torch", version="2.13.0", wheel=True, url="https://x.example/torch.whl")]
    words = " ".join(uv.commands[0])
    assert "--python-version 3.9" in words
    assert "--python-platform aarch64-apple-darwin" in words
    assert uv.variables == [{"MACOSX_DEPLOYMENT_TARGET": "14.0"}]
    assert uv.inputs == ["torch==2.13.0"]


def test_a_second_command_keeps_what_the_first_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    uv = asked(monkeypatch, WHEEL.format("numpy", "2"), WHEEL.format("numpy", "2") + WHEEL.format("torch", "3"))
    found = resolve(recipe(commands=("pip install numpy", "pip install torch")))
    assert uv.inputs[1].split() == ["torch", "numpy==2"]
    assert [package.name for package in found] == ["numpy", "torch"]


def test_all_commands_together_have_until_then(monkeypatch: pytest.MonkeyPatch) -> None:
    uv = asked(monkeypatch, "", "")
    resolve(recipe(commands=("pip install numpy", "pip install torch")), time.monotonic() + 50)
    assert 40 < (uv.limits[1] or 0) <= (uv.limits[0] or 0) <= 50
    asked(monkeypatch, TimeoutError("uv took longer than 50 s"))
    with pytest.raises(TooLongError):
        resolve(recipe(), time.monotonic() - 1)


def test_without_dependencies(monkeypatch: pytest.MonkeyPatch) -> None:
    uv = asked(monkeypatch, WHEEL.format("tensorflow-macos", "2.6.0"))
    resolve(recipe(**MAC, commands=("pip install tensorflow-macos==2.6.0 --no-dependencies",)))
    assert "--no-deps" in uv.commands[0]


def test_a_package_without_a_wheel(monkeypatch: pytest.MonkeyPatch) -> None:
    asked(monkeypatch, WHEEL.format("torch", "1") + SOURCE.format("numpy", "1.19.5"))
    with pytest.raises(
        UnresolvableError, match=r"^no wheel: numpy 1.19.5 has none for aarch64-apple-darwin and Python"
    ):
        resolve(recipe(**MAC))
    asked(monkeypatch, SOURCE.format("clang", "5.0"))
    assert [package.wheel for package in resolve(recipe(**MAC, builds=("clang",)))] == [False]


def test_what_excludes_each_other_is_told_from_what_is_the_machines(monkeypatch: pytest.MonkeyPatch) -> None:
    asked(monkeypatch, InputError("uv pip compile failed: error: No solution found when resolving dependencies: x"))
    with pytest.raises(UnresolvableError, match="No solution found"):
        resolve(recipe())
    asked(monkeypatch, InputError("the disk is full"))
    with pytest.raises(InputError, match="disk is full"):
        resolve(recipe())
    asked(monkeypatch, UnsupportedError("no network"))
    with pytest.raises(UnsupportedError):
        resolve(recipe())


@pytest.fixture
def index() -> Iterator[str]:
    class Index(http.server.BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.send_response(200 if "there" in self.path else 404)
            self.send_header("Content-Length", "1000")
            self.end_headers()

        def log_message(self, *_words: object) -> None: ...

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Index)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def test_how_large_wheels_are(index: str) -> None:
    assert resolving._size(f"{index}/there") == 1000
    assert resolving._size(f"{index}/gone") is None
    assert resolving._size("http://127.0.0.1:1/x") is None


def test_all_sizes_are_known_or_none_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    packages = [Package(name=name, version="1", wheel=True, url=f"https://x.example/{name}") for name in "ab"]
    monkeypatch.setattr(resolving, "_size", lambda _url: 21)
    assert download_bytes(packages) == 42
    monkeypatch.setattr(resolving, "_size", lambda url: 21 if url.endswith("a") else None)
    assert download_bytes(packages) is None
    assert download_bytes([]) is None
    assert download_bytes([Package(name="a", version="1", wheel=True, url="file:///x")]) is None

"""uv's failures as it really prints them (0.13), each told in one sentence with what to do."""

from __future__ import annotations

import threading

import pytest

from suite import installer, process
from suite.errors import EvenmatchError, InputError, UnsupportedError
from suite.installer import UnreachedError

NO_NAME = """\
error: Request failed after 3 retries in 9.3s
  cause: Failed to fetch: https://example.org/whl/cpu/torch/
  cause: error sending request for url (https://example.org/whl/cpu/torch/)
  cause: client error (Connect)
  cause: dns error
  cause: error resolving DNS
  cause: failed to lookup address information: Name or service not known
"""
FULL = """\
error: Failed to download `numpy==2.4.6`
  cause: Failed to extract archive: numpy-2.4.6-cp311-cp311-manylinux_2_28_x86_64.whl
  cause: I/O operation failed during extraction
  cause: failed to write to file `/small/numpy/_multiarray_tests.so`: No space left on device (os error 28)
"""
FULL_WINDOWS = "error: Failed to install: x.whl\n  cause: There is not enough space on the disk. (os error 112)\n"
OTHER_HASH = """\
error: Failed to read `evenmatch-toy==1.0`
  cause: Hash mismatch for `evenmatch-toy==1.0`

Expected:
  sha256:00

Computed:
  sha256:ff
"""
SERVER = """\
error: Failed to fetch: https://example.org/simple/numpy/
  cause: HTTP status server error (503 Service Unavailable) for url (https://example.org/simple/numpy/)
"""


def told(monkeypatch: pytest.MonkeyPatch, printed: str, *options: str) -> EvenmatchError:
    monkeypatch.setattr(process, "run", lambda *_args, **_options: (2, "", printed))
    with pytest.raises(EvenmatchError) as caught:
        installer.uv(["pip", "sync", *options, "lock.txt"])
    assert "\n" not in str(caught.value)
    return caught.value


def test_without_a_name_server_the_place_and_the_last_cause_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    error = told(monkeypatch, NO_NAME)
    assert isinstance(error, UnreachedError)
    assert not error.only_pytorchs
    assert str(error) == (
        "a package index could not be reached; is there a network? uv said: error: Request failed after 3 retries in "
        "9.3s cause: Failed to fetch: https://example.org/whl/cpu/torch/ cause: failed to lookup address information: "
        "Name or service not known"
    )


def test_pytorchs_own_index_is_told_apart_with_what_to_do_without_it(monkeypatch: pytest.MonkeyPatch) -> None:
    error = told(monkeypatch, NO_NAME, "--torch-backend=cpu")
    assert isinstance(error, UnreachedError)
    assert error.only_pytorchs
    assert error.exit_code == 3
    assert "PyTorch's own index, where its build for this profile is, could not be reached" in str(error)
    assert "name a folder that holds that wheel: PIP_FIND_LINKS=DIR" in str(error)


@pytest.mark.parametrize(
    ("printed", "kind", "words"),
    [
        (
            FULL,
            InputError,
            "the disk is full; free some space and run the same command again. uv said: error: Failed to",
        ),
        (
            FULL,
            InputError,
            "cause: failed to write to file `/small/numpy/_multiarray_tests.so`: No space left on device",
        ),
        (FULL_WINDOWS, InputError, "the disk is full"),
        (
            OTHER_HASH,
            InputError,
            "evenmatch-toy==1.0 does not match the hash in its lock lock.txt, so nothing was installed: take the lock",
        ),
        (
            OTHER_HASH,
            InputError,
            "from version control, or make it anew with nox -s lock.",
        ),
        (SERVER, UnsupportedError, "a package index could not be reached"),
    ],
)
def test_what_uv_really_prints_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, printed: str, kind: type[EvenmatchError], words: str
) -> None:
    error = told(monkeypatch, printed)
    assert isinstance(error, kind)
    assert words in str(error)


def test_a_chain_of_causes_is_shortened_to_where_and_why(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "client error (Connect)" not in str(told(monkeypatch, NO_NAME))
    assert "I/O operation failed" not in str(told(monkeypatch, FULL))


def test_of_a_hash_that_does_not_match_no_sums_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "sha256" not in str(told(monkeypatch, OTHER_HASH))
    assert str(told(monkeypatch, "error: Hash mismatch for\n")).startswith("a package does not match the hash in its")
    at_address = OTHER_HASH.replace("`evenmatch-toy==1.0`", "`evenmatch-toy @ https://example.org/simple/x.whl`")
    assert str(told(monkeypatch, at_address)).startswith("evenmatch-toy does not match the hash in its lock lock.txt,")


def test_many_threads_find_uv_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """``sysconfig``, which says where uv is, once gave wrong paths to threads that asked for the first time."""
    busy = threading.Lock()
    found: list[str] = []

    def find() -> str:
        assert busy.acquire(blocking=False), "two threads at once"
        threading.Event().wait(0.01)
        busy.release()
        return "uv"

    monkeypatch.setattr(installer, "_find_uv", find)
    threads = [threading.Thread(target=lambda: found.append(installer._uv_program())) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert found == ["uv"] * 8

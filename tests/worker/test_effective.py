"""What is read back of the process: made-up systems, any text, and this very process."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suite import home, ledger
from suite.worker import effective

GLIBC = ["/usr/lib/x86_64-linux-gnu/libc.so.6", "/usr/lib/x86_64-linux-gnu/libm.so.6", "[heap]"]
POOLS = [
    {"user_api": "blas", "internal_api": "openblas", "num_threads": 2, "version": "0.3.31", "architecture": "Zen"},
    {"user_api": "openmp", "internal_api": "openmp", "num_threads": 4, "prefix": "libgomp", "version": None},
]


@pytest.mark.parametrize(
    ("numbers", "words"),
    [(set(), ""), ({3}, "3"), ({0, 1}, "0-1"), ({0, 1, 2, 8, 10, 11}, "0-2, 8, 10-11")],
)
def test_processors_are_named_by_ranges(numbers: set[int], words: str) -> None:
    assert effective.ranges(numbers) == words


@given(st.sets(st.integers(0, 300)))
def test_ranges_name_every_number_and_no_other(numbers: set[int]) -> None:
    named: set[int] = set()
    for part in filter(None, effective.ranges(numbers).split(", ")):
        first, _, last = part.partition("-")
        named |= set(range(int(first), int(last or first) + 1))
    assert named == numbers


@pytest.mark.parametrize(
    ("files", "name"),
    [
        (GLIBC, "glibc"),
        (["/lib/libc-2.28.so"], "glibc"),
        (["/lib/ld-musl-x86_64.so.1"], "musl"),
        ([*GLIBC, "/opt/lib/libjemalloc.so.2"], "jemalloc"),
        ([*GLIBC, "/usr/lib/libtcmalloc_minimal.so.4"], "tcmalloc"),
        ([*GLIBC, "/usr/lib/libmimalloc.so.2.1"], "mimalloc"),
        ([*GLIBC, "/home/jemalloc/lib/libz.so"], "glibc"),
    ],
)
def test_the_allocator_is_told_by_the_files_of_the_process(files: list[str], name: str) -> None:
    assert effective.allocator(files) == name


@pytest.mark.parametrize("files", [None, [], ["/usr/lib/libSystem.B.dylib"]])
def test_an_allocator_that_cannot_be_told_is_unknown(files: list[str] | None) -> None:
    assert effective.allocator(files).startswith("unknown because ")


@given(st.lists(st.text(max_size=40), max_size=5))
def test_any_list_of_files_has_an_answer(files: list[str]) -> None:
    assert effective.allocator(files)


def test_blas_and_openmp_come_with_their_threads() -> None:
    assert effective.libraries(POOLS, {"OMP_WAIT_POLICY": "PASSIVE"}) == {
        "blas": "openblas 0.3.31 (Zen)",
        "blas_threads": 2,
        "openmp": "libgomp",
        "openmp_threads": 4,
        "openmp_wait_policy": "passive",
    }
    assert effective.libraries(POOLS, {})["openmp_wait_policy"] == "not set"


def test_a_process_without_them_says_so() -> None:
    assert effective.libraries([], {"OMP_WAIT_POLICY": "PASSIVE"}) == {
        "blas": "none that tells",
        "openmp": "none",
        "openmp_wait_policy": "no OpenMP",
    }


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("OMP_NUM_THREADS", "2", "2"),
        ("XLA_FLAGS", "--xla_dump_to=/home/anna/dump --xla_fast", "--xla_dump_to=a folder --xla_fast"),
        ("LD_PRELOAD", "/home/anna/lib/libjemalloc.so.2:/b/libx.so", "…/libjemalloc.so.2:…/libx.so"),
        ("TF_CLI_FILE", "~/anna/x.txt", "…/x.txt"),
        ("TORCH_HOME", "C:\\Users\\anna\\torch", "a folder"),
        ("KMP_AFFINITY", "granularity=fine,compact,1,0", "granularity=fine,compact,1,0"),
    ],
)
def test_variables_that_matter_are_kept_without_paths(name: str, value: str, kept: str) -> None:
    assert effective.environment({name: value, "HOME": "/home/anna", "PYTHONPATH": "/x"}) == {f"env:{name}": kept}


def test_that_no_variable_is_set_is_said() -> None:
    assert effective.environment({"HOME": "/home/anna"}) == {"env": "none set"}


@given(st.text(max_size=60))
def test_no_folder_is_left_of_any_value(value: str) -> None:
    kept = effective.environment({"TF_X": f"{value} /home/anna/{value}"})["env:TF_X"]
    assert "anna/" not in kept
    assert "/home" not in kept.removeprefix(value)


def test_every_family_is_in_the_catalogue() -> None:
    assert all(ledger.entry(f"env:{family}X").known for family in effective.FAMILIES)


def test_this_process_tells_what_the_catalogue_knows() -> None:
    found = effective.settings()
    assert [key for key in found if not ledger.entry(key).known] == []
    assert found["process_threads"] >= 1
    assert found["main_thread_denormals_flushed"] is False
    json.dumps(found, allow_nan=False)


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system pins no process")
def test_affinity_and_variables_are_those_of_the_process() -> None:
    one = min(os.sched_getaffinity(0))
    code = (
        f"import os, json; os.sched_setaffinity(0, {{{one}}})\n"
        "from suite.worker import effective; print(json.dumps(effective.settings()))"
    )
    variables = {"PYTHONPATH": str(home.ROOT), "OMP_NUM_THREADS": "1", "PATH": os.environ["PATH"]}
    done = subprocess.run([sys.executable, "-c", code], env=variables, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    assert found["affinity"] == str(one)
    # KMP_DUPLICATE_LIB_OK, which the library that asks the thread pools sets for itself, is not among them
    assert [key for key in found if key.startswith("env:")] == ["env:OMP_NUM_THREADS"]

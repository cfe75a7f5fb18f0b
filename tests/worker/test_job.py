"""The job that the driver hands to a worker."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suite.errors import InputError
from suite.worker.job import Job

WORD = st.text(st.characters(codec="utf-8"), max_size=20)
JOBS = st.builds(
    Job,
    workload=WORD,
    framework=WORD,
    mode=WORD,
    batch=st.integers(1),
    epochs=st.none() | st.integers(1),
    warmup=st.integers(0),
    steady=st.integers(0),
    threads=st.integers(1),
    data=WORD,
    weights=WORD,
    order=WORD,
    examples=st.integers(1),
    steps_file=WORD,
)


@given(JOBS)
def test_a_job_comes_back_as_it_was(tmp_path_factory: pytest.TempPathFactory, job: Job) -> None:
    path = tmp_path_factory.mktemp("job") / "job.json"
    job.write(path)
    assert Job.read(path) == job


def test_a_missing_job_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"job\.json is missing: the worker's job has to be there"):
        Job.read(tmp_path / "job.json")

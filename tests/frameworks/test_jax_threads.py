"""XLA's threads, which nothing tells of but their names."""

from __future__ import annotations

from pathlib import Path

from suite.frameworks import keras_jax


def task(folder: Path, number: int, name: str | None) -> None:
    (folder / str(number)).mkdir(parents=True)
    if name is not None:
        (folder / str(number) / "comm").write_text(f"{name}\n")


def test_threads_of_the_pool_are_counted_and_one_that_has_just_ended_is_none(tmp_path: Path) -> None:
    for number, name in enumerate(("python", "tf_XLAEigen", "tf_XLAEigen", None)):
        task(tmp_path, number, name)
    assert keras_jax._threads(tmp_path) == 2


def test_a_pool_of_another_name_is_unknown_and_not_none(tmp_path: Path) -> None:
    task(tmp_path, 1, "python")
    assert str(keras_jax._threads(tmp_path)).startswith(
        "unknown because no thread of this process is called tf_XLAEigen"
    )


def test_elsewhere_than_on_linux_it_is_unknown(tmp_path: Path) -> None:
    assert str(keras_jax._threads(tmp_path / "none")).startswith("unknown because JAX does not tell")

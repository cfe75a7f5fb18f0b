"""Devices: what is said of one that is not there, where networks lie, and that the clock waits.

No machine that tests run on has a GPU, so the libraries are faked here: what these tests hold true is which of their
functions is called when, by the names that their documentation gives them. Nothing of it is verified on a GPU.
"""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from suite.errors import UnsupportedError
from suite.frameworks import Device, Stretch, Trainer, device
from suite.frameworks.pytorch import place as torchs
from suite.frameworks.tensorflow import place as tensorflows
from suite.worker.clock import PerfClock


class FakeTorch(SimpleNamespace):
    """As much of torch as is asked about devices."""

    def __init__(self, *, cuda: bool = False, mps: bool = False) -> None:
        self.waited: list[str] = []
        self.__version__ = "2.13.0"
        self.version = SimpleNamespace(cuda="13.0" if cuda else None)
        self.cuda = SimpleNamespace(
            is_available=lambda: cuda,
            device_count=lambda: int(cuda),
            get_device_name=lambda live: f"NVIDIA Made-Up {live.index}",
            synchronize=lambda: self.waited.append("cuda"),
        )
        metal = SimpleNamespace(is_available=lambda: mps, is_built=lambda: mps)
        self.backends = SimpleNamespace(mps=metal)
        self.mps = SimpleNamespace(synchronize=lambda: self.waited.append("mps"))


@pytest.fixture
def torch(monkeypatch: pytest.MonkeyPatch) -> Any:
    def install(**has: bool) -> FakeTorch:
        fake = FakeTorch(**has)
        monkeypatch.setitem(sys.modules, "torch", fake)  # type: ignore[arg-type]
        return fake

    return install


def test_pytorch_refuses_a_gpu_that_it_does_not_find_and_never_takes_another_device(torch: Any) -> None:
    torch(mps=True)
    with pytest.raises(UnsupportedError) as caught:
        torchs.require("PyTorch", "cuda")
    assert str(caught.value) == (
        "PyTorch does not find device cuda, which needs an NVIDIA GPU with its driver, and a build of it for CUDA: "
        "this build, 2.13.0, has no CUDA and Metal, and sees 0 GPUs; see evenmatch doctor, or train on the "
        "processor with --device cpu."
    )
    torch(cuda=True)
    torchs.require("PyTorch", "cuda")
    torchs.require("PyTorch", "cpu")
    with pytest.raises(UnsupportedError, match=r"does not find device metal.*has CUDA 13\.0 and no Metal"):
        torchs.require("PyTorch", "metal")


@pytest.mark.parametrize(("asked", "waited"), [("cpu", []), ("cuda", ["cuda"]), ("metal", ["mps"])])
def test_pytorch_waits_for_the_device_that_computes(torch: Any, asked: Device, waited: list[str]) -> None:
    fake = torch(cuda=True, mps=True)
    torchs.synchronise(asked)
    assert fake.waited == waited


def test_pytorch_tells_where_it_is(torch: Any) -> None:
    torch(cuda=True)
    found = torchs.settings(SimpleNamespace(type="cuda", index=0))
    assert found == {"device": "cuda", "gpus_visible": 1, "device_name": "NVIDIA Made-Up 0"}
    torch()
    assert torchs.settings(SimpleNamespace(type="cpu", index=None)) == {"device": "cpu", "gpus_visible": 0}
    torch(mps=True)
    found = torchs.settings(SimpleNamespace(type="mps", index=0))
    assert (found["device"], found["gpus_visible"]) == ("metal", 1)


def test_weights_that_lie_elsewhere_are_refused() -> None:
    tensors = [SimpleNamespace(device=SimpleNamespace(type=kind)) for kind in ("cuda", "cpu")]
    torchs.refuse_elsewhere("a weight", tensors[:1], "cuda")
    with pytest.raises(UnsupportedError, match=r"^a weight lies on cpu, not on cuda as asked"):
        torchs.refuse_elsewhere("a weight", tensors, "cuda")
    with pytest.raises(UnsupportedError, match=r"^the loss lies on TPU:0, not on cpu"):
        device.refuse_elsewhere("the loss", ["TPU:0"], "cpu")


class FakeTensorFlow(SimpleNamespace):
    """As much of TensorFlow as is asked about devices."""

    def __init__(self, *gpus: str) -> None:
        self.__version__ = "2.21.0"
        self.visible: list[str] | None = None
        self.growing: list[str] = []
        self.waited = 0
        experimental = SimpleNamespace(
            set_memory_growth=lambda gpu, enable: self.growing.append(gpu) if enable else None,
            get_memory_growth=lambda gpu: gpu in self.growing,
            get_device_details=lambda gpu: {"device_name": f"Made-Up {gpu}"},
        )
        self.config = SimpleNamespace(
            list_physical_devices=lambda kind: list(gpus) if kind == "GPU" else [],
            get_visible_devices=lambda _kind: list(gpus) if self.visible is None else self.visible,
            set_visible_devices=self.see,
            experimental=experimental,
        )
        self.test = SimpleNamespace(
            is_built_with_cuda=lambda: bool(gpus), experimental=SimpleNamespace(sync_devices=self.wait)
        )

    def see(self, devices: list[str], _kind: str) -> None:
        self.visible = devices

    def wait(self) -> None:
        self.waited += 1


@pytest.fixture
def tensorflow(monkeypatch: pytest.MonkeyPatch) -> Any:
    def install(*gpus: str, system: str = "Linux") -> FakeTensorFlow:
        fake = FakeTensorFlow(*gpus)
        monkeypatch.setitem(sys.modules, "tensorflow", fake)  # type: ignore[arg-type]
        monkeypatch.setattr("platform.system", lambda: system)
        return fake

    return install


def test_tensorflow_on_the_processor_sees_no_gpu(tensorflow: Any) -> None:
    fake = tensorflow("GPU:0", "GPU:1")
    tensorflows.settle("TensorFlow", "cpu")
    assert fake.visible == []
    assert tensorflows.settings("/device:CPU:0") == {"device": "cpu", "gpus_visible": 0, "memory_growth": "no GPU"}


def test_tensorflow_sees_one_gpu_and_takes_its_memory_as_needed(tensorflow: Any) -> None:
    fake = tensorflow("GPU:0", "GPU:1")
    tensorflows.settle("TensorFlow", "cuda")
    assert fake.visible == ["GPU:0"]
    assert tensorflows.settings("/job:localhost/device:GPU:0")["memory_growth"] is False
    tensorflows.grow_memory()
    assert tensorflows.settings("/job:localhost/device:GPU:0") == {
        "device": "cuda",
        "gpus_visible": 1,
        "device_name": "Made-Up GPU:0",
        "memory_growth": True,
    }


@pytest.mark.parametrize(
    ("gpus", "system", "asked", "told"),
    [
        ((), "Linux", "cuda", "TensorFlow 2.21.0 is not built with CUDA and sees no GPU"),
        (("GPU:0",), "Darwin", "cuda", "sees 1 GPUs for metal"),
        ((), "Darwin", "metal", "sees no GPU"),
        (("GPU:0",), "Linux", "metal", "sees 1 GPUs for cuda"),
    ],
)
def test_tensorflow_refuses_a_gpu_that_it_does_not_find(
    tensorflow: Any, gpus: tuple[str, ...], system: str, asked: Device, told: str
) -> None:
    fake = tensorflow(*gpus, system=system)
    with pytest.raises(UnsupportedError, match=f"^Keras does not find device {asked}, .*{told}"):
        tensorflows.settle("Keras", asked)
    assert fake.visible is None


def test_tensorflow_waits_for_gpus_only(tensorflow: Any) -> None:
    fake = tensorflow("GPU:0", system="Darwin")
    tensorflows.synchronise("cpu")
    assert fake.waited == 0
    tensorflows.synchronise("metal")
    assert fake.waited == 1
    assert tensorflows.ours("/device:GPU:0") == "metal"


class Noting:
    """A trainer that notes what is asked of it; a step's loss is its number."""

    def __init__(self) -> None:
        self.events: list[str] = []

    def train_step(self, _inputs: Any, _labels: Any) -> float:
        self.events.append("step")
        return 1.0

    def synchronise(self) -> None:
        self.events.append("wait")

    def refuse_elsewhere(self, _loss: float) -> None:
        self.events.append("look")


def test_the_clock_ticks_only_after_the_device_was_waited_for() -> None:
    trainer = Noting()

    class Clock(PerfClock):
        def tick(self) -> None:
            trainer.events.append("tick")
            super().tick()

    stretch = Stretch(inputs=(np.zeros((4, 1)),), labels=np.zeros(4), examples=4, batch=2)
    Trainer.train(trainer, stretch, Clock())  # type: ignore[arg-type]
    step = ["step", "wait", "tick"]
    assert trainer.events == ["wait", "tick", *step, *step, "look"]

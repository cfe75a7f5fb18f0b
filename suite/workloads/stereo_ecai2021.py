"""MC-CNN, the fast network, as the ECAI 2021 study trained it on KITTI: how alike are two patches of a stereo pair?

One example is three patches, one from the left image and two from the right, in the channels of one image: one of the
two shows what the left one shows, the other lies some pixels off, and the label says which is which.
Source: Zbontar and LeCun, "Stereo Matching by Training a Convolutional Neural Network to Compare Image Patches" (2016),
section 3.2; constants of its reference implementation for KITTI.
"""

from __future__ import annotations

from suite.layers import Conv2d, Flatten, L2Normalize, Relu, Similarities, Views
from suite.workload import HingeRanking, Matching, MultiStep, PerImage, Sgd, Workload


def _conv(number: int) -> Conv2d:
    return Conv2d(name=f"conv{number}", filters=64, kernel_size=3, stride=1, padding="valid")


_LAYERS = (
    Views(name="views"),
    _conv(1),
    Relu(name="relu1"),
    _conv(2),
    Relu(name="relu2"),
    _conv(3),
    Relu(name="relu3"),
    _conv(4),
    Flatten(name="flatten"),
    L2Normalize(name="normalize", epsilon=1e-12),
    Similarities(name="similarities", views=3),
)

WORKLOADS = (
    Workload(
        name="mc-cnn-fast",
        title="Stereo matching, MC-CNN fast",
        study="ecai2021",
        source="Chirodea et al., ECAI 2021, after Zbontar and LeCun, 2016",
        dataset="kitti",
        examples=17_000_000,
        input_shape=(9, 9, 3),
        input_scaling=PerImage(),
        layers=_LAYERS,
        layer_parameters=(640, 36_928, 36_928, 36_928),
        parameter_count=111_424,
        classes=2,
        weights="glorot-uniform",
        biases="zeros",
        loss=HingeRanking(margin=0.2, reduction="mean"),
        optimizer=Sgd(learning_rate=0.002, momentum=0.9),
        schedule=MultiStep(epochs=(12,), factor=0.1),
        batches=(128,),
        epochs=(14,),
        last_partial_batch="kept",
        evaluation_batch=500,
        matching=Matching(positive_within=1, negative_from=4, negative_to=10, disparities=228),
    ),
)

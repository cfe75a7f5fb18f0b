"""Training loops as one writes them by hand, one file per framework, for every workload at its usual batch.

They are what the suite's own loops are measured against, so they use nothing of the suite, write their constants out,
and do nothing that training does not need. Each has a class ``Loop`` with ``train() -> list of time stamps``, and a
function ``depth_map`` that matches a stereo pair by convolutions and a cost volume.
"""

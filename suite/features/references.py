"""Documents that the table rests on where nothing can be run or read from a package; each with its day."""

from __future__ import annotations

from suite.features.proofs import Reference

DAY = "2026-11-21"

PYTORCH_LANGUAGES = Reference(
    title="PyTorch C++ API: the C++ frontend",
    publisher="PyTorch",
    address="https://docs.pytorch.org/cppdocs/frontend.html",
    date=DAY,
    answer="yes",
    says="Python, and a C++17 frontend with tensors, automatic differentiation, layers, optimisers and data loading",
    brief="Python, C++",
)
TENSORFLOW_LANGUAGES = Reference(
    title="TensorFlow API documentation",
    publisher="TensorFlow",
    address="https://www.tensorflow.org/api_docs",
    date=DAY,
    answer="yes",
    says="Python, JavaScript, C++ and Java; promises of stability for Python alone; others by the community",
    brief="Python, JavaScript, C++, Java",
)
KERAS_LANGUAGES = Reference(
    title="keras3: R interface to Keras",
    publisher="Posit",
    address="https://github.com/rstudio/keras/blob/main/DESCRIPTION",
    date=DAY,
    answer="yes",
    says="Python; from R through the package keras3, which calls Python by reticulate",
    brief="Python, R",
)
PYTORCH_SERVING = Reference(
    title="TorchServe: notice of limited maintenance",
    publisher="PyTorch",
    address="https://docs.pytorch.org/serve/",
    date=DAY,
    answer="no",
    says="PyTorch's own server, TorchServe, is no longer maintained; its repository is archived since 2025-08-07",
    brief="TorchServe unmaintained",
)
PYTORCH_NATIVE = Reference(
    title="AOTInductor: ahead-of-time compilation for exported models",
    publisher="PyTorch",
    address="https://docs.pytorch.org/docs/stable/torch.compiler_aot_inductor.html",
    date=DAY,
    answer="yes",
    says="an exported network can be compiled to a shared library that a C++ program runs without Python",
    brief="shared library for C++",
)
TENSORFLOW_SERVING = Reference(
    title="Serving models",
    publisher="TensorFlow",
    address="https://www.tensorflow.org/tfx/guide/serving",
    date=DAY,
    answer="yes",
    says="TensorFlow Serving, a server meant for production, takes SavedModels",
    brief="TensorFlow Serving",
)
KERAS_EXPORT = Reference(
    title="Model export for inference",
    publisher="Keras",
    address="https://keras.io/api/models/model_saving_apis/export/",
    date=DAY,
    answer="yes",
    says="exports to SavedModel (for TensorFlow Serving), ONNX, OpenVINO and LiteRT",
    brief="four formats",
)
KERAS_DISTRIBUTION = Reference(
    title="Distributed training with Keras 3",
    publisher="Keras",
    address="https://keras.io/guides/distribution/",
    date=DAY,
    answer="yes",
    says="keras.distribution offers data and model parallelism, with the backend's own means underneath",
    brief="keras.distribution",
)
PYTORCH_TUTORIAL = Reference(
    title="Learn the Basics: Quickstart",
    publisher="PyTorch",
    address="https://docs.pytorch.org/tutorials/beginner/basics/quickstart_tutorial.html",
    date=DAY,
    answer="yes",
    says="a beginner's path by the makers, data to saved model, the training loop written out",
    brief="with the loop written out",
)
TENSORFLOW_TUTORIAL = Reference(
    title="TensorFlow 2 quickstart for beginners",
    publisher="TensorFlow",
    address="https://www.tensorflow.org/tutorials/quickstart/beginner",
    date=DAY,
    answer="yes",
    says="a beginner's path by the makers, which uses Keras",
    brief="with Keras",
)
KERAS_TUTORIAL = Reference(
    title="Introduction to Keras for engineers",
    publisher="Keras",
    address="https://keras.io/getting_started/intro_to_keras_for_engineers/",
    date=DAY,
    answer="yes",
    says="a beginner's path by the makers, built-in training by fit",
    brief="with fit",
)

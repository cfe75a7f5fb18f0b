"""evenmatch: PyTorch, TensorFlow and Keras training compared fairly, and checkably so."""

__version__ = "0.1.0"

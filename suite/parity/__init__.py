"""Parity: does a framework, in a mode, compute the training that the workload defines?

The workload's definition is written out in NumPy (:mod:`suite.parity.reference`, :mod:`suite.parity.update`), in
float64 and apart from any framework, so that no framework is the measure of the others. Every framework sits the same
exam (:mod:`suite.parity.questions`, :mod:`suite.worker.exam`), a judge compares its answers with the definition
(:mod:`suite.parity.judge`), and where they differ, explanations are tried until one reproduces what was measured
(:mod:`suite.parity.diagnosis`). Only the standard library and NumPy are used here: workers import it, too.
"""

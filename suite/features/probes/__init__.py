"""What a framework can do, seen by doing it: each probe is a function that is run alone, in a process of its own.

Standard library and one framework only. ``python -m suite.features.probes FRAMEWORK PROBE RESULT`` runs one.
"""

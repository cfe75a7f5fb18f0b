"""The feature tables of three studies, answered anew: every cell with evidence that was seen, read or looked up.

:mod:`suite.features.table` has the rows, :mod:`suite.features.probes` what runs in a framework's own environment,
:mod:`suite.features.probing` runs it, :mod:`suite.features.evidence` keeps what was found.
"""

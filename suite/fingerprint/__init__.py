"""What machine a result came from: small probes, each text in and facts out.

The identity (hardware, operating system, what stands between; hashed into a machine id) is kept apart from volatile
readings (load, clocks, temperatures, free memory), which are read before and after each run. What cannot be read is
"unknown because ...". Nothing here raises, and names of user and host are left out unless asked for.
"""

from suite.fingerprint.describe import describe, format_bytes
from suite.fingerprint.gpu import nvidia_gpus
from suite.fingerprint.machine import identity, machine_id, usable_cores
from suite.fingerprint.probe import is_unknown
from suite.fingerprint.volatile import readings

__all__ = [
    "describe",
    "format_bytes",
    "identity",
    "is_unknown",
    "machine_id",
    "nvidia_gpus",
    "readings",
    "usable_cores",
]

"""How busy this machine is: what training and the language model wait for."""

from __future__ import annotations

import os


def load_per_core() -> float:
    """Runnable processes per core, averaged over a minute: 1.0 is fully busy. 0.0 where the system does not say."""
    try:
        return os.getloadavg()[0] / (os.cpu_count() or 1)
    except (OSError, AttributeError):
        return 0.0


def on_battery() -> bool:
    """True when the machine is known to run on its battery; False on mains power, without a battery and in doubt."""
    import psutil  # 20 ms, only where somebody asks

    try:
        battery = psutil.sensors_battery()
    except (AttributeError, OSError, RuntimeError):
        return False
    return battery is not None and battery.power_plugged is False


def free_memory_mb() -> float:
    """Memory that can be taken without swapping, in MiB."""
    import psutil  # 20 ms, only where somebody asks

    return float(psutil.virtual_memory().available) / 2**20


def own_memory_mb() -> float:
    """Resident memory of this process, in MiB."""
    import psutil  # 20 ms, only where somebody asks

    return float(psutil.Process().memory_info().rss) / 2**20

"""Prometheus' Alertmanager, as Debian keeps it: alone, on loopback, telling nobody anything."""

import shutil
from pathlib import Path

from .missing import missing
from .process import HOST, Service, free_port

CONFIGURATION = """
global:
  resolve_timeout: 5m
route:
  receiver: nobody
receivers:
  - name: nobody
"""


def alertmanager_server(folder: Path) -> Service:
    """An Alertmanager that keeps silences in `folder`; alerts are in its memory only."""
    program = shutil.which("prometheus-alertmanager")
    if program is None:
        missing("alertmanager", "prometheus-alertmanager is not installed")
    port, configuration = free_port(), folder / "alertmanager.yml"
    configuration.write_text(CONFIGURATION)
    options = {
        "config.file": str(configuration),
        "storage.path": str(folder / "data"),
        "web.listen-address": f"{HOST}:{port}",
        "cluster.listen-address": "",  # alone
        "log.level": "warn",
    }
    words = [f"--{name}={value}" for name, value in options.items()]
    return Service(f"http://{HOST}:{port}", port, [program, *words], folder)

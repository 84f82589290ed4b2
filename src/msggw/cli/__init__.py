"""The commands. Each sub-command is loaded when it is called, so that `--version` starts fast."""

from msggw.cli.main import main

__all__ = ["main"]

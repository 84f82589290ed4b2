"""What people and machines see of a running gateway: logs, metrics, health."""

from msggw.observe.health import Health
from msggw.observe.logs import logger, setup_logs
from msggw.observe.metrics import Metrics
from msggw.observe.panguard import guard, masked

__all__ = ["Health", "Metrics", "guard", "logger", "masked", "setup_logs"]

"""The desk: acceptance in groups, waiting for answers, reversals by rule, and the caretaker."""

from msggw.desk.caretaker import Caretaker
from msggw.desk.clock import Clock, moment, system_clock
from msggw.desk.desk import Desk
from msggw.desk.incoming import Incoming
from msggw.desk.intake import LEASE_US
from msggw.desk.journal import entry
from msggw.desk.records import Answer, Records, reason_now
from msggw.desk.reversal import MAY_HAVE_REACHED, NEVER_US, reverse_by_rule
from msggw.desk.work import (
    Wake,
    Work,
    dump_outcome,
    envelope_of,
    numbered,
    open_work,
    seal_wake,
    seal_work,
    work_id,
)

__all__ = [
    "LEASE_US",
    "MAY_HAVE_REACHED",
    "NEVER_US",
    "Answer",
    "Caretaker",
    "Clock",
    "Desk",
    "Incoming",
    "Records",
    "Wake",
    "Work",
    "dump_outcome",
    "entry",
    "envelope_of",
    "moment",
    "numbered",
    "open_work",
    "reason_now",
    "reverse_by_rule",
    "seal_wake",
    "seal_work",
    "system_clock",
    "work_id",
]

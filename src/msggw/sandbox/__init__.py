"""The sandbox: outside systems to try the gateway against, on the real wire protocols.

Each simulator is a process of its own with its own small parser, written apart from the gateway's
codecs, so that the two cannot share a mistake. Faults happen by the amount's last two digits
(`faults.py` has the list) or as the admin interface asks:

    POST /__sim/faults   {"fault": "late", "ms": 500, "operation": "authorise", "times": 1}
    GET  /__sim/faults   the rules in force, and every fault that happened
    GET  /__sim/ledger   everything that was executed, refused and undone
"""

from msggw.sandbox.bank import Bank, serve_bank
from msggw.sandbox.faults import Fault, FaultPlan
from msggw.sandbox.ledger import Entry, Ledger
from msggw.sandbox.visa_host import VisaHost, serve_visa_host

__all__ = [
    "Bank",
    "Entry",
    "Fault",
    "FaultPlan",
    "Ledger",
    "VisaHost",
    "serve_bank",
    "serve_visa_host",
]

"""The one reason table: why a transaction ended as it did, and how each standard says so.

Sources: ISO 8583:1987 DE 39, ISO 8583:1993 action codes, ISO 20022 ExternalStatusReason1Code; the
pairing of the standards is this gateway's own choice, since no official list exists. Several
reasons may share a code (a screening hit must look like an ordinary refusal); reading a code
gives the first row that has it.
"""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from typing import NamedTuple

from msggw.errors import Fault, Rule

__all__ = ["REASONS", "Advice", "Answer", "Reason", "answer_for", "reason_of", "reason_of_faults"]


class Advice(StrEnum):
    """What the receiver of a refusal should do."""

    NONE = "none"
    NEVER = "never"
    LATER = "later"
    FIX = "fix"
    REROUTE = "reroute"
    WAIT = "wait"


class Answer(NamedTuple):
    """One row: the reason in each standard."""

    de39: str
    action_code: str
    status: str
    iso20022: str
    http: int
    advice: Advice
    text: str


class Reason(StrEnum):
    """Every reason this gateway gives or understands."""

    APPROVED = "approved"
    APPROVED_WITH_IDENTIFICATION = "approved_with_identification"
    APPROVED_PARTIAL = "approved_partial"
    REFER_TO_ISSUER = "refer_to_issuer"
    INVALID_MERCHANT = "invalid_merchant"
    PICK_UP_CARD = "pick_up_card"
    DO_NOT_HONOUR = "do_not_honour"
    ERROR = "error"
    IN_PROGRESS = "in_progress"
    INVALID_TRANSACTION = "invalid_transaction"
    INVALID_AMOUNT = "invalid_amount"
    INVALID_CARD = "invalid_card"
    NO_SUCH_ISSUER = "no_such_issuer"
    CUSTOMER_CANCELLATION = "customer_cancellation"
    RE_ENTER = "re_enter"
    NO_ACTION_TAKEN = "no_action_taken"
    ORIGINAL_NOT_FOUND = "original_not_found"
    FORMAT_ERROR = "format_error"
    BANK_NOT_SUPPORTED = "bank_not_supported"
    FRAUD_PICK_UP = "fraud_pick_up"
    RESTRICTED_PICK_UP = "restricted_pick_up"
    INVALID_ACCOUNT = "invalid_account"
    NOT_SUPPORTED = "not_supported"
    LOST_CARD = "lost_card"
    STOLEN_CARD = "stolen_card"
    INSUFFICIENT_FUNDS = "insufficient_funds"
    EXPIRED_CARD = "expired_card"
    WRONG_PIN = "wrong_pin"
    NO_CARD_RECORD = "no_card_record"
    NOT_PERMITTED_CARDHOLDER = "not_permitted_cardholder"
    NOT_PERMITTED_TERMINAL = "not_permitted_terminal"
    SUSPECTED_FRAUD = "suspected_fraud"
    AMOUNT_LIMIT = "amount_limit"
    RESTRICTED_CARD = "restricted_card"
    SECURITY_VIOLATION = "security_violation"
    FREQUENCY_LIMIT = "frequency_limit"
    LATE_RESPONSE = "late_response"
    PIN_TRIES = "pin_tries"
    CUT_OFF = "cut_off"
    ISSUER_UNAVAILABLE = "issuer_unavailable"
    NO_ROUTE = "no_route"
    VIOLATION_OF_LAW = "violation_of_law"
    DUPLICATE = "duplicate"
    SYSTEM_MALFUNCTION = "system_malfunction"
    KYC_LEVEL = "kyc_level"
    SCREENING = "screening"
    TIMED_OUT = "timed_out"
    REVERSED = "reversed"
    PENDING = "pending"
    INCORRECT_ACCOUNT = "incorrect_account"
    CREDITOR_AGENT_UNKNOWN = "creditor_agent_unknown"
    AUTHENTICATION = "authentication"
    CANCELLED = "cancelled"


_R, _A = Reason, Advice

REASONS: dict[Reason, Answer] = {
    _R.APPROVED: Answer("00", "000", "ACSC", "", 200, _A.NONE, "approved"),
    _R.APPROVED_WITH_IDENTIFICATION: Answer(
        "08", "001", "ACCP", "", 200, _A.NONE, "honour with identification"
    ),
    _R.APPROVED_PARTIAL: Answer("10", "002", "ACWC", "", 200, _A.NONE, "approved, partial amount"),
    _R.REFER_TO_ISSUER: Answer("01", "107", "RJCT", "MS03", 200, _A.NEVER, "refer to issuer"),
    _R.INVALID_MERCHANT: Answer("03", "109", "RJCT", "AG01", 200, _A.NEVER, "invalid merchant"),
    _R.PICK_UP_CARD: Answer("04", "200", "RJCT", "AC06", 200, _A.NEVER, "pick up card"),
    _R.DO_NOT_HONOUR: Answer("05", "100", "RJCT", "MS03", 200, _A.NEVER, "do not honour"),
    _R.ERROR: Answer("06", "909", "RJCT", "NARR", 502, _A.LATER, "error at the provider"),
    _R.IN_PROGRESS: Answer("09", "923", "PDNG", "", 202, _A.WAIT, "request in progress"),
    _R.INVALID_TRANSACTION: Answer(
        "12", "902", "RJCT", "AG01", 422, _A.NEVER, "invalid transaction"
    ),
    _R.INVALID_AMOUNT: Answer("13", "110", "RJCT", "AM12", 422, _A.FIX, "invalid amount"),
    _R.INVALID_CARD: Answer("14", "111", "RJCT", "AC01", 200, _A.NEVER, "invalid card number"),
    _R.NO_SUCH_ISSUER: Answer("15", "908", "RJCT", "RC01", 422, _A.REROUTE, "no such issuer"),
    _R.CUSTOMER_CANCELLATION: Answer(
        "17", "160", "RJCT", "CUST", 200, _A.NEVER, "cancelled by the customer"
    ),
    _R.RE_ENTER: Answer("19", "903", "RJCT", "TM01", 200, _A.LATER, "re-enter transaction"),
    _R.NO_ACTION_TAKEN: Answer("21", "921", "RJCT", "NOAS", 200, _A.NEVER, "no action taken"),
    _R.ORIGINAL_NOT_FOUND: Answer("25", "914", "RJCT", "NOOR", 404, _A.NEVER, "original not found"),
    _R.FORMAT_ERROR: Answer("30", "904", "RJCT", "FF01", 422, _A.FIX, "format error"),
    _R.BANK_NOT_SUPPORTED: Answer(
        "31", "905", "RJCT", "RC01", 422, _A.REROUTE, "bank not supported"
    ),
    _R.FRAUD_PICK_UP: Answer(
        "34", "202", "RJCT", "FR01", 200, _A.NEVER, "suspected fraud, pick up"
    ),
    _R.RESTRICTED_PICK_UP: Answer(
        "36", "204", "RJCT", "AC06", 200, _A.NEVER, "restricted card, pick up"
    ),
    _R.INVALID_ACCOUNT: Answer("39", "114", "RJCT", "AC03", 200, _A.NEVER, "no such account"),
    _R.NOT_SUPPORTED: Answer("40", "115", "RJCT", "AG01", 422, _A.NEVER, "function not supported"),
    _R.LOST_CARD: Answer("41", "208", "RJCT", "AC06", 200, _A.NEVER, "lost card"),
    _R.STOLEN_CARD: Answer("43", "209", "RJCT", "AC06", 200, _A.NEVER, "stolen card"),
    _R.INSUFFICIENT_FUNDS: Answer("51", "116", "RJCT", "AM04", 200, _A.LATER, "insufficient funds"),
    _R.EXPIRED_CARD: Answer("54", "101", "RJCT", "AC06", 200, _A.NEVER, "expired card"),
    _R.WRONG_PIN: Answer("55", "117", "RJCT", "DS0H", 200, _A.FIX, "wrong PIN"),
    _R.NO_CARD_RECORD: Answer("56", "118", "RJCT", "AC01", 200, _A.NEVER, "no card record"),
    _R.NOT_PERMITTED_CARDHOLDER: Answer(
        "57", "119", "RJCT", "AG01", 200, _A.NEVER, "not permitted to cardholder"
    ),
    _R.NOT_PERMITTED_TERMINAL: Answer(
        "58", "120", "RJCT", "AG01", 200, _A.NEVER, "not permitted to terminal"
    ),
    _R.SUSPECTED_FRAUD: Answer("59", "102", "RJCT", "FRAD", 200, _A.NEVER, "suspected fraud"),
    _R.AMOUNT_LIMIT: Answer("61", "121", "RJCT", "AM14", 200, _A.FIX, "amount limit exceeded"),
    _R.RESTRICTED_CARD: Answer("62", "104", "RJCT", "AC06", 200, _A.NEVER, "restricted card"),
    _R.SECURITY_VIOLATION: Answer("63", "122", "RJCT", "DS02", 200, _A.NEVER, "security violation"),
    _R.FREQUENCY_LIMIT: Answer(
        "65", "123", "RJCT", "AM21", 200, _A.LATER, "frequency limit exceeded"
    ),
    _R.LATE_RESPONSE: Answer(
        "68", "911", "RJCT", "AB05", 504, _A.NEVER, "response received too late"
    ),
    _R.PIN_TRIES: Answer("75", "106", "RJCT", "AC06", 200, _A.NEVER, "PIN tries exceeded"),
    _R.CUT_OFF: Answer("90", "906", "RJCT", "TM01", 503, _A.LATER, "cut-off in progress"),
    _R.ISSUER_UNAVAILABLE: Answer(
        "91", "912", "RJCT", "AB08", 503, _A.LATER, "issuer or switch inoperative"
    ),
    _R.NO_ROUTE: Answer(
        "92", "908", "RJCT", "RC01", 422, _A.REROUTE, "no route to the destination"
    ),
    _R.VIOLATION_OF_LAW: Answer("93", "124", "RJCT", "RR04", 200, _A.NEVER, "violation of law"),
    _R.DUPLICATE: Answer("94", "913", "RJCT", "AM05", 409, _A.NEVER, "duplicate transmission"),
    _R.SYSTEM_MALFUNCTION: Answer("96", "909", "RJCT", "NARR", 503, _A.LATER, "system malfunction"),
    _R.KYC_LEVEL: Answer("57", "119", "RJCT", "AG01", 200, _A.NEVER, "customer level too low"),
    _R.SCREENING: Answer("05", "100", "RJCT", "MS03", 200, _A.NEVER, "refused"),
    _R.TIMED_OUT: Answer("91", "912", "RJCT", "AB05", 504, _A.LATER, "no answer in time"),
    _R.REVERSED: Answer("68", "911", "RJCT", "AB05", 200, _A.NEVER, "reversed"),
    _R.PENDING: Answer("09", "923", "PDNG", "", 202, _A.WAIT, "accepted, not yet executed"),
    _R.INCORRECT_ACCOUNT: Answer(
        "14", "111", "RJCT", "AC01", 200, _A.NEVER, "incorrect account number"
    ),
    _R.CREDITOR_AGENT_UNKNOWN: Answer(
        "15", "908", "RJCT", "RC04", 422, _A.REROUTE, "creditor agent unknown"
    ),
    _R.AUTHENTICATION: Answer("63", "122", "RJCT", "DS0A", 401, _A.FIX, "authentication failed"),
    _R.CANCELLED: Answer("17", "160", "CANC", "CUST", 200, _A.NEVER, "cancelled"),
}

_RULE_REASONS = {
    Rule.DUPLICATE: Reason.FORMAT_ERROR,
    Rule.SECURITY: Reason.SECURITY_VIOLATION,
    Rule.UNSUPPORTED: Reason.NOT_SUPPORTED,
}


def answer_for(reason: Reason) -> Answer:
    """Return the reason's row."""
    return REASONS[reason]


@cache
def _by_code(column: str) -> dict[str, Reason]:
    table: dict[str, Reason] = {}
    for reason, answer in REASONS.items():
        table.setdefault(getattr(answer, column), reason)
    return table


def reason_of(column: str, code: str, default: Reason) -> Reason:
    """Read a foreign code: `column` is `de39`, `action_code` or `iso20022`."""
    return _by_code(column).get(code, default)


def reason_of_faults(faults: tuple[Fault, ...]) -> Reason:
    """Choose the answer to a refused message: the first fault with a reason of its own, else 30."""
    for fault in faults:
        if fault.rule in _RULE_REASONS:
            return _RULE_REASONS[fault.rule]
    return Reason.FORMAT_ERROR

"""Rows of the components that all payment messages share: agents, parties, accounts, types."""

from __future__ import annotations

from msggw.iso20022.mapping.converters import (
    AMOUNT,
    BIC,
    COUNTRY,
    IBAN,
    LEI,
    TEXT,
    UETR,
    choice,
    either,
)
from msggw.translate import Group, Iso, Row, group, row

__all__ = [
    "account",
    "address",
    "agent",
    "amount",
    "either_agent",
    "either_row",
    "fees",
    "intermediaries",
    "original_references",
    "party",
    "payment_type",
    "text",
]

FEES_MAX = 16
ADDRESS_LINES_MAX = 7


def text(source: str, path: str, clause: str, iso: Iso = TEXT, *, mandatory: bool = False) -> Row:
    """One element, one canonical field."""
    return row(source, path=path, iso=iso, clause=clause, mandatory=mandatory)


def amount(source: str, path: str, clause: str, *, mandatory: bool = False) -> Row:
    """An amount and its currency attribute."""
    return row(source, f"{source}/@Ccy", path=path, iso=AMOUNT, clause=clause, mandatory=mandatory)


def either_row(first: str, second: str, path: str, iso: Iso, clause: str) -> Row:
    """An element that stands in one of two places."""
    return row(f"{first}?", f"{second}?", path=path, iso=either(iso), clause=clause)


def address(source: str, path: str) -> tuple[Row, ...]:
    """PostalAddress24; what the canonical address has no field for stays in the residue."""
    clause = "PostalAddress24"
    return (
        text(f"{source}/StrtNm", f"{path}.street", clause),
        text(f"{source}/BldgNb", f"{path}.building_number", clause),
        text(f"{source}/PstCd", f"{path}.postcode", clause),
        text(f"{source}/TwnNm", f"{path}.town", clause),
        text(f"{source}/CtrySubDvsn", f"{path}.country_subdivision", clause),
        text(f"{source}/Ctry", f"{path}.country", clause, COUNTRY),
        row(
            f"{source}/AdrLine[]",
            path=f"{path}.lines[]",
            iso=TEXT,
            clause=clause,
            limit=ADDRESS_LINES_MAX,
        ),
    )


def agent(source: str, path: str) -> tuple[Row, ...]:
    """BranchAndFinancialInstitutionIdentification6."""
    inner, clause = f"{source}/FinInstnId".lstrip("/"), "FinancialInstitutionIdentification18"
    system = f"{inner}/ClrSysMmbId/ClrSysId"
    dot = f"{path}." if path else ""
    return (
        text(f"{inner}/BICFI", f"{dot}bic", clause, BIC),
        row(
            f"{system}/Cd?",
            f"{system}/Prtry?",
            path=f"{dot}clearing_system",
            iso=choice(5),
            clause=clause,
        ),
        text(f"{inner}/ClrSysMmbId/MmbId", f"{dot}member_id", clause),
        text(f"{inner}/LEI", f"{dot}lei", clause, LEI),
        text(f"{inner}/Nm", f"{dot}name", clause),
        *address(f"{inner}/PstlAdr", f"{dot}address"),
    )


def either_agent(first: str, second: str, path: str) -> tuple[Row, ...]:
    """An agent that stands at group level or at the transaction (ISO InstructingAgentRule)."""
    clause = "FinancialInstitutionIdentification18"
    parts = (("BICFI", "bic", BIC), ("LEI", "lei", LEI), ("ClrSysMmbId/MmbId", "member_id", TEXT))
    return tuple(
        either_row(
            f"{first}/FinInstnId/{name}",
            f"{second}/FinInstnId/{name}",
            f"{path}.{part}",
            iso,
            clause,
        )
        for name, part, iso in parts
    )


def party(source: str, path: str) -> tuple[Row, ...]:
    """PartyIdentification135."""
    clause = "PartyIdentification135"
    return (
        text(f"{source}/Nm", f"{path}.name", clause),
        *address(f"{source}/PstlAdr", f"{path}.address"),
        text(f"{source}/Id/OrgId/AnyBIC", f"{path}.bic", clause, BIC),
        text(f"{source}/Id/OrgId/LEI", f"{path}.lei", clause, LEI),
        either_row(
            f"{source}/Id/OrgId/Othr[1]/Id",
            f"{source}/Id/PrvtId/Othr[1]/Id",
            f"{path}.identification",
            TEXT,
            clause,
        ),
        text(f"{source}/CtryOfRes", f"{path}.country_of_residence", clause, COUNTRY),
    )


def account(source: str, path: str) -> tuple[Row, ...]:
    """CashAccount38."""
    clause = "CashAccount38"
    scheme = f"{source}/Id/Othr/SchmeNm"
    return (
        text(f"{source}/Id/IBAN", f"{path}.iban", clause, IBAN),
        text(f"{source}/Id/Othr/Id", f"{path}.other", clause),
        row(
            f"{scheme}/Cd?", f"{scheme}/Prtry?", path=f"{path}.scheme", iso=choice(4), clause=clause
        ),
        text(f"{source}/Ccy", f"{path}.currency", clause),
        text(f"{source}/Nm", f"{path}.name", clause),
    )


def payment_type(source: str) -> tuple[Row, ...]:
    """PaymentTypeInformation28."""
    clause = "PaymentTypeInformation28"
    parts = (("SvcLvl[1]", "service_level", 4), ("LclInstrm", "local_instrument", 35))
    return (
        text(f"{source}/InstrPrty", "purpose.priority", clause),
        *(
            row(
                f"{source}/{name}/Cd?",
                f"{source}/{name}/Prtry?",
                path=f"purpose.{part}",
                iso=choice(length),
                clause=clause,
            )
            for name, part, length in (*parts, ("CtgyPurp", "category", 4))
        ),
    )


def fees(source: str) -> Group:
    """Charges7: amount and the agent that takes it."""
    return group(
        f"{source}/ChrgsInf[]",
        path="amounts.fees",
        rows=(amount("Amt", "amount", "Charges7"), *agent("Agt", "agent")),
        limit=FEES_MAX,
    )


def intermediaries(source: str) -> Group:
    """IntrmyAgt1 to IntrmyAgt3."""
    return group(f"{source}/IntrmyAgt{{}}", path="intermediary_agents", rows=agent("", ""), limit=3)


def original_references(source: str, above: str) -> tuple[Row, ...]:
    """Name the payment a message is about: at the transaction, or `above` it."""
    clause = "OriginalGroupInformation29"
    names = (("OrgnlMsgId", "message_id"), ("OrgnlMsgNmId", "message_name"))
    references = (
        ("OrgnlInstrId", "instruction_id"),
        ("OrgnlEndToEndId", "end_to_end_id"),
        ("OrgnlTxId", "transaction_id"),
    )
    return (
        *(
            either_row(f"{source}/OrgnlGrpInf/{n}", f"{above}/{n}", f"original.{p}", TEXT, clause)
            for n, p in names
        ),
        *(text(f"{source}/{n}", f"original.{p}", clause) for n, p in references),
        text(f"{source}/OrgnlUETR", "original.uetr", clause, UETR),
    )

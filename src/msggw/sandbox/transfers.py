"""The simulated bank's own minimal ISO 20022: what it reads from requests and how it answers.

Nothing is shared with `msggw.iso20022`. Reading is by local names, as careless systems do; writing
follows the schemas of pacs.002.001.10, camt.029.001.09, admi.002.001.01 and head.001.001.02.
"""

from __future__ import annotations

from dataclasses import dataclass
from xml.sax.saxutils import escape

from lxml import etree

__all__ = [
    "Instruction",
    "Message",
    "Unreadable",
    "Verdict",
    "read",
    "write_refusal",
    "write_report",
]

_ITEMS = {
    "pacs.008": "CdtTrfTxInf",
    "pacs.004": "TxInf",
    "pacs.028": "TxInf",
    "camt.056": "TxInf",
}


class Unreadable(Exception):
    """Not a message that this bank takes."""


@dataclass(frozen=True)
class Instruction:
    """One transaction of a message; `original` says that the references are of an earlier one."""

    instruction_id: str
    end_to_end_id: str
    transaction_id: str
    uetr: str
    amount: str
    currency: str
    original_message_id: str


@dataclass(frozen=True)
class Message:
    """What the bank understood."""

    name: str
    message_id: str
    sender: str
    receiver: str
    business_id: str
    root: str
    """The name of the root element if header and document had one, in Clark notation."""
    instructions: tuple[Instruction, ...]

    @property
    def kind(self) -> str:
        """`pacs.008` of `pacs.008.001.08`."""
        return self.name[:8]


@dataclass(frozen=True)
class Verdict:
    """The status of one instruction."""

    instruction: Instruction
    status: str
    reason: str = ""


def read(data: bytes) -> Message:
    """Read a message; raise `Unreadable`."""
    try:
        tree = etree.fromstring(data, _parser())
    except etree.XMLSyntaxError:
        raise Unreadable("no XML") from None
    document = _first(tree, "Document")
    if document is None:
        raise Unreadable("no Document")
    name = str(etree.QName(document).namespace or "").rpartition(":")[2]
    item = _ITEMS.get(name[:8])
    if item is None:
        raise Unreadable("no message for this bank")
    header = _first(tree, "AppHdr")
    body = document[0]
    return Message(
        name=name,
        message_id=_text(body, "MsgId") or _text(body, "Id"),
        sender=_agent(header, "Fr") or _agent(body, "InstgAgt"),
        receiver=_agent(header, "To") or _agent(body, "InstdAgt"),
        business_id=_text(header, "BizMsgIdr"),
        root="" if tree is document else str(tree.tag),
        instructions=tuple(_instruction(part) for part in body.iter(f"{{*}}{item}")),
    )


def write_report(
    message: Message, verdicts: list[Verdict], *, message_id: str, created_at: str
) -> bytes:
    """Write pacs.002, or camt.029 for a request to cancel."""
    if message.kind == "camt.056":
        name, body = "camt.029.001.09", _resolution(message, verdicts, message_id, created_at)
    else:
        name, body = "pacs.002.001.10", _status(message, verdicts, message_id, created_at)
    return _wrapped(message, name, body, message_id, created_at)


def write_refusal(*, reference: str, created_at: str) -> bytes:
    """Write admi.002 for what is no message."""
    return (
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:admi.002.001.01"><admi.002.001.01>'
        f"<RltdRef><Ref>{escape(reference)}</Ref></RltdRef>"
        f"<Rsn><RjctgPtyRsn>FF01</RjctgPtyRsn><RjctnDtTm>{created_at}</RjctnDtTm></Rsn>"
        "</admi.002.001.01></Document>"
    ).encode()


def _status(message: Message, verdicts: list[Verdict], message_id: str, created_at: str) -> str:
    items = "".join(
        "<TxInfAndSts>"
        + _group(verdict.instruction.original_message_id or message.message_id, message.name)
        + _references(verdict.instruction)
        + f"<TxSts>{verdict.status}</TxSts>"
        + _reason("StsRsnInf", verdict.reason)
        + "</TxInfAndSts>"
        for verdict in verdicts
    )
    head = f"<GrpHdr><MsgId>{message_id}</MsgId><CreDtTm>{created_at}</CreDtTm></GrpHdr>"
    return f"<FIToFIPmtStsRpt>{head}{items}</FIToFIPmtStsRpt>"


def _resolution(message: Message, verdicts: list[Verdict], message_id: str, created_at: str) -> str:
    items = "".join(
        "<TxInfAndSts>"
        + _group(verdict.instruction.original_message_id or message.message_id, "pacs.008.001.08")
        + _references(verdict.instruction)
        + f"<TxCxlSts>{'ACCR' if verdict.status == 'CNCL' else verdict.status}</TxCxlSts>"
        + _reason("CxlStsRsnInf", verdict.reason)
        + "</TxInfAndSts>"
        for verdict in verdicts
    )
    whole = verdicts[0].status if verdicts else "RJCR"
    assignment = (
        f"<Assgnmt><Id>{message_id}</Id>{_party('Assgnr', message.receiver)}"
        f"{_party('Assgne', message.sender)}<CreDtTm>{created_at}</CreDtTm></Assgnmt>"
    )
    return (
        f"<RsltnOfInvstgtn>{assignment}<Sts><Conf>{whole}</Conf></Sts>"
        f"<CxlDtls>{items}</CxlDtls></RsltnOfInvstgtn>"
    )


def _group(message_id: str, name: str) -> str:
    return (
        f"<OrgnlGrpInf><OrgnlMsgId>{escape(message_id)}</OrgnlMsgId>"
        f"<OrgnlMsgNmId>{escape(name)}</OrgnlMsgNmId></OrgnlGrpInf>"
    )


def _references(item: Instruction) -> str:
    named = {
        "OrgnlInstrId": item.instruction_id,
        "OrgnlEndToEndId": item.end_to_end_id,
        "OrgnlTxId": item.transaction_id,
        "OrgnlUETR": item.uetr,
    }
    return "".join(f"<{tag}>{escape(text)}</{tag}>" for tag, text in named.items() if text)


def _reason(tag: str, code: str) -> str:
    if not code:
        return ""
    more = "<AddtlInf>simulated</AddtlInf>" if code == "NARR" else ""
    return f"<{tag}><Rsn><Cd>{code}</Cd></Rsn>{more}</{tag}>"


def _party(tag: str, bic: str) -> str:
    agent = f"<Agt><FinInstnId><BICFI>{escape(bic)}</BICFI></FinInstnId></Agt>"
    return f"<{tag}>{agent}</{tag}>"


def _wrapped(message: Message, name: str, body: str, message_id: str, created_at: str) -> bytes:
    document = f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:{name}">{body}</Document>'
    if not (message.business_id and message.root):
        return document.encode()

    def party(tag: str, bic: str) -> str:
        agent = f"<FIId><FinInstnId><BICFI>{escape(bic)}</BICFI></FinInstnId></FIId>"
        return f"<{tag}>{agent}</{tag}>"

    header = (
        '<AppHdr xmlns="urn:iso:std:iso:20022:tech:xsd:head.001.001.02">'
        f"{party('Fr', message.receiver)}{party('To', message.sender)}"
        f"<BizMsgIdr>{message_id}</BizMsgIdr><MsgDefIdr>{name}</MsgDefIdr>"
        f"<CreDt>{created_at}</CreDt></AppHdr>"
    )
    root = etree.QName(message.root)
    space = f' xmlns="{escape(root.namespace)}"' if root.namespace else ""
    tag = root.localname
    return f"<{tag}{space}>{header}{document}</{tag}>".encode()


def _instruction(part: etree._Element) -> Instruction:
    amount = _first(part, "IntrBkSttlmAmt")
    if amount is None:
        amount = _first(part, "RtrdIntrBkSttlmAmt")
    return Instruction(
        instruction_id=_text(part, "InstrId") or _text(part, "OrgnlInstrId"),
        end_to_end_id=_text(part, "EndToEndId") or _text(part, "OrgnlEndToEndId"),
        transaction_id=_text(part, "TxId") or _text(part, "OrgnlTxId"),
        uetr=_text(part, "UETR") or _text(part, "OrgnlUETR"),
        amount="" if amount is None else str(amount.text),
        currency="" if amount is None else str(amount.get("Ccy", "")),
        original_message_id=_text(part, "OrgnlMsgId"),
    )


def _parser() -> etree.XMLParser[etree._Element]:
    return etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True)


def _first(node: etree._Element, name: str) -> etree._Element | None:
    return next(node.iter(f"{{*}}{name}"), None)


def _text(node: etree._Element | None, name: str) -> str:
    found = None if node is None else _first(node, name)
    return "" if found is None else str(found.text or "")


def _agent(node: etree._Element | None, name: str) -> str:
    party = None if node is None else _first(node, name)
    return "" if party is None else _text(party, "BICFI")

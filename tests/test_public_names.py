"""What each package offers is pinned: a name comes or goes on purpose, and never by accident."""

from __future__ import annotations

import importlib
import pkgutil

import pytest

import msggw
import msggw_adapters

PUBLIC = {
    "msggw.adapter": """
        Adapter Cancels Capabilities Context Factory Health HealthStatus Inquires Operation
        QuotesFees Reverses Submission
    """,
    "msggw.app": "Core Gateway Worker build_core build_gateway build_worker load_policy",
    "msggw.broker": """
        Broker Done Handler Item MemoryBroker OnPark Park RabbitBroker ReplyHandler Retry
        Subscription Topology Verdict open_broker
    """,
    "msggw.canonical": """
        CARD_KINDS FINAL REASONS TRANSITIONS Account Acquirer Address Advice Agent Amounts
        Answer Card Customer Envelope Event ExchangeRate Fee Kind Merchant Original Outcome
        OutcomeKind Party Purpose Reason References Residue SealedPan Settlement Source Standard
        State Terminal Transaction after answer_for build dump parse reason_of reason_of_faults
        schema
    """,
    "msggw.cli": "main",
    "msggw.config": "Bind Link Settings load_settings masked_url",
    "msggw.desk": """
        LEASE_US MAY_HAVE_REACHED NEVER_US Answer Caretaker Clock Desk Incoming Records Wake
        Work dump_outcome entry envelope_of moment numbered open_work reason_now reverse_by_rule
        seal_wake seal_work system_clock work_id
    """,
    "msggw.errors": """
        ConfigurationError Conflict Fault GatewayError Location Refused Rule Unavailable
        Unroutable
    """,
    "msggw.ingress": "HttpServer LinkServer Parts authenticate build_app new_key ops_app",
    "msggw.iso20022": """
        LIMITS MAPPINGS RULES BusinessRule Header Identity Incoming Limits Profile Report Status
        answer build_camt056 build_pacs004 build_pacs008 build_pacs028 describe from_canonical
        identify losses parse_camt029 parse_pacs002 read refuse
        status_of to_canonical validate
    """,
    "msggw.iso8583": """
        ECHOED Codec Composite FieldSpec Message Spec mti_is_repeat mti_is_request
        mti_is_response repeat_mti response_mti
    """,
    "msggw.keys": "FileKeys Keys Purpose at_rest in_transit open_transaction",
    "msggw.lifecycle": "run_until_stopped running",
    "msggw.observe": "Health Metrics guard logger masked setup_logs",
    "msggw.pipeline": """
        STAGES Decision Earlier Effect Facts Flow OriginalFact Policy card_message_key
        fingerprint_material match_keys original_keys run velocity_subject
    """,
    "msggw.reply": "answered_at as_json provider_outcome status_for timeline",
    "msggw.resources": "find",
    "msggw.routing": "Route RouteTable",
    "msggw.sandbox": "Bank Entry Fault FaultPlan Ledger VisaHost serve_bank serve_visa_host",
    "msggw.screening": """
        AmountLimit Finding NameHit NameList Rulebook Window check_amount check_kyc check_names
        check_velocity
    """,
    "msggw.store": """
        ApiKey Attempt AttemptStart Change Claim Found JournalEntry JournalRow LookUp Move
        Outbox OutboxRow Parked Partner Result Store Stored UsageOf Verdict
    """,
    "msggw.translate": """
        TEXT Context Group Iso Loss LossKind Reading Row Severity Table code_table group row
        simple
    """,
    "msggw.values": """
        ApprovalCode Asset Bic CardVerificationCode Code Country CountryNumeric Currency Iban
        InstitutionId Lei MerchantCategoryCode MerchantId Money Pan PartnerId PinBlock
        ProcessingCode ResponseCode Rrn Secret SecretBytes Stan TerminalId Track1 Track2
        TransactionId Uetr
    """,
    "msggw.worker": "Consumer",
    "msggw_adapters.bank": "Bank Settings create",
    "msggw_adapters.visa": "Settings Visa create",
}


@pytest.mark.parametrize("package", PUBLIC)
def test_the_public_names_are_these(package: str) -> None:
    """`__all__` is what is pinned here; each name is there, and none is private."""
    names = importlib.import_module(package).__all__

    assert PUBLIC[package].split() == list(names)
    assert [] == [name for name in names if not hasattr(importlib.import_module(package), name)]
    assert [] == [name for name in names if name.startswith("_")]
    assert len(set(names)) == len(names)


def test_every_package_says_what_it_offers() -> None:
    """Each package and module at the top is pinned; `__main__` only starts the program."""
    found = [
        module.name
        for root in (msggw, msggw_adapters)
        for module in pkgutil.iter_modules(root.__path__, f"{root.__name__}.")
    ]

    assert list(PUBLIC) == [name for name in found if name != "msggw.__main__"]

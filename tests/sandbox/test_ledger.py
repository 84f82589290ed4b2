from __future__ import annotations

import json

from msggw.sandbox.ledger import Entry, Ledger


def entry(number: int, reference: str = "r") -> Entry:
    """An entry of its own."""
    return Entry(f"k{number}", "booked", "authorise", 100, "398", reference)


def test_entries_are_found_by_key_and_reference() -> None:
    """Oldest first under one reference."""
    ledger = Ledger(None, lambda: 0.0)
    first, second = entry(1), entry(2)
    ledger.add(first)
    ledger.add(second)
    assert (first, [first, second], None, []) == (
        ledger.get("k1"),
        ledger.find("r"),
        ledger.get("k3"),
        ledger.find("s"),
    )


def test_the_oldest_entry_goes_first() -> None:
    """The ledger is bounded; counts are not lost with the entries."""
    ledger = Ledger(None, lambda: 0.0, entries_max=2)
    for number in range(3):
        ledger.add(entry(number))
    assert [item["key"] for item in ledger.as_dict()["entries"]] == ["k1", "k2"]
    assert [item.key for item in ledger.find("r")] == ["k1", "k2"]
    assert ledger.as_dict()["events"] == {"booked": 3}


def test_each_event_is_a_line_at_once(tmp_path) -> None:
    """Nothing waits in a buffer; an existing file is continued."""
    path = tmp_path / "ledger.jsonl"
    for number in (1, 2):
        ledger = Ledger(path, lambda: 12.5)
        ledger.add(entry(number))
        ledger.move(ledger.find("r")[0], "reversed")
        ledger.again(ledger.find("r")[0])
        lines = [json.loads(line) for line in path.read_text().splitlines()]
        assert len(lines) == 3 * number
        ledger.close()
    found = [(line["event"], line["key"], line["at"]) for line in lines[:3]]
    assert found == [(event, "k1", 12.5) for event in ("booked", "reversed", "asked_again")]

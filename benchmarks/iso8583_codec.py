"""The ISO 8583 codec against pyiso8583: the same messages, in one run, in interleaved rounds.

M1 is a 25-field ASCII 0100, M2 a 0200 with packed digits and chip data, M3 a 0800. "Decode" takes
every field out; "lazy" is what the session does: the type and five key fields, after the same full
validation. "New bitmaps" is a stream in which no bitmap comes twice. Encoding starts from a message
built by hand, never from one that still has its wire bytes.

The limits are judged on M1. M2 pays for the check of its chip data, which pyiso8583 does not do,
and M3 has four fields, so there is little to win.
"""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Callable
from random import Random
from statistics import median
from time import process_time
from typing import Any

import iso8583

from benchmarks.result import at_least, judged
from msggw.iso8583 import Codec, Message
from msggw.iso8583.interop import pyiso

ROUNDS = 15
CALLS = 400
NEW_BITMAPS = 2000
DECODE_MIN, ENCODE_MIN, LAZY_MIN, NEW_MIN = 7.0, 10.0, 20.0, 1.0

PAN = "4111111111111111"
M1 = {
    "2": PAN,
    "3": "000000",
    "4": "000000001050",
    "7": "0101120000",
    "11": "000001",
    "12": "120000",
    "13": "0101",
    "14": "2512",
    "18": "5411",
    "22": "051",
    "23": "001",
    "25": "00",
    "26": "12",
    "32": "12345678901",
    "33": "12345678901",
    "35": PAN + "=25121010000000000000",
    "37": "123456789012",
    "38": "123456",
    "39": "00",
    "41": "TERM0001",
    "42": "MERCHANT0000001",
    "43": "ACME STORE               ALMATY       KZ",
    "48": "HELLO WORLD",
    "49": "398",
    "102": "ACCOUNT1",
}
ICC = bytes.fromhex(
    "9F2608C2A1B0D3E4F506179F2701809F10120110A00003220000000000000000000000FF9F3704A1B2C3D4"
    "9F36020123950500000080009A032401019C01009F02060000000010505F2A02039882023900"
    "9F1A0203989F03060000000000009F3303E0F8C89F34034103029F3501229F1E0831323334353637388407A000"
    "00000310109F090200969F4104000000015F340101"
)
M2 = {
    "2": PAN,
    "3": "000000",
    "4": "000000001050",
    "7": "0101120000",
    "11": "000001",
    "12": "120000",
    "13": "0101",
    "14": "2512",
    "18": "5411",
    "19": "398",
    "22": "051",
    "23": "001",
    "25": "00",
    "26": "12",
    "32": "12345678901",
    "49": "398",
    "60": "000000000000",
    "35": PAN + "=2512101000000000000",
    "37": "123456789012",
    "41": "TERM0001",
    "42": "MERCHANT0000001",
    "43": "ACME STORE               ALMATY       KZ",
    "52": bytes(range(8)),
    "55": ICC,
}
M3 = {"7": "0101120000", "11": "000001", "37": "123456789012", "70": "301"}
KEYS = ("7", "11", "37", "41", "70")
MESSAGES = {
    "M1": ("iso87-ascii", "0100", M1),
    "M2": ("iso87-binary", "0200", M2),
    "M3": ("iso87-ascii", "0800", M3),
}


def run() -> dict[str, Any]:
    """Measure, judge and return one JSON-able document."""
    decode, encode, lazy, seconds = {}, {}, {}, {}
    for name, (dialect, mti, fields) in MESSAGES.items():
        measured = compare(dialect, mti, fields)
        seconds[name] = {one: round(took * 1e6, 2) for one, took in measured["us"].items()}
        decode[name], encode[name] = measured["decode"], measured["encode"]
        lazy[name] = measured["lazy"]
    return judged(
        {
            "microseconds": seconds,
            "decode": decode,
            "encode": encode,
            "lazy": lazy,
            "memory": memory(),
        },
        at_least("decode_ratio", decode["M1"], DECODE_MIN),
        at_least("encode_ratio", encode["M1"], ENCODE_MIN),
        at_least("lazy_ratio", lazy["M1"], LAZY_MIN),
        at_least("new_bitmaps_ratio", new_bitmaps(), NEW_MIN),
    )


def compare(dialect: str, mti: str, fields: dict[str, Any]) -> dict[str, Any]:
    """Interleave the rounds of both libraries and return the medians of their ratios."""
    codec, theirs = both(dialect)
    built = Message(mti, {number: fields[number] for number in sorted(fields, key=int)})
    data = codec.encode(built)
    document, _ = iso8583.decode(data, theirs)
    jobs: dict[str, Callable[[], object]] = {
        "pyiso8583 decode": lambda: iso8583.decode(data, theirs),
        "pyiso8583 encode": lambda: iso8583.encode(document, theirs),
        "decode": lambda: codec.decode(data).plain,
        "lazy": lambda: keys(codec, data),
        "encode": lambda: codec.encode(built),
    }
    took: dict[str, list[float]] = {name: [] for name in jobs}
    for _ in range(ROUNDS):
        for name, job in jobs.items():
            took[name].append(timed(job, CALLS) / CALLS)
    return {
        "us": {name: min(values) for name, values in took.items()},
        "decode": ratio(took["pyiso8583 decode"], took["decode"]),
        "lazy": ratio(took["pyiso8583 decode"], took["lazy"]),
        "encode": ratio(took["pyiso8583 encode"], took["encode"]),
    }


def both(dialect: str) -> tuple[Codec, dict[str, Any]]:
    """The codec of a dialect and the same dialect for pyiso8583, without signed amounts."""
    spec = Codec.load(dialect).spec
    fields = {number: one for number, one in spec.fields.items() if one.kind != "x+n"}
    codec = Codec(type(spec)(**{**vars(spec), "fields": fields}))
    return codec, pyiso.to_spec(codec.spec)


def keys(codec: Codec, data: bytes) -> tuple[str, tuple[str, ...]]:
    """What the session reads of every message."""
    message = codec.decode(data)
    return message.mti, message.texts(KEYS)


def timed(job: Callable[[], object], calls: int) -> float:
    """Processor seconds of so many calls."""
    started = process_time()
    for _ in range(calls):
        job()
    return process_time() - started


def ratio(theirs: list[float], ours: list[float]) -> float:
    """The median of the ratios of the rounds."""
    return round(median(t / o for t, o in zip(theirs, ours, strict=True)), 2)


def new_bitmaps() -> float:
    """The ratio over a stream in which every bitmap is new to a fresh codec."""
    codec, theirs = both("iso87-ascii")
    random = Random(8583)  # noqa: S311 - test data
    numbers = sorted(set(M1) - {"2", "35"}, key=int)
    stream = {}
    while len(stream) < NEW_BITMAPS:
        chosen = tuple(random.sample(numbers, random.randint(8, len(numbers))))
        message = Message("0100", {number: M1[number] for number in chosen})
        stream[frozenset(chosen)] = codec.encode(message)
    fresh, _ = both("iso87-ascii")
    frames = list(stream.values())
    ours = timed_each(lambda data: fresh.decode(data).plain, frames)
    return round(timed_each(lambda data: iso8583.decode(data, theirs), frames) / ours, 2)


def timed_each(job: Callable[[bytes], object], frames: list[bytes]) -> float:
    """Processor seconds of one call for each frame."""
    started = process_time()
    for data in frames:
        job(data)
    return process_time() - started


def memory(kept: int = 500) -> dict[str, float]:
    """Bytes that one kept M1 takes, and the whole cache after as many shapes as it may hold."""
    codec, theirs = both("iso87-ascii")
    frames = [bytes(codec.encode(Message("0100", M1))) for _ in range(kept)]
    for data in frames[:100]:
        codec.decode(data)
    return {
        "decoded_bytes": grown(lambda: [codec.decode(data) for data in frames]) / kept,
        "pyiso8583_bytes": grown(lambda: [iso8583.decode(data, theirs) for data in frames]) / kept,
        "shapes_max": 256,
        "cache_bytes": grown(fill_shapes),
    }


def fill_shapes() -> Codec:
    """A codec whose cache of shapes is full."""
    codec = Codec(Codec.load("iso87-ascii").spec, hits_before_shape=1)
    for one in range(1, 18):
        for other in range(1, 18):
            fields = {**M1, "102": "1" * one, "103": "2" * other}
            codec.decode(codec.encode(Message("0100", fields)))
    return codec


def grown(make: Callable[[], object]) -> float:
    """Bytes that stay allocated while the result is kept."""
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        kept = make()
        after, _ = tracemalloc.get_traced_memory()
        del kept
        return float(after - before)
    finally:
        tracemalloc.stop()


if __name__ == "__main__":
    print(json.dumps(run(), indent=2))

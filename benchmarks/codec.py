"""How fast payment codes are read and written on one core.

    python -m benchmarks.codec

Codes like those we print (account, amount, memo) and those found in the streets, read and
written in one thread. Prints the rate and, where it misses its target, MISSED; the exit status
is 1 then.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from payments.vietqr.codec import build, decode, encode

PER_SECOND = 40_000
SECONDS = 1.0
ROUNDS = 3
# VNPAY-QR of a shop, MoMo's VietQR with its odd field 80, and a code with every label filled.
FOUND = (
    "00020101021126280010A0000007750110010531314453037045408210900005802VN5910CELLPHONES62600312"
    "CPSHN ONLINE0517021908061613127850705ONLHN0810CellphoneS63047685",
    "00020101021138620010A00000072701320006970454011899MM24011M348750800208QRIBFTTA53037045802VN"
    "62190515MOMOW2W3487508080030466304EBC8",
    "00020101021238500010A000000727012200069704160108123456780206QRPUSH52045812530370454061200005"
    "802VN5917CUA HANG TIEN LOI6006HA NOI61051000062860107B123456021003900000010307NPS68690402100"
    "503abc0605C11230706aac1230809pay a box0901A64260002en0107Shop VN0205Hanoi63041F97",
)

Given = TypeVar("Given")


def main() -> bool:
    """Measure and print the table; return whether every figure was met."""
    ours = [
        encode(build("970436", f"{1_000_000_000 + 7 * number}", 5_000 * number, f"PC{number}X7K2"))
        for number in range(1, 101)
    ]
    texts = [*ours, *FOUND * 5]
    payloads = [decode(text) for text in texts]
    assert [encode(payload) for payload in payloads] == texts
    print(f"{'what':<34}{'per second':>12}{'wanted':>12}")
    met = _row("payment codes written", _rate(encode, payloads))
    met &= _row("payment codes read", _rate(decode, texts))
    return met


def _rate(call: Callable[[Given], object], given: Sequence[Given]) -> int:
    """Return calls a second, the middle one of several rounds."""
    rates: list[float] = []
    for _round in range(ROUNDS):
        done = 0
        started = time.perf_counter()
        while time.perf_counter() - started < SECONDS:
            for each in given:
                call(each)
            done += len(given)
        rates.append(done / (time.perf_counter() - started))
    return int(sorted(rates)[ROUNDS // 2])


def _row(what: str, rate: int) -> bool:
    met = rate >= PER_SECOND
    wanted = f"≥ {PER_SECOND:,}"
    print(f"{what:<34}{rate:>12,}{wanted:>12}{'' if met else '  MISSED'}", flush=True)
    return met


if __name__ == "__main__":
    sys.exit(0 if main() else 1)

from __future__ import annotations

import pytest

from foundation.crypto import CannotDecrypt, decrypt, encrypt, keyed_hash, same

KEY, OTHER = "k" * 40, "o" * 40


def test_what_was_encrypted_can_be_read_again_and_never_looks_the_same() -> None:
    first, second = encrypt("079123456789 Đặng", KEY), encrypt("079123456789 Đặng", KEY)
    assert first != second
    assert "079" not in first
    assert decrypt(first, KEY) == decrypt(second, KEY) == "079123456789 Đặng"


@pytest.mark.parametrize("damage", ["", "nonsense", "cut"])
def test_a_wrong_key_or_a_changed_text_is_refused(damage: str) -> None:
    text = encrypt("secret", KEY)
    with pytest.raises(CannotDecrypt):
        decrypt(text, OTHER)
    with pytest.raises(CannotDecrypt):
        decrypt(text[:-4] if damage == "cut" else damage, KEY)


def test_a_keyed_hash_depends_on_text_and_key_alone() -> None:
    assert keyed_hash("0912345678", KEY) == keyed_hash("0912345678", KEY)
    assert keyed_hash("0912345678", KEY) != keyed_hash("0912345678", OTHER)
    assert keyed_hash("0912345678", KEY) != keyed_hash("0912345679", KEY)
    assert len(keyed_hash("0912345678", KEY)) == 64


def test_secrets_are_compared_whole() -> None:
    assert same("abc", "abc")
    assert not same("abc", "abđ")
    assert not same("abc", "abcd")

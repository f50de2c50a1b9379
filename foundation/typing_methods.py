"""Reading Vietnamese that was typed with the keyboard program switched off (Telex or VNI).

Someone who searches for "dduwowngf" or "ru7o7u5" meant "đường" and "rượu". The decoder plays
back the keys word by word and then asks whether every result is a possible Vietnamese syllable.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Final

_TONES: Final = {"s": "\u0301", "f": "\u0300", "r": "\u0309", "x": "\u0303", "j": "\u0323", "z": ""}
# Every VNI key has a Telex twin; 6, 7, 8 and 9 name the mark and look for the letter themselves.
_VNI_TONES: Final = dict(zip("123450", "sfrxjz", strict=True))
_CIRCUMFLEX: Final = dict(zip("aeoAEO", "âêôÂÊÔ", strict=True))
_HORN: Final = dict(zip("uoUO", "ươƯƠ", strict=True))
_BREVE: Final = dict(zip("aA", "ăĂ", strict=True))
_STROKE: Final = dict(zip("dD", "đĐ", strict=True))
_VOWELS: Final = "aăâeêioôơuưy"

_ONSET_TABLE: Final = "ngh ng nh ch gh gi kh ph qu th tr b c d đ g h k l m n p r s t v x"
_RIME_TABLE: Final = """
    a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây
    e ec em en eng eo ep et ê êch êm ên ênh êp êt êu
    i ia ich im in inh ip it iu iêc iêm iên iêng iêp iêt iêu
    o oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt oc oe oen oeo oet
    oi om on ong ooc oong op ot ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt
    u ua uân uâng uât uây uc uê uêch uênh ui um un ung uôc uôi uôm uôn uông uôt uơ up ut
    uy uya uych uyên uyêt uynh uyt uyu
    ư ưa ưc ưi ưm ưn ưng ưt ưu ươc ươi ươm ươn ương ươp ươt ươu
    y ych ynh yt yêm yên yêng yêt yêu
"""
_ONSETS: Final = tuple(_ONSET_TABLE.split())  # longest first
_RIMES: Final = frozenset(_RIME_TABLE.split())
_STOPS: Final = ("c", "ch", "p", "t")
_STOP_TONES: Final = ("s", "j")
_Typed = tuple[list[str], str]  # letters with their marks, and the tone key


def decode_typing(text: str) -> str | None:
    """Return what raw Telex or VNI typing meant, in NFC, or None when the text is not that.

    Decoded is all or nothing: every word must come out as a possible Vietnamese syllable and at
    least one must change. Words without a vowel ("kg") and numbers stay as they are; a text that
    already holds accents gives None, and so does a single letter. An English word such as "test"
    may come out as "tét": use the answer as a second guess, after the text itself found nothing.
    """
    if not text.isascii():
        return None
    for decode in (_telex, _vni):
        pieces = [_decode_word(piece, decode) for piece in re.split(r"([A-Za-z0-9]+)", text)]
        words = [piece for piece in pieces if piece is not None]
        decoded = "".join(words)
        # One letter alone ("as" → "á") is more likely English.
        if len(words) == len(pieces) and decoded != text and len(decoded.strip()) > 1:
            return decoded
    return None


def _decode_word(piece: str, decode: Callable[[str], _Typed | None]) -> str | None:
    """Decode one run of letters and digits; None when it cannot be Vietnamese."""
    letters = [char for char in piece.lower() if char.isalpha()]
    is_word = piece[:1].isalpha() and len(letters) > 1 and not set(letters).isdisjoint("aeiouy")
    if not is_word:
        return piece  # "5kg", "A4", blanks
    typed = decode(piece)
    return _compose(*typed) if typed else None


def _telex(word: str) -> _Typed | None:
    letters: list[str] = []
    tone = "z"
    for key in word:
        lowered = key.lower()
        if lowered in _TONES and _has_vowel(letters):
            tone = lowered
        elif lowered == "w":
            if not _horn(letters, _BREVE):
                return None
        elif lowered in "aeo" and _mark(letters, _only(_CIRCUMFLEX, lowered)):
            continue
        elif lowered == "d" and letters and letters[0] in _STROKE:
            letters[0] = _STROKE[letters[0]]
        else:
            letters.append(key)
    return letters, tone


def _vni(word: str) -> _Typed | None:
    letters: list[str] = []
    tone = "z"
    marks = {"6": _CIRCUMFLEX, "8": _BREVE, "9": _STROKE}
    for key in word:
        if key in _VNI_TONES:
            tone = _VNI_TONES[key]
        elif key.isdigit():
            marked = _horn(letters, {}) if key == "7" else _mark(letters, marks[key])
            if not marked:
                return None
        else:
            letters.append(key)
    return letters, tone


def _has_vowel(letters: list[str]) -> bool:
    return any(letter.lower() in _VOWELS for letter in letters)


def _only(marks: dict[str, str], letter: str) -> dict[str, str]:
    return {plain: marked for plain, marked in marks.items() if plain.lower() == letter}


def _mark(letters: list[str], marks: dict[str, str]) -> bool:
    """Mark the last letter that can bear the mark; False when none can."""
    for index in reversed(range(len(letters))):
        if letters[index] in marks:
            letters[index] = marks[letters[index]]
            return True
    return False


def _horn(letters: list[str], others: dict[str, str]) -> bool:
    """Put horns on: both letters of uo, the first of uu and ua, else the last u or o.

    `others` are marks the same key may set instead (the breve of Telex). The u of qu is no
    vowel and bears nothing.
    """
    lowered = "".join(letters).lower()
    cluster = re.search(r"(?<!q)(?:[uư]o|u[ua])", lowered)
    if cluster:
        first = cluster.start()
        pair = (first, first + 1) if lowered[first + 1] == "o" else (first,)
        for index in pair:
            letters[index] = _HORN.get(letters[index], letters[index])
        return True
    onset = 2 if lowered.startswith("qu") else 0
    rime = letters[onset:]
    marked = _mark(rime, _HORN | others)
    letters[onset:] = rime
    return marked


def _compose(letters: list[str], tone: str) -> str | None:
    """Set the tone on the right vowel, or None when the letters are no syllable."""
    lowered = "".join(letters).lower()
    if lowered.endswith("ươ"):  # thuở, huơ: without an ending the u keeps no horn
        letters[-2] = "U" if letters[-2].isupper() else "u"
        lowered = "".join(letters).lower()
    rime = _rime(lowered)
    if rime is None or (rime.endswith(_STOPS) and tone not in _STOP_TONES):
        return None
    index = len(lowered) - len(rime) + _tone_position(rime)
    letters[index] += _TONES[tone]
    return unicodedata.normalize("NFC", "".join(letters))


def _rime(syllable: str) -> str | None:
    """Return the syllable without its first consonant when both parts exist, else None."""
    for onset in (*_ONSETS, ""):
        rime = syllable.removeprefix(onset)
        if syllable.startswith(onset) and rime in _RIMES:
            return rime
    return None


def _tone_position(rime: str) -> int:
    """Return where in the rime the tone stands (the older placement: hòa, thủy)."""
    marked = [index for index, letter in enumerate(rime) if letter in "ăâêôơư"]
    if marked:
        return marked[-1]
    vowels = sum(letter in _VOWELS for letter in rime)
    closed = vowels < len(rime)
    return vowels - 1 if closed else max(vowels - 2, 0)

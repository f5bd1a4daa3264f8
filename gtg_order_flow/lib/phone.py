"""Vietnamese telephone numbers."""

import re
import unicodedata

MASK = "**"
# mobile: 03, 05, 07, 08, 09 and 8 more digits; fixed lines: 02 and 9 more since 2017
_NATIONAL = re.compile(r"0[35789]\d{8}|02\d{9}")
_BETWEEN = re.compile(r"[/,;|\n]|\bhoặc\b|\bor\b")


def national(text):
    """:return: the number as dialled inside Vietnam (the first, where several are
    given), digits only; '' when there is none
    """
    for part in _BETWEEN.split(unicodedata.normalize("NFKC", text or "").lower()):
        digits = _digits(part)
        for prefix in ("0084", "84"):
            if digits.startswith(prefix) and len(digits) > len(prefix) + 8:
                digits = "0" + digits[len(prefix) :].removeprefix("0")
                break
        if _NATIONAL.fullmatch(digits):
            return digits
    return ""


def key(text):
    """:return: equal for numbers that ring the same telephone; '' when it cannot be
    told (masked by a marketplace, too short)
    """
    if not text or MASK in text:
        return ""
    digits = national(text) or _digits(unicodedata.normalize("NFKC", text))
    return digits if len(digits) >= 8 else ""


def _digits(text):
    """Only the digits; '' when there are letters between them."""
    bare = re.sub(r"[\s.()+\-–·_]", "", text)
    return bare if bare.isascii() and bare.isdigit() else ""

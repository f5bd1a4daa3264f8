"""What people type into the fast form, made clean: nothing here raises."""

import math
import re
import unicodedata


def literal(typed):
    """For `ilike`: what the person typed, not a pattern."""
    return typed.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def plain(typed):
    """For comparing: no accents, spaces or case."""
    bare = unicodedata.normalize("NFKD", typed.lower().replace("đ", "d"))
    return "".join(c for c in bare if c.isalnum() and not unicodedata.combining(c))


def names_of(state):
    """What people type for a province: its name, its code, its initials."""
    words = [plain(word) for word in state.name.split()]
    initials = "".join(word[:1] for word in words if word != "tp")
    code = plain(state.code)
    return {"".join(words), code, code.removeprefix("vn"), initials, f"tp{initials}"}


def text(value, longest):
    """Text as typed, without what PostgreSQL cannot store; '' for anything else."""
    if not isinstance(value, str):
        return ""
    clean = "".join(c for c in value if c == "\n" or c.isprintable())
    return clean.strip()[:longest]


def whole(value):
    """An id, 0 for anything that is none."""
    is_id = isinstance(value, int) and not isinstance(value, bool)
    return value if is_id and 0 < value < 2**31 else 0


def number(value):
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        found = float(value.replace(",", ".") if isinstance(value, str) else value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def money(value, decimals):
    """:param decimals: of the currency; with none, points and commas group thousands
    :return: amount, None for anything that is none
    """
    if isinstance(value, str):
        bare = re.sub(r"\s", "", value)
        value = re.sub(r"[.,](?=\d{3}(\D|$))", "", bare) if not decimals else bare
    amount = number(value)
    return amount if amount is None else round(amount, decimals)

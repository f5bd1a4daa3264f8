"""Texts as S-Invoice takes them."""

from . import const


def cut(name, text):
    """One line of at most the field's length."""
    return ' '.join((text or '').split())[:const.LIMITS[name]] \
        if name in const.LIMITS else text

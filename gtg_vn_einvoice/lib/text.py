"""Texts of strangers on legal documents."""

import re

# characters that no XML may hold, and those that turn the order of what is read
_UNSEEN = re.compile(
    '[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069'
    '\ufeff\ufffe\uffff\ud800-\udfff]')


def one_line(text):
    """The words of a text in one line, without what nobody sees."""
    return ' '.join(_UNSEEN.sub('', text or '').split())

"""Every term has a Vietnamese text that keeps placeholders and markup.

`make i18n` writes the files; whether they are up to date takes Odoo to tell:
`make i18n CHECK=1`.
"""

import re
from collections import Counter
from pathlib import Path

import polib
import pytest

ROOT = Path(__file__).resolve().parents[2]
ADDONS = sorted(path.parent.name for path in ROOT.glob("gtg_*/__manifest__.py"))
# %s, %(name)s, %%: not the "% " of a bare percent sign
PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[-#0+]*[\d.]*[sdifrgx%]")
INLINE = re.compile(r"\{\{.*?\}\}")
TAG = re.compile(r"</?[a-zA-Z][^>]*>")
# what a person reads inside a tag, and so is translated
SHOWN = re.compile(r'\b(title|placeholder|string|alt|aria-label|help|confirm)="[^"]*"')


def read(addon, name):
    path = ROOT / addon / "i18n" / name
    assert path.exists(), f"{path.name} is missing: run `make i18n`"
    return polib.pofile(str(path))


@pytest.mark.parametrize("addon", ADDONS)
def test_every_term_is_translated(addon):
    template, texts = read(addon, f"{addon}.pot"), read(addon, "vi.po")
    done = {entry.msgid for entry in texts.translated_entries()}
    terms = {entry.msgid for entry in template}
    assert not terms - done, "terms without Vietnamese text"
    assert not done - terms, "texts of terms that are gone: run `make i18n`"


@pytest.mark.parametrize("addon", ADDONS)
def test_placeholders_and_markup_are_kept(addon):
    for entry in read(addon, "vi.po"):
        for part in (placeholders, tags):
            assert part(entry.msgstr) == part(entry.msgid), entry.msgid


def placeholders(text):
    """Those with a name may change places, those without may not."""
    found = PLACEHOLDER.findall(text)
    named = Counter(item for item in found if "(" in item)
    return named, [item for item in found if "(" not in item], INLINE.findall(text)


def tags(text):
    return [SHOWN.sub(r"\1", tag) for tag in TAG.findall(text)]


def test_what_the_test_looks_for():
    assert placeholders("%(b)s, %(a)s") == placeholders("%(a)s: %(b)s")
    assert placeholders("%s of %(a)s") != placeholders("%(a)s")
    assert placeholders("%s %d") != placeholders("%d %s")
    assert not any(placeholders("0 %, not subject"))
    assert tags('<i title="Goods"/> Goods') == tags('<i title="Hàng"/> Hàng')
    assert tags("<p>a</p>") != tags("<b>a</b>")

"""make i18n: export every addon's terms, carry them into its vi.po.

``--check`` writes nothing and fails if a template is stale or a term has no
Vietnamese text.
"""

import sys
import tempfile
from pathlib import Path

import polib

from . import db, odoo, paths, processes

EXPORT = """
from odoo.tools.translate import trans_export
for module in {modules}:
    with open({folder!r} + '/' + module + '.pot', 'wb') as out:
        trans_export(None, [module], out, 'po', env)
"""
# A date would make a new file of every export.
DATES = ("POT-Creation-Date", "PO-Revision-Date")


def main(arguments):
    processes.exit_on_terminate()
    check = arguments == ["--check"]
    if arguments and not check:
        print("python -m gtgtools.i18n [--check]")
        return 2
    problems = 0
    for addon, template in _export().items():
        folder = paths.ROOT / addon / "i18n"
        merged = merge(template, _read(folder / "vi.po"))
        files = {f"{addon}.pot": template, "vi.po": merged}
        stale = [name for name in files if _stale(folder / name, files[name])]
        if not check:
            folder.mkdir(exist_ok=True)
            for name in stale:
                (folder / name).write_text(f"{files[name]}\n", encoding="utf-8")
        missing = [entry.msgid for entry in merged if not entry.msgstr]
        written = ", ".join(stale) and f"{'stale' if check else 'new'}: {stale}"
        print(f"{addon}: {len(template)} terms, {len(missing)} untranslated {written}")
        for text in missing:
            print(f"    {text!r:.110}")
        problems += len(missing) + len(stale)
    return 1 if check and problems else 0


def merge(template, known):
    """The template with the translations that ``known`` has for its terms.

    A term that was changed starts without translation; one that is gone goes.

    :param polib.POFile template: as exported
    :param polib.POFile known: the translations so far
    """
    merged = polib.POFile()
    merged.header = template.header
    merged.metadata = {
        **template.metadata, "Language": "vi", "Plural-Forms": "nplurals=1; plural=0;"
    }  # fmt: skip
    texts = {entry.msgid: entry for entry in known if not entry.fuzzy}
    for entry in template:
        old = texts.get(entry.msgid)
        merged.append(
            polib.POEntry(
                msgid=entry.msgid,
                msgstr=old.msgstr if old else "",
                comment=entry.comment,
                tcomment=old.tcomment if old else "",
                occurrences=entry.occurrences,
            )
        )
    return merged


def _export():
    """{addon: its template}, as Odoo exports it where all addons are installed"""
    with db.temporary() as name, tempfile.TemporaryDirectory() as folder:
        modules = db.our_modules()
        odoo.shell(name, EXPORT.format(modules=modules, folder=folder))
        templates = {module: _read(Path(folder, f"{module}.pot")) for module in modules}
    for template in templates.values():
        for key in DATES:
            template.metadata.pop(key, None)
    return templates


def _read(path):
    return polib.pofile(str(path)) if path.exists() else polib.POFile()


def _stale(path, content):
    return not path.exists() or path.read_text(encoding="utf-8") != f"{content}\n"


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)

"""Files of S-Invoice: base64, and a zip that may hold a zip (README 7)."""

import base64
import binascii
import io
import zipfile
import zlib

MAX_DEPTH = 3
MAX_ENTRIES = 100
MAX_BYTES = 30 * 1024 * 1024  # unpacked, of all entries together


class BadFile(ValueError):
    """The file is not what it should be, or too large to be opened."""


def decode(text):
    """Bytes of a ``fileToBytes`` value, None while the provider has none yet.

    :raise BadFile: no base64
    """
    if not text:
        return None
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError, TypeError) as error:
        raise BadFile('the file is not readable') from error


def find_xml(archive):
    """The first XML file of an archive, however deep.

    :param bytes archive: a zip, or the XML itself
    :return: bytes, or None when there is no XML in it yet
    :raise BadFile: damaged, encrypted or a bomb
    """
    return _search(archive, MAX_DEPTH, [MAX_BYTES])


def _search(content, depth, budget):
    if content.lstrip()[:1] == b'<':
        return content
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            if len(entries) > MAX_ENTRIES:
                raise BadFile('the archive holds too many files')
            # invoices before inner archives: the usual case unpacks one entry
            for entry in sorted(entries, key=lambda e: e.filename.lower().endswith(
                    '.zip')):
                name = entry.filename.lower()
                if name.endswith('.xml'):
                    return _unpack(archive, entry, budget)
                if name.endswith('.zip') and depth > 1:
                    xml = _search(_unpack(archive, entry, budget), depth - 1, budget)
                    if xml:
                        return xml
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError,
            EOFError) as error:
        raise BadFile('the archive is damaged') from error
    return None


def _unpack(archive, entry, budget):
    """Content of an entry; what counts is what comes out, not what the header says."""
    with archive.open(entry) as stream:
        content = stream.read(budget[0] + 1)
    budget[0] -= len(content)
    if budget[0] < 0:
        raise BadFile('the archive is too large')
    return content

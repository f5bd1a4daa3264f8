"""What of a call may be written down. An allow-list: what is not named is hidden."""

import json
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

HIDDEN = '***'


class Redactor:
    """Keeps the values of the named keys and hides all others.

    :param visible: names of headers, query, form and JSON keys whose values may
        be logged (compared without case)
    """

    def __init__(self, visible=()):
        self.visible = frozenset(name.lower() for name in visible)

    def pairs(self, mapping):
        """The mapping, or list of pairs, with hidden values; as a dict."""
        return {
            key: value if str(key).lower() in self.visible else HIDDEN
            for key, value in dict(mapping or {}).items()
        }

    def url(self, url):
        """The URL with hidden query values."""
        parts = urlsplit(url)
        query = urlencode(self.pairs(dict(parse_qsl(parts.query, True))), safe='*')
        return urlunsplit((parts.scheme, parts.netloc, parts.path, query, ''))

    def json(self, value, shown=False):
        """A JSON value whose scalars are hidden unless their key is visible."""
        if isinstance(value, dict):
            return {
                key: self.json(item, str(key).lower() in self.visible)
                for key, item in value.items()
            }
        if isinstance(value, list):
            return [self.json(item, shown) for item in value]
        return value if shown or value is None else HIDDEN

    def body(self, content, limit=2000):
        """Text of a request or answer body fit for the log."""
        try:
            text = json.dumps(self.json(json.loads(content)), ensure_ascii=False)
        except (ValueError, TypeError):
            return f'<{len(content or b"")} bytes>'
        return text if len(text) <= limit else text[:limit] + '…'

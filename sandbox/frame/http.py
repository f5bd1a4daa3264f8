"""What a provider sees of HTTP: Route, Request, Response, Refused."""

import json
import re
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from werkzeug.wrappers import Request as WsgiRequest

MAX_BODY = 32 * 1024 * 1024


def _plain(value):
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, set | frozenset | tuple):
        return list(value)
    if hasattr(value, '__dict__'):
        return vars(value)
    raise TypeError(f'not JSON: {type(value).__name__}')


def dumps(value, **options):
    """JSON text; Decimal becomes a plain number, dates become ISO text."""
    return json.dumps(value, default=_plain, ensure_ascii=False, **options)


class Request:
    """One call, body fully read.

    :ivar query: first value of each query parameter (``args`` has them all)
    :ivar vars: the ``{name}`` parts of the route's path
    :ivar reference: set by the handler, for the call log
    :ivar account: set by the handler (shop, tenant…), for the call log
    """

    def __init__(self, environ):
        self._wsgi = WsgiRequest(environ)
        self._wsgi.max_content_length = MAX_BODY
        self.environ = environ
        self.method = self._wsgi.method
        self.path = self._wsgi.path
        self.headers = self._wsgi.headers
        self.args = self._wsgi.args
        self.query = self.args.to_dict(flat=True)
        self.body = self._wsgi.get_data(cache=True, parse_form_data=False)
        self.vars = {}
        self.route = None
        self.reference = ''
        self.account = ''

    @property
    def content_type(self):
        return (self._wsgi.mimetype or '').lower()

    @property
    def full_path(self):
        """Path and query string exactly as sent."""
        query = self.environ.get('QUERY_STRING', '')
        raw = self.environ.get('RAW_URI') or self.environ.get('REQUEST_URI')
        return raw or (self.path + ('?' + query if query else ''))

    def json(self, decimals=False):
        """The parsed body; floats come as Decimal if ``decimals``.

        :raise ValueError: not JSON
        """
        return json.loads(
            self.body.decode('utf-8'), parse_float=Decimal if decimals else float
        )

    def form(self):
        """First value of each field of a urlencoded or multipart body."""
        return self._wsgi.form.to_dict(flat=True)

    def files(self):
        return self._wsgi.files


class Response:
    """An answer. ``refused`` is the reason shown in the call log.

    Give ``json`` (anything ``dumps`` can write) or ``body`` (bytes or text).
    """

    def __init__(
        self, status=200, json=None, body=None, headers=None, refused=None,
        content_type=None,
    ):
        self.status = status
        self.headers = dict(headers or {})
        self.refused = refused
        if body is None and json is not None:
            body = dumps(json)
            content_type = content_type or 'application/json;charset=UTF-8'
        if isinstance(body, str):
            body = body.encode('utf-8')
        self.body = body or b''
        if content_type or 'Content-Type' not in self.headers:
            self.headers['Content-Type'] = content_type or 'text/plain;charset=UTF-8'

    def json(self):
        return json.loads(self.body)


class Refused(Exception):
    """Raised by a handler (at any depth) to answer with ``response``."""

    def __init__(self, response, reason=None):
        super().__init__(reason or response.refused or f'status {response.status}')
        response.refused = response.refused or str(self)
        self.response = response


@dataclass
class Route:
    """``path`` may hold ``{name}`` (one segment) or ``{name:path}`` (the rest).

    :param method: ``'POST'``, several ``'GET,POST'`` or ``'*'``
    :param operation: its name in the call log, in faults
    :param handler: ``handler(request) -> Response``
    :param locked: False = the handler takes ``self.lock`` itself
    :param options: whatever the provider's ``before`` wants to know
    """

    method: str
    path: str
    operation: str
    handler: callable
    locked: bool = True
    options: dict = field(default_factory=dict)

    def __post_init__(self):
        parts = re.split(r'\{(\w+)(:path)?\}', self.path)
        pattern = ''
        for text, name, rest in zip(
            parts[0::3], parts[1::3] + [None], parts[2::3] + [None], strict=True
        ):
            pattern += re.escape(text)
            if name:
                pattern += f'(?P<{name}>{".+" if rest else "[^/]+"})'
        self._pattern = re.compile(pattern + r'\Z')
        self._methods = {m.strip().upper() for m in self.method.split(',')}

    def match(self, path):
        found = self._pattern.match(path)
        return found.groupdict() if found else None

    def takes(self, method):
        return '*' in self._methods or method in self._methods

"""The wire. Nothing else in the suite opens a connection to a provider.

It answers one question reliably: *did the request leave?* A refused connection, an
unknown host or a failed TLS handshake is always `Retryable`; silence or a broken TLS
stream after the request left is `Retryable` only when the caller says that repeating
is harmless, else `OutcomeUnknown`.
"""

import ipaddress
import json as jsonlib
import logging
import re
import time
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import NewConnectionError

from .errors import OutcomeUnknown, Rejected, Retryable
from .redaction import Redactor

_logger = logging.getLogger(__name__)

_ = str  # marks texts for the translators; they are translated when shown
CONNECT_TIMEOUT = 5  # seconds
READ_TIMEOUT = 30  # seconds
MAX_BYTES = 32 * 1024 * 1024
USER_AGENT = 'GTG-Odoo/19.0'


@dataclass(frozen=True)
class Answer:
    """What came back. Whether it means success is the client's business."""

    status: int
    headers: dict
    content: bytes
    seconds: float

    @property
    def text(self):
        return self.content.decode('utf-8', 'replace')

    def json(self):
        """The body as JSON, numbers with a fraction as Decimal.

        :raise ValueError: the body is no JSON
        """
        return jsonlib.loads(self.content, parse_float=Decimal)


class Transport:
    """A session with one provider host; use as a context manager.

    :param str base_url: scheme, host and path prefix; the only host ever called
    :param bool allow_loopback: test environments may use http on 127.0.0.1
    :param Redactor redact: names what may be logged
    :param dict headers: sent with every request
    :param before_send: called with ``safe`` before every request; may sleep or raise
    """

    def __init__(self, base_url, allow_loopback=False, redact=None, headers=None,
                 connect_timeout=CONNECT_TIMEOUT, read_timeout=READ_TIMEOUT,
                 max_bytes=MAX_BYTES, before_send=None):
        self.before_send = before_send
        self.base_url = checked_base_url(base_url, allow_loopback)
        self.redact = redact or Redactor()
        self.connect_timeout = connect_timeout
        self.read_timeout = read_timeout
        self.max_bytes = max_bytes
        self.session = requests.Session()
        # a proxy or netrc of the server's user must not see or change our calls
        self.session.trust_env = False
        self.session.mount('https://', _Adapter())
        self.session.headers.update({'User-Agent': USER_AGENT, **(headers or {})})

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()

    def close(self):
        self.session.close()

    def send(self, method, path, *, params=None, json=None, data=None, files=None,
             headers=None, safe=False, read_timeout=None):
        """Send one request and return its `Answer`, whatever its HTTP status.

        :param str path: starts with '/', joined to the base URL
        :param json: body as JSON (Decimal allowed, written as plain digits)
        :param bool safe: repeating the call cannot do harm (reads)
        :param float read_timeout: seconds of silence that are endured
        :raise Retryable: it did not leave, or ``safe`` and no answer came
        :raise OutcomeUnknown: it left and no complete answer came
        """
        headers = dict(headers or {})
        if json is not None:
            data = dumps(json)
            headers.setdefault('Content-Type', 'application/json')
        if self.before_send:
            self.before_send(safe)
        started = time.monotonic()
        try:
            with self.session.request(
                method, self.base_url + path, params=params, data=data, files=files,
                headers=headers, allow_redirects=False, stream=True,
                timeout=(self.connect_timeout, read_timeout or self.read_timeout),
            ) as response:
                content = self._read(response)
        except (requests.exceptions.ConnectTimeout,
                requests.exceptions.InvalidURL) as error:
            raise self._not_sent(method, path, error) from error
        except requests.exceptions.RequestException as error:
            if _never_connected(error):
                raise self._not_sent(method, path, error) from error
            raise self._no_answer(method, path, safe, error) from error
        answer = Answer(response.status_code, dict(response.headers), content,
                        time.monotonic() - started)
        _logger.info('%s %s -> %s, %d bytes, %.3f s', method, path, answer.status,
                     len(content), answer.seconds)
        if _logger.isEnabledFor(logging.DEBUG):
            _logger.debug('request %s %s answer %s', self.redact.pairs(params),
                          self.redact.body(data), self.redact.body(content))
        return answer

    def _read(self, response):
        """The whole body, at most ``max_bytes``, complete or an exception."""
        chunks, size = [], 0
        for chunk in response.iter_content(65536):
            size += len(chunk)
            if size > self.max_bytes:
                raise requests.exceptions.ContentDecodingError('answer too large')
            chunks.append(chunk)
        expected = response.headers.get('Content-Length')
        # requests does not complain about a body cut short (its issue 4956)
        if expected and expected.isdigit() and response.raw.tell() < int(expected):
            raise requests.exceptions.ChunkedEncodingError('answer cut short')
        return b''.join(chunks)

    def _not_sent(self, method, path, error):
        _logger.info('%s %s%s not sent: %s', method, self.base_url, path,
                     type(error).__name__)
        return Retryable(
            _('The provider cannot be reached.'), code='no_connection',
            hint=_('It is tried again by itself.'))

    def _no_answer(self, method, path, safe, error):
        _logger.info('%s %s%s without answer: %s', method, self.base_url, path,
                     type(error).__name__)
        text = _('The provider did not answer completely.')
        return (Retryable if safe else OutcomeUnknown)(text, code='no_answer')


def dumps(value):
    """JSON bytes (UTF-8, no escapes); a Decimal becomes plain digits.

    :raise TypeError: something else that is no JSON
    """
    text = jsonlib.dumps(_marked(value), ensure_ascii=False, separators=(',', ':'))
    return _MARKED.sub(r'\1', text).encode()


# json can only print floats its own way (1e-05), which providers refuse: a Decimal
# travels as text behind a NUL, which no text of a database can contain
_MARKED = re.compile(r'"\\u0000([-0-9.]+)"')


def _marked(value):
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else (
            f'\0{value.normalize():f}')
    if isinstance(value, dict):
        return {key: _marked(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_marked(item) for item in value]
    return value


def checked_base_url(base_url, allow_loopback):
    """The base URL without trailing slash, if it may be called.

    :raise Rejected: neither https nor, where allowed, http on this machine
    """
    parts = urlsplit(base_url or '')
    loopback = is_loopback(parts.hostname)
    if parts.scheme == 'https' and parts.hostname and not loopback:
        if _is_private(parts.hostname):
            raise Rejected(
                _('This is an address of a private network.'), code='bad_url',
                hint=_('Enter the public address of the provider.'))
    elif not (loopback and allow_loopback and parts.scheme in ('http', 'https')):
        raise Rejected(
            _('The address of the provider must start with https://'),
            code='bad_url', hint=_('Correct the address on the account.'))
    if parts.username or parts.password:
        raise Rejected(
            _('The address must not contain a user name.'), code='bad_url')
    return base_url.rstrip('/')


def is_loopback(host):
    """Whether the host name is this machine by name or number."""
    if host == 'localhost':
        return True
    try:
        return ipaddress.ip_address(host or '').is_loopback
    except ValueError:
        return False


def _is_private(host):
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host.endswith(('.local', '.internal', '.localhost'))
    return not address.is_global


class _Connection(HTTPSConnection):
    """Tells a failed handshake from TLS that broke later: requests gives both the
    same SSLError, but only the first is certainly before any byte of the request."""

    def connect(self):
        try:
            return super().connect()
        except OSError as error:  # also SSLError, wrong certificate, silence
            raise NewConnectionError(self, type(error).__name__) from error


class _Pool(HTTPSConnectionPool):
    ConnectionCls = _Connection


class _Adapter(HTTPAdapter):

    def init_poolmanager(self, *args, **kwargs):
        made = super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {
            'http': HTTPConnectionPool, 'https': _Pool}
        return made


def _never_connected(error):
    """Whether a requests error certainly happened before any byte left."""
    reason = error.args[0] if error.args else None
    reason = getattr(reason, 'reason', reason)
    return type(reason).__name__ in (
        'NewConnectionError', 'NameResolutionError', 'ConnectTimeoutError')

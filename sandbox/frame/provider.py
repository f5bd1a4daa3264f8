"""The base class of every sandbox provider."""

import copy
import threading
from collections import deque
from dataclasses import dataclass, field

from .faults import Faults
from .http import Response, dumps
from .push import Courier


class ControlError(Exception):
    """Raised by control functions: the control API answers ``status``."""

    def __init__(self, text, status=400):
        super().__init__(text)
        self.status = status


@dataclass
class ObjectKind:
    """Objects of a provider as the control API and page show them.

    Functions are bound methods or names of methods of the provider.

    :param create: ``fn(payload) -> dict``, what a buyer or a carrier would make
    :param verbs: ``{'pick': fn}``, each ``fn(object_id, payload) -> dict``
    :param list: ``fn() -> [dict]``; each row has ``key``, and may have ``_verbs``,
        the verbs that are possible now (else all are shown)
    :param get: ``fn(object_id) -> dict``; default: searched in ``list``
    :param columns: keys shown on the page
    :param create_form: the payload the page offers
    :param verb_forms: ``{'pick': {...}}``, payloads the page offers for verbs
    """

    create: object = None
    verbs: dict = field(default_factory=dict)
    list: object = None
    get: object = None
    columns: list = field(default_factory=list)
    create_form: dict = field(default_factory=dict)
    verb_forms: dict = field(default_factory=dict)
    key: str = 'id'


class Provider:
    """One provider. Subclasses set ``code``, ``port`` and give ``routes``.

    Do not override ``__init__``: ``reset`` makes the seed. When it runs, ``self.url``
    (own address), ``self.clock`` and ``self.settings`` are there.
    """

    code = ''
    title = ''
    port = 0
    objects = {}  # name: ObjectKind (or a dict of its arguments)
    default_settings = {}  # switches, GET/POST /<code>/settings
    fault_modes = ()  # own modes, see ``own_fault``
    push_delays = (5, 30, 60, 300)  # seconds before retry 1, 2, …
    push_timeout = 10  # seconds
    calls_kept = 20000

    def __init__(self, clock, url=''):
        self.clock = clock
        self.url = url
        self.lock = threading.RLock()
        self.faults = Faults(self.fault_modes)
        self.courier = Courier(self)
        self.settings = copy.deepcopy(self.default_settings)
        self.webhook = {}
        self.ledger = []
        self.calls = deque(maxlen=self.calls_kept)
        self.call_count = 0
        self.on_change = lambda: None

    # === TO OVERRIDE === #

    def routes(self):
        """The list of Route."""
        return []

    def operations(self):
        """Names that faults and the call log know."""
        return sorted({route.operation for route in self.routes()})

    def operation(self, request):
        """Which of them this call is; of a route that serves several, too."""
        return request.route.operation

    def credentials(self):
        """What a client needs, shown by GET /providers."""
        return {}

    def reset(self):
        """Back to the seed."""

    def state(self):
        """JSON-able dict that ``load`` understands."""
        return {}

    def load(self, state):
        """Restore what ``state`` gave (``reset`` ran before)."""

    def before(self, request):
        """Checks before the handler (``request.route`` is known). A Response ends it."""
        return None

    def not_found(self, request):
        return Response(404, json={'message': 'Not Found', 'path': request.path})

    def wrong_method(self, request, allowed):
        return Response(
            405, json={'message': 'Method Not Allowed'},
            headers={'Allow': ', '.join(sorted(allowed))},
        )

    def crashed(self, request, error):
        """The answer when the sandbox itself has a bug."""
        return Response(500, json={'message': f'sandbox bug: {error!r}'})

    def rate_limited(self, request):
        """The provider's own throttle answer."""
        return Response(
            429, json={'message': 'Too Many Requests'}, headers={'Retry-After': '1'}
        )

    def fault_status(self, request, status):
        """The answer of the fault ``status:<n>``."""
        return Response(status, json={'message': f'fault {status}'})

    def expire_token(self, request):
        """Fault ``expire_token``: make the tokens of this call invalid."""

    def own_fault(self, fault, request):
        """A fault of ``fault_modes``: a Response, or None to go on normally."""
        return None

    def push_accepted(self, status, body):
        """Is this answer to a webhook a success?"""
        return 200 <= status < 300

    def push_retried(self, status):
        """Is a webhook that was answered so (None = no answer) tried again?"""
        return True

    def push_done(self, push):
        """A webhook is delivered, lost or dropped (called without the lock)."""

    def set_webhook(self, values):
        """POST /<code>/webhook."""
        self.webhook = dict(values)
        return self.webhook

    # === FOR HANDLERS === #

    def now(self):
        """Aware UTC datetime of the sandbox's clock."""
        return self.clock.now()

    def time(self):
        """Unix seconds (float) of the sandbox's clock."""
        return self.clock.time()

    def effect(self, operation, reference, object_id):
        """Write one business effect to the ledger: once per effect."""
        with self.lock:
            row = {
                'seq': len(self.ledger) + 1,
                'at': self.now().isoformat(),
                'operation': operation,
                'reference': str(reference or ''),
                'object_id': str(object_id or ''),
            }
            self.ledger.append(row)
        self.changed()
        return row

    def push(self, url, body, headers=None, topic='', reference='', method='POST'):
        """Queue a webhook; ``body`` is bytes, text, or a dict that becomes JSON.

        Text is sent exactly as given, so sign that very text. ``topic`` is the
        operation that push faults match. Returns the Push, or None without ``url``.
        """
        if not url:
            return None
        if isinstance(body, bytes):
            body = body.decode('utf-8')
        elif not isinstance(body, str):
            body = dumps(body)
        with self.lock:
            return self.courier.add(url, body, headers, topic, reference, method)

    @property
    def pushes(self):
        """All Push objects, oldest first (``state`` lost or dropped = never came)."""
        return list(self.courier.pushes)

    def changed(self):
        """Something changed: with ``--state`` it is written soon."""
        self.on_change()

    # === OF THE FRAME === #

    def kind(self, name):
        """The ObjectKind of that name, its functions resolved."""
        kind = self.objects.get(name)
        if kind is None:
            raise ControlError(f'{self.code} has no {name}', 404)
        if isinstance(kind, dict):
            kind = ObjectKind(**kind)

        def bound(fn):
            return getattr(self, fn) if isinstance(fn, str) else fn

        return ObjectKind(
            bound(kind.create), {v: bound(fn) for v, fn in kind.verbs.items()},
            bound(kind.list), bound(kind.get), kind.columns, kind.create_form,
            kind.verb_forms, kind.key,
        )

    def full_reset(self):
        with self.lock:
            self.ledger.clear()
            self.calls.clear()
            self.call_count = 0
            self.faults.remove()
            self.courier.clear()
            self.webhook = {}
            self.settings = copy.deepcopy(self.default_settings)
            self.reset()
        self.changed()

    def full_state(self):
        with self.lock:
            return {
                'state': self.state(),
                'ledger': self.ledger,
                'settings': self.settings,
                'webhook': self.webhook,
                'pushes': self.courier.list(),
            }

    def full_load(self, saved):
        with self.lock:
            self.ledger[:] = saved.get('ledger', [])
            self.settings.update(saved.get('settings', {}))
            self.webhook = saved.get('webhook', {})
            self.load(saved.get('state', {}))
            self.courier.load(saved.get('pushes', []))

"""The frame itself: routing, faults, pushes, state, control API."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests

import sandbox
from sandbox.frame import ObjectKind, Provider, Refused, Response, Route

from .waiting import until


class Shop(Provider):
    """A tiny provider: makes parcels, pushes about them."""

    code = 'shop'
    port = 8999
    push_delays = (100, 100)
    push_timeout = 120
    default_settings = {'strict': True}
    objects = {
        'parcels': ObjectKind(
            create='make', verbs={'pick': 'pick'}, list='rows', columns=['id', 'state']
        )
    }

    def routes(self):
        return [
            Route('POST', '/parcels', 'create', self.create),
            Route('GET', '/parcels/{id}', 'read', self.read),
        ]

    def reset(self):
        self.parcels = {}

    def state(self):
        return {'parcels': self.parcels}

    def load(self, state):
        self.parcels = state['parcels']

    def create(self, request):
        data = request.json()
        request.reference = data['ref']
        if not data['ref']:
            raise Refused(Response(400, json={'code': 'REF'}), 'no ref')
        return Response(json=self.make(data))

    def read(self, request):
        row = self.parcels.get(request.vars['id'])
        if not row:
            return Response(404, json={'code': 'NONE'})
        return Response(json=row)

    def make(self, data):
        row = {'id': str(len(self.parcels) + 1), 'state': 'new', 'ref': data['ref']}
        self.parcels[row['id']] = row
        self.effect('create', data['ref'], row['id'])
        self.push(self.webhook.get('url'), row, topic='state', reference=row['ref'])
        return row

    def pick(self, object_id, payload):
        row = self.parcels[object_id]
        row['state'] = 'picked'
        self.push(self.webhook.get('url'), row, topic='state', reference=row['ref'])
        return row

    def rows(self):
        return list(self.parcels.values())


@pytest.fixture
def sb():
    with sandbox.start(providers=[Shop]) as running:
        yield running


@pytest.fixture
def hook():
    """A webhook receiver: ``.got`` bodies, ``.status`` to answer."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers['Content-Length']))
            server.got.append(json.loads(body))
            self.send_response(server.status)
            self.send_header('Content-Length', '0')
            self.end_headers()

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(('127.0.0.1', 0), Handler)
    server.got, server.status = [], 200
    server.url = f'http://127.0.0.1:{server.server_port}/hook'
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def create(sb, ref='A1', **options):
    return requests.post(
        sb.url('shop') + '/parcels', json={'ref': ref}, timeout=60, **options
    )


def test_providers_are_found_by_their_folders():
    known = sandbox.known_providers()
    assert 'sinvoice' in known
    assert not {'frame', 'tests', 'checkers'} & set(known)


def test_call_is_routed_logged_and_in_the_ledger(sb):
    assert create(sb).json()['id'] == '1'
    assert requests.get(sb.url('shop') + '/parcels/1', timeout=60).status_code == 200
    assert requests.get(sb.url('shop') + '/nowhere', timeout=60).status_code == 404
    wrong = requests.get(sb.url('shop') + '/parcels', timeout=60)
    assert (wrong.status_code, wrong.headers['Allow']) == (405, 'POST')
    assert create(sb, '').json() == {'code': 'REF'}
    (effect,) = sb.ledger('shop')
    assert (effect['seq'], effect['operation'], effect['reference'],
            effect['object_id']) == (1, 'create', 'A1', '1')
    assert [(c['operation'], c['verdict'], c['reason']) for c in sb.calls('shop')] == [
        ('create', 'ok', ''), ('read', 'ok', ''), ('?', 'refused', 'no such route'),
        ('?', 'refused', 'no such route'), ('create', 'refused', 'no ref'),
    ]
    assert sb.calls('shop')[0]['reference'] == 'A1'


@pytest.mark.parametrize(('mode', 'effects'), [('lose_response', 1), ('reset_before', 0)])
def test_no_answer(sb, mode, effects):
    sb.faults('shop', 'create', mode)
    with pytest.raises(requests.ConnectionError):
        create(sb)
    assert len(sb.ledger('shop')) == effects
    assert create(sb).status_code == 200  # once only


def test_truncated_and_empty(sb):
    sb.faults('shop', 'create', 'truncated')
    with pytest.raises(requests.RequestException):
        create(sb).json()
    sb.faults('shop', '*', 'empty')
    empty = create(sb)
    assert (empty.status_code, empty.content) == (200, b'')
    assert len(sb.ledger('shop')) == 2


@pytest.mark.parametrize(('mode', 'status'), [
    ('status:503', 503), ('html', 502), ('rate_limit', 429)])
def test_answered_instead(sb, mode, status):
    sb.faults('shop', 'create', mode, times=2, after=1)
    assert [create(sb).status_code for _ in range(4)] == [200, status, status, 200]
    assert len(sb.ledger('shop')) == 2
    sb.faults('shop', 'create', mode, process=True)
    assert create(sb).status_code == status
    assert len(sb.ledger('shop')) == 3


def test_only_calls_of_one_address(sb):
    sb.faults('shop', '*', 'status:503', times=0, path='/parcels/1')
    assert create(sb).status_code == 200
    assert [requests.get(f'{sb.url("shop")}/parcels/{number}', timeout=9).status_code
            for number in (1, 2)] == [503, 404]


def test_delay_does_not_hold_the_lock(sb):
    sb.faults('shop', 'create', 'delay', seconds=50, when='after')
    slow = threading.Thread(target=create, args=(sb, 'slow'))
    slow.start()
    until(lambda: sb.ledger('shop'))  # done, but not answered yet
    assert create(sb, 'quick').status_code == 200
    assert slow.is_alive()
    sb.post('/clock', {'advance': 60})
    slow.join()


def test_unknown_fault_mode_is_refused(sb):
    with pytest.raises(RuntimeError, match='400'):
        sb.post('/shop/faults', {'operation': 'create', 'mode': 'nonsense'})
    sb.post('/shop/faults', {'operation': 'create', 'mode': 'status:500', 'times': 0})
    assert create(sb).status_code == create(sb).status_code == 500
    sb.control('DELETE', '/shop/faults')
    assert create(sb).status_code == 200


def states(sb):
    return [p['state'] for p in sb.get('/shop/pushes')]


def test_push_is_retried_until_accepted_or_lost(sb, hook):
    sb.post('/shop/webhook', {'url': hook.url})
    hook.status = 500
    create(sb)
    assert sb.provider('shop').courier.idle()
    assert states(sb) == ['waiting']
    sb.post('/clock', {'advance': 101})
    until(lambda: len(sb.get('/shop/pushes')[0]['attempts']) == 2)
    assert len(hook.got) == 2
    hook.status = 204
    assert sb.post('/shop/pushes/flush') == {'idle': True}
    assert states(sb) == ['delivered']
    (push,) = sb.get('/shop/pushes')
    assert [a['status'] for a in push['attempts']] == [500, 500, 204]
    hook.status = 500
    create(sb)
    for _ in range(3):
        sb.post('/shop/pushes/flush')
    assert states(sb) == ['delivered', 'lost']


def test_push_faults(sb, hook):
    sb.post('/shop/webhook', {'url': hook.url})
    sb.faults('shop', 'state', 'drop_push')
    sb.faults('shop', 'state', 'reorder_push', after=1)
    sb.faults('shop', 'state', 'duplicate_push', after=3, copies=3)
    for ref in 'abcd':
        create(sb, ref)
    assert sb.provider('shop').courier.idle()
    assert [row['ref'] for row in hook.got] == ['c', 'b', 'd', 'd', 'd']


def test_slow_receiver_does_not_block_calls(sb, hook):
    gate = threading.Event()
    sb.post('/shop/webhook', {'url': hook.url})
    original = hook.got
    hook.got = type('Slow', (list,), {'append': lambda self, x: gate.wait(60)})()
    create(sb)
    create(sb)
    assert states(sb) == ['queued', 'queued']
    gate.set()
    hook.got = original


def test_control_api_over_http(sb):
    base = sb.control_url
    made = requests.post(base + '/shop/parcels', json={'ref': 'X'}, timeout=60).json()
    requests.post(f'{base}/shop/parcels/{made["id"]}/pick', timeout=60)
    one = requests.get(f'{base}/shop/parcels/1', timeout=60).json()
    assert one['state'] == 'picked'
    assert requests.get(base + '/shop/parcels/9', timeout=60).status_code == 404
    assert requests.post(base + '/shop/parcels/9/pick', timeout=60).status_code == 404
    assert requests.post(base + '/shop/parcels', data='{', timeout=60).status_code == 400
    (described,) = requests.get(base + '/providers', timeout=60).json()
    assert described['url'] == sb.url('shop')
    assert described['objects']['parcels']['verbs'] == ['pick']
    foreign = {'Origin': 'http://evil.example'}
    answer = requests.post(base + '/reset', headers=foreign, timeout=60)
    assert answer.status_code == 403
    assert requests.get(base + '/shop/ledger', timeout=60).json()[0]['reference'] == 'X'
    assert requests.post(base + '/shop/reset', timeout=60).status_code == 200
    assert requests.get(base + '/shop/ledger', timeout=60).json() == []


def test_page_and_its_overview(sb):
    create(sb, 'A'), create(sb, 'B')
    base = sb.control_url
    for path, text in (('/', '<html'), ('/page.js', '/overview'), ('/page.css', '{')):
        assert text in requests.get(base + path, timeout=60).text
    (shown,) = requests.get(base + '/overview', timeout=60).json()['providers']
    assert [r['ref'] for r in shown['objects']['parcels']['rows']] == ['B', 'A']
    assert [r['reference'] for r in shown['ledger']] == ['B', 'A']
    assert shown['counts'] == {'ledger': 2, 'calls': 2, 'refused': 0, 'pushes': 0}


def test_settings_and_clock(sb):
    assert sb.post('/shop/settings', {'strict': False}) == {'strict': False}
    with pytest.raises(RuntimeError, match='unknown settings'):
        sb.post('/shop/settings', {'typo': 1})
    sb.post('/clock', {'now': '2026-07-01T00:00:00+07:00'})
    assert sb.provider('shop').now().isoformat().startswith('2026-06-30T17:00')
    sb.reset()
    assert abs(sb.provider('shop').time() - time.time()) < 60
    assert sb.get('/shop/settings') == {'strict': True}


def test_state_survives_a_restart(tmp_path):
    path = tmp_path / 'state.json'
    with sandbox.start(providers=[Shop], state=path) as first:
        create(first, 'keep')
        first.post('/clock', {'offset': 3600})
        # written while it runs, too
        until(lambda: path.exists() and 'keep' in path.read_text())
    with sandbox.start(providers=[Shop], state=path) as second:
        answer = requests.get(second.url('shop') + '/parcels/1', timeout=60)
        assert answer.json()['ref'] == 'keep'
        assert len(second.ledger('shop')) == 1
        assert second.clock.offset == 3600

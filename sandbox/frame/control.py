"""The control API: what tests and the control page use to play buyer and carrier."""

import json
from pathlib import Path
from urllib.parse import unquote

from .http import Request, Response, dumps
from .provider import ControlError
from .serve import write

PAGE = Path(__file__).with_name('page')
FILES = {
    '/': ('index.html', 'text/html;charset=UTF-8'),
    '/page.js': ('page.js', 'text/javascript;charset=UTF-8'),
    '/page.css': ('page.css', 'text/css;charset=UTF-8'),
}
SHOWN = 40  # rows of each kind on the page


class Control:
    """WSGI application of the control port; ``call`` is the same without HTTP."""

    def __init__(self, sandbox):
        self.sandbox = sandbox

    def __call__(self, environ, start_response):
        request = Request(environ)
        if request.method == 'GET' and request.path in FILES:
            name, kind = FILES[request.path]
            page = Response(body=(PAGE / name).read_bytes(), content_type=kind)
            return write(page, start_response)
        try:
            payload = json.loads(request.body) if request.body.strip() else {}
        except ValueError:
            return write(Response(400, json={'error': 'not JSON'}), start_response)
        if request.method == 'POST' and _foreign(request):
            return write(Response(403, json={'error': 'other site'}), start_response)
        status, data = self.call(
            request.method, request.path, payload, query=request.query
        )
        return write(Response(status, json=data), start_response)

    def call(self, method, path, payload=None, query=None):
        """Returns (status, JSON-able data)."""
        parts = [unquote(part) for part in path.strip('/').split('/')]
        try:
            data = self._dispatch(method, parts, payload or {}, query or {})
            return 200, json.loads(dumps(data))
        except ControlError as error:
            return error.status, {'error': str(error)}
        except KeyError as error:
            return 404, {'error': f'unknown: {error.args[0] if error.args else error}'}
        except (ValueError, TypeError) as error:
            return 400, {'error': str(error)}

    def _dispatch(self, method, parts, payload, query):
        sandbox = self.sandbox
        match method, parts:
            case 'GET', ['providers']:
                return [self._describe(p) for p in sandbox.providers.values()]
            case 'GET', ['overview']:
                return {
                    'clock': sandbox.clock.set(),
                    'providers': [
                        self._overview(p) for p in sandbox.providers.values()
                    ],
                }
            case 'POST', ['reset']:
                sandbox.reset()
                return {'ok': True}
            case 'GET', ['clock']:
                return sandbox.clock.set()
            case 'POST', ['clock']:
                sandbox.clock.set(**payload)
                sandbox.changed()
                return sandbox.clock.set()
            case _, [code, *rest] if code in sandbox.providers and rest:
                answer = self._provider(
                    method, sandbox.providers[code], rest, payload, query
                )
                if method != 'GET':
                    sandbox.changed()
                return answer
        raise ControlError(f'no {method} /{"/".join(parts)}', 404)

    def _provider(self, method, provider, rest, payload, query):
        limit = int(query.get('limit') or 0)
        match method, rest:
            case 'POST', ['reset']:
                provider.full_reset()
                return {'ok': True}
            case 'GET', ['ledger']:
                return provider.ledger[-limit:]
            case 'GET', ['calls']:
                return list(provider.calls)[-limit:]
            case 'GET', ['pushes']:
                return provider.courier.list()[-limit:]
            case 'POST', ['pushes', 'flush']:
                return {'idle': provider.courier.flush()}
            case 'GET', ['webhook']:
                return provider.webhook
        with provider.lock:
            match method, rest:
                case 'GET', ['faults']:
                    return provider.faults.list()
                case 'POST', ['faults']:
                    return provider.faults.add(**payload)
                case 'DELETE', ['faults', *one]:
                    provider.faults.remove(int(one[0]) if one else None)
                    return provider.faults.list()
                case 'POST', ['webhook']:
                    return provider.set_webhook(payload)
                case 'GET', ['settings']:
                    return provider.settings
                case 'POST', ['settings']:
                    return self._settings(provider, payload)
            return self._object(method, provider, rest, payload)

    def _settings(self, provider, payload):
        unknown = set(payload) - set(provider.settings)
        if unknown:
            raise ControlError(f'unknown settings: {", ".join(sorted(unknown))}')
        provider.settings.update(payload)
        return provider.settings

    def _object(self, method, provider, rest, payload):
        kind = provider.kind(rest[0])
        match method, rest[1:]:
            case 'GET', []:
                return kind.list() if kind.list else []
            case 'GET', [object_id]:
                if kind.get:
                    return kind.get(object_id)
                for row in kind.list():
                    if str(row[kind.key]) == object_id:
                        return row
                raise ControlError(f'no {rest[0]} {object_id}', 404)
            case 'POST', [] if kind.create:
                return kind.create(payload)
            case 'POST', [object_id, verb] if verb in kind.verbs:
                return kind.verbs[verb](object_id, payload)
        raise ControlError(f'no {method} /{provider.code}/{"/".join(rest)}', 404)

    def _describe(self, provider):
        kinds = {name: provider.kind(name) for name in provider.objects}
        return {
            'code': provider.code,
            'title': provider.title or provider.code,
            'url': provider.url,
            'credentials': provider.credentials(),
            'webhook': provider.webhook.get('url', ''),
            'settings': provider.settings,
            'operations': provider.operations(),
            'fault_modes': provider.faults.modes(),
            'objects': {
                name: {
                    'key': kind.key,
                    'columns': kind.columns,
                    'can_create': bool(kind.create),
                    'create_form': kind.create_form,
                    'verbs': list(kind.verbs),
                    'verb_forms': kind.verb_forms,
                }
                for name, kind in kinds.items()
            },
        }

    def _overview(self, provider):
        """What the page shows of a provider: newest rows first."""
        with provider.lock:
            seen = self._describe(provider)
            for name, kind in seen['objects'].items():
                lister = provider.kind(name).list
                rows = list(lister()) if lister else []
                kind['total'] = len(rows)
                kind['rows'] = rows[:-SHOWN - 1:-1]
            calls = list(provider.calls)
            pushes = provider.courier.list()
            return {
                **seen,
                'ledger': provider.ledger[:-SHOWN - 1:-1],
                'calls': calls[:-SHOWN - 1:-1],
                'pushes': pushes[:-SHOWN - 1:-1],
                'faults': provider.faults.list(),
                'counts': {
                    'ledger': len(provider.ledger),
                    'calls': provider.call_count,
                    'refused': sum(c['verdict'] == 'refused' for c in calls),
                    'pushes': len(pushes),
                },
            }


def _foreign(request):
    """A page of another site must not drive the sandbox of a developer."""
    origin = request.headers.get('Origin')
    return bool(origin) and origin.split('://')[-1] != request.headers.get('Host')

"""HTTP of a provider: routing, locking, faults, the call log."""

import os
import socket
import struct
import sys
import threading
import time
import traceback
from http import HTTPStatus

from werkzeug.serving import WSGIRequestHandler, make_server

from .http import Refused, Request, Response

HTML_502 = (
    '<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n'
    '<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n'
    '</body>\r\n</html>\r\n'
)


class Dropped(ConnectionError):
    """The client gets no answer."""


class _Handler(WSGIRequestHandler):
    def log_request(self, *args, **kwargs):
        pass

    def connection_dropped(self, error, environ=None):
        self.close_connection = True


class Server:
    """A threaded HTTP server for one WSGI application, in a thread."""

    def __init__(self, app, host, port):
        self._server = make_server(
            host, port, app, threaded=True, request_handler=_Handler
        )
        shown = '127.0.0.1' if host in ('0.0.0.0', '::') else host
        self.url = f'http://{shown}:{self._server.server_port}'
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), daemon=True
        )

    def start(self):
        self._thread.start()

    def stop(self):
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join(5)
        self._server.server_close()


def write(response, start_response, length=None):
    """Send ``response``; ``length`` overrides Content-Length."""
    headers = [(k, str(v)) for k, v in response.headers.items()]
    size = len(response.body) if length is None else length
    headers.append(('Content-Length', str(size)))
    start_response(f'{response.status} {_reason(response.status)}', headers)
    return [response.body]


def _reason(status):
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return 'Status'


def _reset(environ):
    """Close with a TCP reset, so that the client knows nothing."""
    sock = environ.get('werkzeug.socket')
    if sock is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
        os.close(sock.detach())
    raise Dropped('reset')


class App:
    """The WSGI application of one provider."""

    def __init__(self, provider):
        self.provider = provider
        self.routes = provider.routes()

    def __call__(self, environ, start_response):
        started = time.monotonic()
        request = Request(environ)
        provider = self.provider
        candidates = [
            (route, found) for route in self.routes
            if (found := route.match(request.path)) is not None
        ]
        for route, variables in candidates:
            if route.takes(request.method):
                request.route, request.vars = route, variables
                break
        operation = provider.operation(request) if request.route else '?'
        with provider.lock:
            fault = provider.faults.take(operation, request.path)
        entry = {'operation': operation, 'fault': fault.mode if fault else ''}
        response = None
        try:
            response = self._faulty(request, candidates, fault, entry)
            if fault and fault.mode == 'truncated':
                size = len(response.body)
                response.body = response.body[:size // 2]
                return write(response, start_response, size)
            return write(response, start_response)
        finally:
            self._log(request, response, entry, started)
            provider.changed()

    def _faulty(self, request, candidates, fault, entry):
        """Answer, with the fault (if any) in its place."""
        if not fault:
            return self._answer(request, candidates, entry)
        provider, mode, params = self.provider, fault.mode, fault.params
        after = params.get('when') == 'after'
        if mode == 'reset_before':
            _reset(request.environ)
        if mode == 'delay' and not after:
            provider.clock.sleep(float(params.get('seconds', 1)))
        if mode == 'expire_token':
            with provider.lock:
                provider.expire_token(request)
        own = None
        if mode in provider.fault_modes:
            with provider.lock:
                own = provider.own_fault(fault, request)
        if own is not None:
            return own
        answer = None
        if fault.processes or mode in ('delay', 'expire_token', *provider.fault_modes):
            answer = self._answer(request, candidates, entry)
        if mode == 'delay' and after:
            provider.clock.sleep(float(params.get('seconds', 1)))
        if mode == 'lose_response':
            raise Dropped('lost')
        return self._instead(request, fault) or answer or Response(500)

    def _instead(self, request, fault):
        mode = fault.mode
        if mode.startswith('status:'):
            return self.provider.fault_status(request, int(mode[7:]))
        if mode == 'html':
            status = int(fault.params.get('status', 502))
            return Response(status, body=HTML_502, content_type='text/html')
        if mode == 'empty':
            return Response(200, content_type='application/json')
        if mode == 'rate_limit':
            return self.provider.rate_limited(request)
        return None

    def _answer(self, request, candidates, entry):
        """Route and handle; ``entry`` notes what the provider itself thought."""
        provider = self.provider
        try:
            if not request.route:
                if candidates:
                    allowed = {m for r, _ in candidates for m in r.method.split(',')}
                    response = provider.wrong_method(request, allowed)
                else:
                    response = provider.not_found(request)
                response.refused = response.refused or 'no such route'
            elif request.route.locked:
                with provider.lock:
                    response = provider.before(request) or request.route.handler(request)
            else:
                response = provider.before(request) or request.route.handler(request)
        except Refused as refusal:
            response = refusal.response
        except Exception as error:
            traceback.print_exc(file=sys.stderr)
            entry['verdict'] = 'crash'
            response = provider.crashed(request, error)
            response.refused = repr(error)
        refused = response.refused or (response.status >= 400 and response.status)
        entry.setdefault('verdict', 'refused' if refused else 'ok')
        entry['reason'] = str(refused or '')
        entry['processed_status'] = response.status
        return response

    def _log(self, request, response, entry, started):
        provider = self.provider
        with provider.lock:
            provider.call_count += 1
            provider.calls.append({
                'seq': provider.call_count,
                'at': provider.now().isoformat(),
                'operation': entry['operation'],
                'method': request.method,
                'path': request.path,
                'status': response.status if response else None,
                'verdict': entry.get('verdict', 'not processed'),
                'reason': entry.get('reason', ''),
                'reference': str(request.reference or ''),
                'account': str(request.account or ''),
                'fault': entry['fault'],
                'ms': round((time.monotonic() - started) * 1000, 1),
            })

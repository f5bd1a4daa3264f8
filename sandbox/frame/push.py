"""Webhook delivery: a queue and one thread per provider, never under its lock."""

import http.client
import itertools
import threading
from dataclasses import asdict, dataclass, field
from urllib.parse import urlsplit

FINAL = ('delivered', 'lost', 'dropped')


@dataclass
class Push:
    """One webhook. States: queued, held (reorder fault), waiting (for a retry),
    delivered, lost (refused for good), dropped (drop fault)."""

    seq: int
    at: str
    topic: str
    reference: str
    url: str
    body: str
    headers: dict
    method: str = 'POST'
    state: str = 'queued'
    copies: int = 1
    due: float = 0.0
    attempts: list = field(default_factory=list)

    def as_dict(self):
        return asdict(self)


def deliver(push, timeout):
    """Send once. Returns (status or None, body text, error text)."""
    parts = urlsplit(push.url)
    kind = (
        http.client.HTTPSConnection if parts.scheme == 'https'
        else http.client.HTTPConnection
    )
    wire = kind(parts.hostname, parts.port, timeout=timeout)
    try:
        target = (parts.path or '/') + ('?' + parts.query if parts.query else '')
        headers = {'Content-Type': 'application/json', **push.headers}
        wire.request(push.method, target, push.body.encode('utf-8'), headers)
        answer = wire.getresponse()
        return answer.status, answer.read(4096).decode('utf-8', 'replace'), ''
    except (OSError, http.client.HTTPException, ValueError) as error:
        return None, '', f'{type(error).__name__}: {error}'
    finally:
        wire.close()


class Courier:
    """Delivers the pushes of one provider in the order they were made.

    A push waiting for its retry does not hold up the next ones. Retries fall due by
    the sandbox's clock, so moving the clock makes them come at once.
    """

    def __init__(self, provider):
        self.provider = provider
        self.pushes = []
        self._ids = itertools.count(1)
        self._wake = threading.Condition()
        self._busy = 0
        self._stopped = False
        self._thread = threading.Thread(
            target=self._run, name=f'{provider.code}-push', daemon=True
        )

    def start(self):
        self._thread.start()

    def stop(self):
        with self._wake:
            self._stopped = True
            self._wake.notify_all()
        if self._thread.is_alive():
            self._thread.join(2)

    def add(self, url, body, headers, topic, reference, method='POST'):
        """Queue a webhook (the caller holds the provider's lock)."""
        provider = self.provider
        push = Push(
            next(self._ids), provider.now().isoformat(), topic, reference, url, body,
            dict(headers or {}), method,
        )
        fault = provider.faults.take(topic or '*', push=True)
        with self._wake:
            self.pushes.append(push)
            held = [p for p in self.pushes if p.state == 'held']
            if fault and fault.mode == 'drop_push':
                push.state = 'dropped'
            elif fault and fault.mode == 'reorder_push':
                push.state = 'held'
                held = []
            elif fault:
                push.copies = int(fault.params.get('copies', 2))
            for old in held:  # it now comes after the newer one
                self.pushes.remove(old)
                self.pushes.append(old)
                old.state = 'queued'
            self._wake.notify_all()
        return push

    def flush(self, timeout=60):
        """Send all that is queued, held or waiting now; True if none is left."""
        with self._wake:
            for push in self.pushes:
                if push.state in ('held', 'waiting'):
                    push.state = 'queued'
                    push.due = 0
            self._wake.notify_all()
        return self.idle(timeout)

    def idle(self, timeout=60):
        """Wait until no push is queued or on its way (retries may wait)."""
        with self._wake:
            return self._wake.wait_for(lambda: not self._busy and not any(
                p.state == 'queued' for p in self.pushes), timeout)

    def clear(self):
        with self._wake:
            self.pushes.clear()

    def list(self):
        with self._wake:
            return [p.as_dict() for p in self.pushes]

    def load(self, rows):
        with self._wake:
            self.pushes[:] = [Push(**row) for row in rows]
            last = max((p.seq for p in self.pushes), default=0)
            self._ids = itertools.count(last + 1)
            self._wake.notify_all()

    def _next(self):
        for push in self.pushes:
            if push.state == 'queued':
                return push
        now = self.provider.time()
        for push in self.pushes:
            if push.state == 'waiting' and push.due <= now:
                return push
        return None

    def _run(self):
        while True:
            with self._wake:
                push = self._next()
                while not push and not self._stopped:
                    self._wake.wait(0.25)
                    push = self._next()
                if self._stopped:
                    return
                self._busy += 1
                push.state = 'queued'
            try:
                self._send(push)
            finally:
                with self._wake:
                    self._busy -= 1
                    self._wake.notify_all()
            self.provider.changed()

    def _send(self, push):
        results = []

        def once():
            results.append(deliver(push, self.provider.push_timeout))

        copies, push.copies = push.copies, 1
        threads = [threading.Thread(target=once) for _ in range(copies)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        provider = self.provider
        at = provider.now().isoformat()
        # asked outside of our own lock: a provider may take its lock in its hooks
        accepted = any(s and provider.push_accepted(s, a) for s, a, _ in results)
        retried = provider.push_retried(results[-1][0])
        with self._wake:
            push.attempts += [
                {'at': at, 'status': s, 'answer': a[:300], 'error': e}
                for s, a, e in results
            ]
            tries = len(push.attempts) - 1
            if accepted:
                push.state = 'delivered'
            elif retried and tries < len(provider.push_delays):
                push.state = 'waiting'
                push.due = provider.time() + provider.push_delays[tries]
            else:
                push.state = 'lost'
        if push.state in FINAL:
            provider.push_done(push)

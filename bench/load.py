"""HTTP calls to a server: as many as it takes, or at a given pace."""

import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

SENDERS = 4  # two for each worker, so that none ever waits for us


def raw(method, url, headers=None, body=b''):
    """The bytes of a request; one connection each, as a provider's webhooks come."""
    parts = urlsplit(url)
    head = [f'{method} {parts.path} HTTP/1.1', f'Host: {parts.netloc}',
            'Connection: close', f'Content-Length: {len(body)}',
            *(f'{name}: {value}' for name, value in (headers or {}).items())]
    return '\r\n'.join([*head, '', '']).encode() + body


def send(address, request):
    """Send one request and read the whole answer.

    :raise AssertionError: the answer is no 200
    """
    with socket.create_connection(address, timeout=60) as line:
        line.sendall(request)
        answer = b''
        while part := line.recv(65536):
            answer += part
    assert answer[9:12] == b'200', answer[:300]


def throughput(url, requests):
    """Requests per second when ``SENDERS`` send them as fast as they are answered."""
    address = (urlsplit(url).hostname, urlsplit(url).port)
    left, lock = iter(requests), threading.Lock()

    def work():
        while True:
            with lock:
                request = next(left, None)
            if request is None:
                return
            send(address, request)

    started = time.perf_counter()
    with ThreadPoolExecutor(SENDERS) as pool:
        for job in [pool.submit(work) for _sender in range(SENDERS)]:
            job.result()
    return len(requests) / (time.perf_counter() - started)


def paced(url, requests, per_second):
    """Send at a fixed pace, whatever the answers take.

    :return: list of milliseconds from when each was due to its whole answer
    """
    address = (urlsplit(url).hostname, urlsplit(url).port)
    started = time.perf_counter() + 0.5

    def one(number, request):
        due = started + number / per_second
        time.sleep(max(due - time.perf_counter(), 0))
        send(address, request)
        return 1000 * (time.perf_counter() - due)

    with ThreadPoolExecutor(32) as pool:
        jobs = [pool.submit(one, *item) for item in enumerate(requests)]
        return [job.result() for job in jobs]

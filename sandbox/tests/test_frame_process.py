"""python -m sandbox as its own process."""

import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import requests

ROOT = Path(__file__).parents[2]


def run(*arguments):
    process = subprocess.Popen(
        [sys.executable, '-m', 'sandbox', '--providers', 'sinvoice', *arguments],
        cwd=ROOT, stdout=subprocess.PIPE, text=True)
    urls = {}
    for line in process.stdout:
        name, url = re.fullmatch(r'(\w+)\s+(http://\S+?)/?', line.strip()).groups()
        urls[name] = url
        if len(urls) == 2:
            return process, urls
    raise AssertionError('it ended')


def free_base():
    """A control port that is free together with S-Invoice's, 21 above."""
    for base in range(20000 + os.getpid() % 5000, 32000, 40):
        with socket.socket() as one, socket.socket() as two:
            try:
                one.bind(('127.0.0.1', base))
                two.bind(('127.0.0.1', base + 21))
            except OSError:
                continue
            return base
    raise AssertionError('no free ports')


def stop(process, how=signal.SIGTERM):
    process.send_signal(how)
    assert process.wait(10) == 0
    process.stdout.close()


def test_ports_state_and_end(tmp_path):
    state = str(tmp_path / 'state.json')
    process, urls = run('--base-port', '0', '--state', state)
    try:
        requests.post(urls['control'] + '/sinvoice/invoices', json={}, timeout=5)
    finally:
        stop(process)
    base = free_base()
    process, urls = run('--base-port', str(base), '--state', state)
    try:
        assert urls == {'control': f'http://127.0.0.1:{base}',
                        'sinvoice': f'http://127.0.0.1:{base + 21}'}
        rows = requests.get(urls['control'] + '/sinvoice/invoices', timeout=5).json()
        assert len(rows) == 1
    finally:
        stop(process, signal.SIGINT)

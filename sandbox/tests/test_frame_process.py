"""python -m sandbox as its own process."""

import re
import signal
import subprocess
import sys
from pathlib import Path

import requests

from gtgtools.odoo import free_port

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


def stop(process, how=signal.SIGTERM):
    process.send_signal(how)
    assert process.wait(60) == 0
    process.stdout.close()


def test_ports_state_and_end(tmp_path):
    state = str(tmp_path / 'state.json')
    process, urls = run('--base-port', '0', '--state', state)
    try:
        requests.post(urls['control'] + '/sinvoice/invoices', json={}, timeout=60)
    finally:
        stop(process)
    base = free_port(span=22)  # S-Invoice's is 21 above
    process, urls = run('--base-port', str(base), '--state', state)
    try:
        assert urls == {'control': f'http://127.0.0.1:{base}',
                        'sinvoice': f'http://127.0.0.1:{base + 21}'}
        rows = requests.get(urls['control'] + '/sinvoice/invoices', timeout=60).json()
        assert len(rows) == 1
    finally:
        stop(process, signal.SIGINT)

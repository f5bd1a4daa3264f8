"""A headless Chromium, spoken to directly: open, wait, click, take a picture."""

import base64
import itertools
import json
import tempfile
import time
import urllib.request
from contextlib import contextmanager

import websocket

from gtgtools import odoo, processes

FLAGS = (
    '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
    '--disable-background-networking', '--disable-component-update', '--disable-sync',
    '--hide-scrollbars', '--lang=en-US', '--remote-allow-origins=*')


class Page:
    """One tab."""

    def __init__(self, address):
        self.socket = websocket.create_connection(address, timeout=240)
        self._ids = itertools.count(1)
        for domain in ('Page', 'Runtime', 'Network'):
            self.send(f'{domain}.enable')

    def send(self, method, **params):
        """One command of the DevTools protocol; returns its result."""
        number = next(self._ids)
        self.socket.send(json.dumps({'id': number, 'method': method, 'params': params}))
        while True:
            message = json.loads(self.socket.recv())
            if message.get('id') == number:
                if 'error' in message:
                    raise RuntimeError(f'{method}: {message["error"]["message"]}')
                return message['result']

    def log_in(self, session):
        """Be the user of a `demo.web.Session`."""
        for cookie in session.http.cookies:
            self.send('Network.setCookie', name=cookie.name, value=cookie.value,
                      url=session.url)

    def size(self, width, height):
        self.send('Emulation.setDeviceMetricsOverride', width=width, height=height,
                  deviceScaleFactor=1, mobile=False)

    def open(self, url, ready, seconds=240):
        """Go to a page and wait until a CSS selector is there."""
        self.send('Page.navigate', url=url)
        self.wait(f'!!document.querySelector({json.dumps(ready)})', seconds)

    def run(self, script):
        """The value of a JavaScript expression."""
        result = self.send('Runtime.evaluate', expression=script, returnByValue=True,
                           awaitPromise=True)
        return result['result'].get('value')

    def wait(self, script, seconds=240):
        ends = time.monotonic() + seconds
        while not self.run(script):
            if time.monotonic() > ends:
                raise TimeoutError(f'{script} at {self.run("location.href")}')
            time.sleep(0.2)

    def click(self, selector):
        self.wait(f'!!document.querySelector({json.dumps(selector)})')
        self.run(f'document.querySelector({json.dumps(selector)}).click()')

    def scan(self, code):
        """What a barcode scanner does: type fast, then Enter."""
        for key in code:
            self.send('Input.dispatchKeyEvent', type='char', text=key)
        for kind in ('keyDown', 'keyUp'):
            self.send('Input.dispatchKeyEvent', type=kind, key='Enter', code='Enter',
                      windowsVirtualKeyCode=13, text='\r')

    def picture(self):
        """PNG bytes of what is seen."""
        answer = self.send('Page.captureScreenshot', format='png')
        return base64.b64decode(answer['data'])


@contextmanager
def chromium(width=1360, height=820):
    """Run a browser of its own and yield its `Page`."""
    port = odoo.free_port()
    with tempfile.TemporaryDirectory(prefix='gtg-chromium-') as profile:
        process = processes.spawn([
            'chromium', *FLAGS, f'--remote-debugging-port={port}',
            f'--user-data-dir={profile}', 'about:blank'],
            stdout=processes.subprocess.DEVNULL, stderr=processes.subprocess.DEVNULL)
        try:
            page = Page(_address(port, process))
            page.size(width, height)
            page.send('Emulation.setTimezoneOverride', timezoneId='Asia/Ho_Chi_Minh')
            yield page
        finally:
            processes.stop(process)


def _address(port, process, seconds=120):
    ends = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(
                    f'http://127.0.0.1:{port}/json/list', timeout=5) as answer:
                tabs = [tab for tab in json.loads(answer.read())
                        if tab['type'] == 'page']
            return tabs[0]['webSocketDebuggerUrl']
        except (OSError, IndexError):
            if process.poll() is not None:
                raise RuntimeError(
                    f'Chromium ended with {process.returncode} before it listened: '
                    f'run "chromium {" ".join(FLAGS[:3])}" by hand to see why') from None
            if time.monotonic() > ends:
                raise
            time.sleep(0.2)

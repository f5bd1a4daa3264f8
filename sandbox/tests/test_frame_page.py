"""The control page in a real browser: what a person clicks, happens."""

import json
import re
import shutil
import subprocess
import threading
import time

import pytest

import sandbox
from sandbox.tests.test_frame import Shop

websocket = pytest.importorskip('websocket')
CHROMIUM = shutil.which('chromium') or shutil.which('chromium-browser')
pytestmark = pytest.mark.skipif(not CHROMIUM, reason='no Chromium')


class Browser:
    """Chromium by its debugging protocol, one page."""

    def __init__(self, profile, url):
        self.process = subprocess.Popen(
            [CHROMIUM, '--headless', '--no-sandbox', '--disable-gpu',
             '--remote-debugging-port=0', '--remote-allow-origins=*',
             f'--user-data-dir={profile}', '--window-size=1400,1000', 'about:blank'],
            stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
        found = None
        for line in self.process.stderr:
            found = re.search(r'DevTools listening on (ws://\S+)', line)
            if found:
                break
        assert found, 'Chromium ended before it listened'
        # a full pipe would stop it
        threading.Thread(target=self.process.stderr.read, daemon=True).start()
        self.wire = websocket.create_connection(found.group(1), timeout=60)
        self.count, self.session = 0, None
        target = self.call('Target.createTarget', url=url)['targetId']
        self.session = self.call(
            'Target.attachToTarget', targetId=target, flatten=True)['sessionId']

    def call(self, method, **params):
        self.count += 1
        message = {'id': self.count, 'method': method, 'params': params}
        if self.session:
            message['sessionId'] = self.session
        self.wire.send(json.dumps(message))
        while True:
            answer = json.loads(self.wire.recv())
            if answer.get('id') == self.count:
                assert 'error' not in answer, answer
                return answer['result']

    def run(self, script):
        answer = self.call('Runtime.evaluate', expression=script, returnByValue=True)
        assert 'exceptionDetails' not in answer, answer
        return answer['result'].get('value')

    def wait(self, script):
        deadline = time.monotonic() + 120
        while not (value := self.run(script)):
            assert time.monotonic() < deadline, f'never: {script}'
            time.sleep(0.1)
        return value

    def click(self, text):
        self.wait(f'''(() => {{
            const button = [...document.querySelectorAll('button')].find(
                (b) => b.textContent.trim() === {json.dumps(text)} && b.offsetParent);
            if (button) button.click();
            return Boolean(button);
        }})()''')

    def close(self):
        self.wire.close()
        self.process.terminate()
        self.process.wait(60)


class ClickShop(Shop):
    """The frame test's provider with a form for its button."""

    objects = {'parcels': {
        'create': 'make', 'verbs': {'pick': 'pick'}, 'list': 'rows',
        'columns': ['id', 'ref', 'state'], 'create_form': {'ref': '<b>Q&A</b>'}}}



def start(folder, url):
    """A browser; on a busy machine its first start may fail."""
    for number in range(3):
        try:
            return Browser(folder / str(number), url)
        except (AssertionError, OSError):
            time.sleep(5)
    return Browser(folder / 'last', url)


def test_click_through(tmp_path):
    with sandbox.start(providers=[ClickShop]) as sb:
        browser = start(tmp_path, sb.control_url + '/')
        try:
            browser.click('New parcel')
            browser.wait("document.querySelector('td.key')?.textContent === '1'")
            # provider text is text, never markup
            assert browser.run("document.querySelector('td b')") is None
            browser.click('Pick')
            browser.wait("document.querySelector('.pill')?.textContent === 'picked'")
            assert sb.get('/shop/parcels/1')['state'] == 'picked'
            browser.click('Faults')
            browser.click('Inject')
            browser.click('Remove')
            browser.wait("document.querySelector('.empty')?.textContent.includes('No fault')")
            browser.click('+1 h')
            browser.click('Real time')
            browser.wait("document.getElementById('real').hidden")
            assert abs(sb.clock.offset) < 1
            # what happens elsewhere appears by itself
            sb.post('/shop/parcels', {'ref': 'other'})
            browser.wait("document.querySelectorAll('td.key').length === 2")
        finally:
            browser.close()

"""Pushes: the envelope, the signature, the queue of lost ones (README 8)."""

import http.client
import json
import uuid
from urllib.parse import urlsplit

from ..frame import dumps
from .signing import push_sign

KEEP_LOST = 3 * 86400
PAGE = 100
VERIFY = (
    '{"code":0,"data":{"verify_info":"This is a Verification message.'
    'Please respond in the certain format."}}'
)
PARTNER_LEVEL = (1, 2)  # with partner_id, without shop_id
NAMELESS = (12,)  # with neither


class Postman:
    """Writes, signs and hands over the pushes of all apps."""

    codes = [1, 2, 3, 4, 5, 7, 8, 12, 15, 16, 22, 27, 28, 29, 30, 47]

    def __init__(self, world):
        self.world = world

    def send(self, app, code, shop_id, data):
        """Queue one push, unless the app switched it off."""
        if code in app['push_off'] or shop_id in app['blocked_shops']:
            return
        # README 8: this very text is signed and sent, nobody writes it again.
        body = dumps(self._envelope(app, code, shop_id, data), separators=(',', ':'))
        number = data.get('ordersn') or data.get('order_sn') or data.get('return_sn')
        self.world.push(
            app['callback_url'],
            body,
            {'Authorization': self._sign(app, app['callback_url'], body)},
            topic=f'push_{code}',
            reference=str(number or shop_id or ''),
        )

    def _envelope(self, app, code, shop_id, data):
        envelope = {'data': data, 'code': code, 'timestamp': self.world.seconds()}
        if code in PARTNER_LEVEL:
            envelope['partner_id'] = app['partner_id']
        elif code not in NAMELESS:
            envelope['shop_id'] = shop_id
        if self.world.settings['push_msg_id']:
            envelope = {'msg_id': uuid.uuid4().hex, **envelope}
        return envelope

    def _sign(self, app, url, body):
        own = self.world.settings['push_signed_with'] == 'push_key'
        key = app['push_key'] if own else app['partner_key']
        return push_sign(key, url, body.encode())

    def verify(self, app, url):
        """Send the test push of a new address at once; True: it answered 2xx."""
        parts = urlsplit(url)
        secure = parts.scheme == 'https'
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        if parts.scheme not in ('http', 'https') or not parts.hostname:
            return False
        wire = kind(parts.hostname, parts.port, timeout=3)
        headers = {
            'Content-Type': 'application/json',
            'Authorization': self._sign(app, url, VERIFY),
        }
        try:
            target = parts.path + (f'?{parts.query}' if parts.query else '')
            wire.request('POST', target or '/', VERIFY.encode(), headers)
            return 200 <= wire.getresponse().status < 300
        except (OSError, http.client.HTTPException):
            return False
        finally:
            wire.close()

    # === LOST === #

    def lose(self, push):
        """Keep a push that no try delivered, for the lost queue."""
        envelope = json.loads(push.body)
        app = self.world.app_of_url(push.url)
        if not app:
            return
        self.world.data['lost'].append(
            {
                'id': self.world.count('lost'),
                'partner_id': app['partner_id'],
                'at': self.world.seconds(),
                'code': envelope.get('code'),
                'shop_id': envelope.get('shop_id'),
                'timestamp': envelope.get('timestamp'),
                'body': push.body,
            }
        )

    def lost_page(self, app):
        """Return the oldest 100 unconfirmed messages of the last three days."""
        oldest = self.world.seconds() - KEEP_LOST
        rows = [
            row
            for row in self.world.data['lost']
            if row['partner_id'] == app['partner_id'] and row['at'] >= oldest
        ]
        page = rows[:PAGE]
        messages = []
        for row in page:
            message = {'code': row['code'], 'timestamp': row['timestamp']}
            if row['shop_id']:
                message['shop_id'] = row['shop_id']
            message['data'] = row['body']
            messages.append(message)
        return {
            'push_message_list': messages,
            'has_next_page': len(rows) > PAGE,
            'last_message_id': page[-1]['id'] if page else 0,
        }

    def confirm(self, app, last):
        """Forget all messages up to ``last``: a watermark, not single ids."""
        self.world.data['lost'] = [
            row
            for row in self.world.data['lost']
            if row['partner_id'] != app['partner_id'] or row['id'] > last
        ]

"""How Shopee signs calls and pushes (README 2 and 6)."""

import hashlib
import hmac


def sign(key, base):
    """HMAC-SHA256 as 64 lowercase hex digits; the key is text, never decoded hex."""
    return hmac.new(key.encode(), base.encode(), hashlib.sha256).hexdigest()


def base_string(partner_id, path, timestamp, access_token=None, owner_id=None):
    """The signed text: neither parameters nor body are part of it (README 2).

    :param access_token: with `owner_id` (a shop or merchant), else a public call
    :raise ValueError: only one of them: it would sign the word None
    """
    if bool(access_token) != bool(owner_id):
        raise ValueError('a shop call needs both the access token and the shop')
    own = f'{access_token}{owner_id}' if owner_id else ''
    return f'{partner_id}{path}{timestamp}{own}'


def push_digest(key, callback_url, body):
    """What the Authorization header of a push must be.

    :param str callback_url: as configured in the console, never as received
    :param bytes body: as received
    """
    message = callback_url.encode() + b'|' + body
    return hmac.new(key.encode(), message, hashlib.sha256).hexdigest()


def push_is_genuine(keys, callback_url, body, authorization):
    """Whether one of the keys signed the push, compared in constant time."""
    given = (authorization or '').encode()
    return any([
        hmac.compare_digest(push_digest(key, callback_url, body).encode(), given)
        for key in keys if key
    ])

"""The two signatures: of API calls and of pushes (README 2 and 8)."""

import hashlib
import hmac


def _digest(key, text):
    message = text if isinstance(text, bytes) else text.encode()
    return hmac.new(key.encode(), message, hashlib.sha256).hexdigest()


def base_string(partner_id, path, timestamp, access_token='', owner_id=''):
    """Return what is signed: the parts in a row, nothing between them."""
    return f'{partner_id}{path}{timestamp}{access_token}{owner_id}'


def api_sign(key, partner_id, path, timestamp, access_token='', owner_id=''):
    """Return 64 lowercase hex digits; the key is used as text, never hex-decoded."""
    return _digest(
        key, base_string(partner_id, path, timestamp, access_token, owner_id)
    )


def push_sign(key, callback_url, raw_body):
    """Return the ``Authorization`` header of a push with exactly these body bytes."""
    return _digest(key, callback_url.encode() + b'|' + raw_body)


def same(left, right):
    """Compare two digests in constant time."""
    return hmac.compare_digest(left.encode(), right.encode())

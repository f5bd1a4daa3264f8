"""Reads Shopee's answers: success, or one of the five errors of the engine."""

import datetime

from odoo.addons.gtg_connector_base.lib.errors import (
    AuthExpired,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    Retryable,
)

from . import const

_ = str  # marks texts for the translators; they are translated when shown
RECONNECT = _('Press "Connect" on the shop and let the seller authorize it again.')


class StaleTimestamp(Rejected):
    """The request was too old when it arrived: sign it again (README 3)."""


class TokenRefused(AuthExpired):
    """The access token was refused: refresh it once, then believe it."""


def code_of(payload):
    """(full code, code without its module), both stripped; '' means success."""
    full = str(payload.get('error') or '').strip()
    if full == '-':  # README 3: "-" and " " are successes
        full = ''
    return full, full.rsplit('.', 1)[-1].strip()


def text_of(payload, default=''):
    text = payload.get('message') or payload.get('msg') or default
    return str(text).strip() or default


def read(answer, safe, now):
    """The payload of a successful answer.

    :param answer: `lib.transport.Answer`
    :param bool safe: the call changes nothing at Shopee
    :param datetime now: for waiting until a quota starts anew
    :raise ConnectorError: one of the five, by README 3
    """
    try:
        payload = answer.json()
        if not isinstance(payload, dict) or 'error' not in payload:
            raise ValueError('no envelope')
    except ValueError:
        raise _no_envelope(answer, safe) from None
    full, code = code_of(payload)
    if answer.status == 429:
        raise RateLimited(text_of(payload, _('Too many calls')), code=full or '429',
                          after=retry_after(answer) or 2)
    if answer.status >= 500:
        raise (Retryable if safe else OutcomeUnknown)(
            text_of(payload, f'Shopee answered {answer.status}'), code=full)
    if code:
        raise error_for(full, code, text_of(payload, full), safe, now, payload)
    if answer.status >= 400:
        raise _no_envelope(answer, safe)
    return payload


def _no_envelope(answer, safe):
    """No JSON, or an error status without a code: the edge answered, not Shopee."""
    text = f'Shopee answered {answer.status} without a readable body'
    if answer.status == 429:
        return RateLimited(text, code='429', after=retry_after(answer) or 2)
    if 400 <= answer.status < 500:
        return Rejected(text, code=str(answer.status), hint=(
            _("Check that this server's address is on the app's IP whitelist.")
            if answer.status == 403 else None))
    # README 3: a gateway error says nothing about what happened behind it
    return (Retryable if safe else OutcomeUnknown)(text, code=str(answer.status))


def retry_after(answer):
    for name, value in answer.headers.items():
        if name.lower() == 'retry-after' and value.strip().isdigit():
            return int(value)
    return None


def error_for(full, code, text, safe, now, payload=None):
    """The engine's error for a Shopee error code."""
    if code in const.TOKEN_BAD:
        return TokenRefused(text, code=full, hint=RECONNECT)
    if code in const.AUTHORIZATION_OVER:
        return AuthExpired(text, code=full, hint=RECONNECT)
    if code == 'error_auth':
        return _auth(full, text)
    if code == 'error_param' and 'timestamp is expired' in text.lower():
        return StaleTimestamp(text, code=full, hint=_('Check the clock of the server.'))
    if code in const.THROTTLED:
        return RateLimited(text, code=full, after=2)
    if code == 'error_limit' and full == code and 'can not' not in text.lower():
        return RateLimited(text, code=full, after=seconds_to_new_quota(now))
    if code in const.NOT_YET:
        return Retryable(text, code=full, after=5)
    if code == 'error_param' and 'being allocated' in text.lower():
        return Retryable(text, code=full, after=300)
    if code in const.TRANSIENT:
        return (Retryable if safe else OutcomeUnknown)(text, code=full)
    if code in const.PLATFORM_SANCTION:
        return Rejected(text, code=full, hint=_(
            'Shopee restricts this shop or app: see Seller Centre.'))
    error = Rejected(text, code=full, hint=const.CONFIGURATION.get(code))
    error.payload = payload or {}  # batch calls carry a result per row
    return error


def _auth(full, text):
    """README 3: error_auth also means holiday mode and missing permissions."""
    low = text.lower()
    if 'refresh token' in low or 'refresh_token' in low:
        return AuthExpired(text, code=full, hint=RECONNECT)
    if any(word in low for word in (
            'holiday', 'permission', 'partner_id is', 'app ', 'invalid code')):
        return Rejected(text, code=full, hint=_(
            'Shopee refuses this for the app or shop; the connection itself works.'))
    return TokenRefused(text, code=full, hint=RECONNECT)


def seconds_to_new_quota(now):
    """Seconds until midnight UTC+8, when the daily quotas start anew."""
    local = now.astimezone(
        datetime.timezone(datetime.timedelta(hours=const.QUOTA_ZONE_HOURS)))
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    return ((midnight + datetime.timedelta(days=1)) - local).total_seconds() + 60

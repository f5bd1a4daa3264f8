"""The tax office: what becomes of a document that was sent to it.

A *filing* is a JSON-able dict: state, code, reason, polls, sent (Unix seconds).
"""

import secrets

NOT_SENT, SENT, ACCEPTED = 'not_sent', 'sent', 'accepted'
REFUSED, FAILED = 'refused', 'failed'  # FAILED: it could not be sent, is tried again
FINAL = (ACCEPTED, REFUSED)
SETTINGS = {
    'code_mode': 'polls',  # or seconds, manual (control page)
    'code_after_polls': 2, 'code_after_seconds': 5,
    'tax_sending': 'auto',  # or manual
    'tax_outcome': 'approve',  # or refuse, fail
    'tax_refusal': 'Mã số thuế người mua không tồn tại',
    'refusal_word': 'BỊ TỪ CHỐI',  # in the name of an item
    'unknown_tax_codes': ['0100233480', '0102663797'],
}


def filing(now, code=None):
    return {'state': NOT_SENT, 'code': code, 'reason': None, 'polls': 0, 'made': now}


def register_code(series, number):
    """Of a cash register: built from the range granted beforehand, 23 characters."""
    return f'M1-{series[1:3]}-SBOXA-{number:011d}'


def send(filing):
    if filing['state'] in (NOT_SENT, FAILED):
        filing['state'] = SENT


def accept(filing, with_code, code=None):
    filing['state'], filing['reason'] = ACCEPTED, None
    if with_code and not filing['code']:
        filing['code'] = code or '00' + secrets.token_hex(16).upper()


def refuse(filing, reason):
    filing['state'], filing['reason'] = REFUSED, reason


def doom(settings, buyer_tax_code, names):
    """Why the tax office will refuse this whatever the settings say, or None."""
    if buyer_tax_code and buyer_tax_code in settings['unknown_tax_codes']:
        return f'Mã số thuế {buyer_tax_code} không tồn tại'
    word = settings['refusal_word'].lower()
    if word and any(word in (name or '').lower() for name in names):
        return 'Tên hàng hóa không hợp lệ'
    return None


def advance(filing, settings, now, with_code, poll=False, fatal=None):
    """Move on by itself: one step per look-up, or as seconds pass."""
    if poll:
        filing['polls'] += 1
    if filing['state'] in FINAL:
        return
    if filing['state'] == NOT_SENT:
        if settings['tax_sending'] != 'auto':
            return
        if poll or settings['code_mode'] != 'polls':
            send(filing)
    ready = {
        'polls': filing['polls'] >= settings['code_after_polls'],
        'seconds': now - filing['made'] >= settings['code_after_seconds'],
    }.get(settings['code_mode'], False)
    if not ready:
        return
    if settings['tax_outcome'] == 'fail':
        filing['state'] = FAILED
    elif fatal or settings['tax_outcome'] == 'refuse':
        refuse(filing, fatal or settings['tax_refusal'])
    else:
        accept(filing, with_code)

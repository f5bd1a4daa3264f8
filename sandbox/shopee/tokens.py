"""The token book: codes, access tokens, rotating refresh tokens, authorizations.

README 3. Everything lives in one dict that goes to disk as JSON. An *owner* is the
text 'shop:<id>' or 'merchant:<id>'; a *link* says that a seller lets the app in.
"""

import secrets

from .errors import Refused

CODE_LIFE = 600
ACCESS_LIFE = 4 * 3600
REFRESH_LIFE = 30 * 86400
OVERLAP = 300  # seconds that the old access token lives on after a refresh
DAY = 86400

# README 3: what a call is told, by what became of the link.
LINK_OVER = {
    'revoked': ('shop_no_linked', 'The shop is not linked to this partner.'),
    'expired': ('shop_access_expired', 'The authorization of the shop has expired.'),
    'banned': ('shop_banned', 'The shop is banned.'),
}


def owner_key(kind, number):
    """Return the key of an owner, e.g. ``shop:226417938``."""
    return f'{kind}:{number}'


class TokenBook:
    """Issues and checks tokens. ``now`` is always Unix seconds."""

    def __init__(self, data):
        self.data = data
        for name in ('codes', 'access', 'refresh', 'links'):
            data.setdefault(name, {})

    # === AUTHORIZATION === #

    def grant(self, partner_id, owners, grant_type, grant_id, days, now):
        """Note that a seller let the app in; return the code for the redirect."""
        for owner in owners:
            self.data['links'][f'{partner_id}/{owner}'] = {
                'since': now,
                'until': now + days * DAY,
                'over': '',
            }
        code = secrets.token_hex(16)
        self.data['codes'][code] = {
            'partner_id': partner_id,
            'owners': owners,
            'grant_type': grant_type,
            'grant_id': grant_id,
            'until': now + CODE_LIFE,
            'used': False,
        }
        return code

    def link(self, partner_id, owner):
        """Return the link of the app and the owner, or None."""
        return self.data['links'].get(f'{partner_id}/{owner}')

    def end_link(self, partner_id, owner, how):
        """End a link; ``how``: revoked, expired or banned. False: there was none."""
        link = self.link(partner_id, owner)
        if not link or link['over']:
            return False
        link['over'] = how
        return True

    def check_link(self, partner_id, owner, now):
        """Raise when the owner does not let the app in (any more)."""
        link = self.link(partner_id, owner)
        if not link:
            raise Refused(*LINK_OVER['revoked'])
        if not link['over'] and link['until'] <= now:
            link['over'] = 'expired'
        if link['over']:
            raise Refused(*LINK_OVER[link['over']])
        return link

    # === TOKENS === #

    def exchange(self, partner_id, code, grant_type, grant_id, now):
        """Turn a code into the first pair; return (pair, owners)."""
        row = self.data['codes'].get(code)
        if (
            not row
            or row['used']
            or row['until'] <= now
            or row['partner_id'] != partner_id
        ):
            raise Refused('error_auth', 'Invalid code')
        if (row['grant_type'], row['grant_id']) != (grant_type, grant_id):
            # The spelling of the second one is Shopee's.
            bad = (
                'invalid_shop_id'
                if grant_type == 'shop_id'
                else 'invalid_main_acount_id'
            )
            raise Refused(bad, f'Invalid {grant_type}.')
        row['used'] = True
        for owner in row['owners']:
            self._end_chain(partner_id, owner)
        return self.issue(partner_id, row['owners'], now), row['owners']

    def issue(self, partner_id, owners, now, access=None, refresh=None):
        """Write a new pair for the owners (several: the first of a main account)."""
        access = access or secrets.token_hex(16)
        refresh = refresh or secrets.token_hex(16)
        self.data['access'][access] = {
            'partner_id': partner_id,
            'owners': list(owners),
            'until': now + ACCESS_LIFE,
            'dead': [],
        }
        self.data['refresh'][refresh] = {
            'partner_id': partner_id,
            'owners': list(owners),
            'left': list(owners),
            'until': now + REFRESH_LIFE,
            'access': access,
        }
        return {
            'access_token': access,
            'refresh_token': refresh,
            'expire_in': ACCESS_LIFE,
        }

    def refresh(self, partner_id, token, owner, now):
        """Consume a refresh token for one owner and return the next pair."""
        row = self.data['refresh'].get(token)
        if not row or row['partner_id'] != partner_id:
            raise Refused('error_auth', 'Invalid refresh_token.')
        if owner not in row['owners']:
            kind = owner.split(':')[0]
            raise Refused(
                f'error_{kind}_refresh_token',
                f'The refresh_token does not belong to this {kind}_id.',
            )
        self.check_link(partner_id, owner, now)
        if owner not in row['left']:
            raise Refused('error_auth', 'Invalid refresh_token.')
        if row['until'] <= now:
            raise Refused('refresh_token_expired', 'Your refresh_token expired.')
        row['left'].remove(owner)
        old = self.data['access'].get(row['access'])
        if old and len(row['owners']) == 1:
            # README 3: the first token of a main account serves till its own end.
            old['until'] = min(old['until'], now + OVERLAP)
        return self.issue(partner_id, [owner], now)

    def check_access(self, partner_id, token, owner, now):
        """Raise unless the access token opens the owner's data now."""
        row = self.data['access'].get(token)
        if not row or row['partner_id'] != partner_id or row['until'] <= now:
            raise Refused(
                'invalid_acceess_token',
                'There is an invalid access_token in query, please check.',
            )
        if owner in row['dead']:
            raise Refused('error_auth', 'Invalid access_token.')
        if owner not in row['owners']:
            raise Refused('error_auth', 'Invalid partner_id or shopid.')

    def expire_access(self, owner=None, now=0):
        """End access tokens at once (of all owners, or one): a test's switch."""
        ended = 0
        for row in self.data['access'].values():
            if row['until'] > now and (owner is None or owner in row['owners']):
                row['until'] = now
                ended += 1
        return ended

    def _end_chain(self, partner_id, owner):
        """README 3: authorizing again kills every older pair of that owner."""
        for row in self.data['access'].values():
            if row['partner_id'] == partner_id and owner in row['owners']:
                row['dead'].append(owner)
        for row in self.data['refresh'].values():
            if row['partner_id'] == partner_id and owner in row['left']:
                row['left'].remove(owner)

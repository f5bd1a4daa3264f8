"""E-invoices at the other providers: one effect more for the faults that differ by how
a provider answers and is asked."""

from .effects import EFFECTS, Einvoice


class AtProvider(Einvoice):
    """A company that issues through one more account, chosen by the invoice's series."""

    title = None  # of the account

    def credentials(self, known):
        """Values of the account.

        :param dict known: the sandbox's entry of the provider
        """
        raise NotImplementedError

    def prepare(self, site, count):
        moves = super().prepare(site, count)
        site.admin.call('account.move', 'write', moves, {
            'gtg_series_id': self._series(site)})
        return moves

    def _series(self, site):
        mine = [('account_id.name', '=', self.title), ('code_kind', '=', 'later'),
                ('form', '=', '1')]
        found = site.admin.call('gtg.einvoice.series', 'search', mine, limit=1)
        if not found:
            known = site.world.sandbox.providers()[self.code]
            account = site.admin.create('gtg.einvoice.account', {
                'name': self.title, 'provider': self.code, 'sequence': 90,
                'environment': 'custom', 'custom_url': known['url'], 'rate_limit': 0,
                'time_scale': 0.02, **self.credentials(known)})
            site.admin.press(self.account, account, 'action_test_connection')
            site.admin.press(self.account, account, 'action_fetch_series')
            found = site.admin.call('gtg.einvoice.series', 'search', mine, limit=1)
        return found[0]

    def given(self, site, ids):
        return {subject: self.number(name)
                for subject, name in super().given(site, ids).items()}


class Misa(AtProvider):
    code, title, flavour = 'misa', 'MISA portal', 'portal'
    call, look_up = 'publish', 'status'
    path = '/invoice/publishing'

    def credentials(self, known):
        keys = known['credentials']
        seller, own = keys['0100109106-611'], keys[self.flavour]
        return {
            'username': seller['username'], 'password': seller['password'],
            'supplier_tax_code': seller['taxcode'], 'custom_url': own['base'],
            'misa_flavour': self.flavour,
            'misa_client_id': own.get('client_id') or own['appid'],
            'misa_client_secret': own.get('client_secret')}

    def number(self, name):
        series, number = name.split()
        return f'{series[1:]}{int(number)}'


class MisaIntegration(Misa):
    title, flavour = 'MISA integration', 'integration'


class Vnpt(AtProvider):
    code, title, counted = 'vnpt', 'VNPT', 'issue_invoice'
    call, look_up = 'ImportAndPublishInv', 'listInvByCusFkey'
    path = '/PublishService.asmx'
    link = ("SELECT move_id, id, replace(reference, '-', '') FROM gtg_einvoice"
            ' WHERE move_id IN ({})')

    def credentials(self, known):
        seller = known['credentials']['giomoi']
        return {
            'username': seller['Account'], 'password': seller['ACpass'],
            'supplier_tax_code': seller['tax_code'], 'custom_url': seller['base'],
            'vnpt_service_user': seller['username'],
            'vnpt_service_password': seller['password']}

    def number(self, name):
        _pattern, serial, number = name.split(';')
        return f'{serial}{int(number)}'


ALL = [*EFFECTS, Misa(), Vnpt()]


def named(effect):
    """Name of a test of one effect: three have one operation."""
    return effect.operation if effect in EFFECTS else effect.code

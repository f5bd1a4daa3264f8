"""E-invoices at the other providers: each answers and is asked in its own way."""

from types import SimpleNamespace

from .effects import EFFECTS, Einvoice


class AtProvider(Einvoice):
    """A company that issues through one more account, chosen by the invoice's series."""

    symbol = '%'  # of the series

    def credentials(self, known):
        """Values of the account.

        :param dict known: the sandbox's entry of the provider
        """
        raise NotImplementedError

    def values(self, site):
        return {'gtg_series_id': self._series(site)}

    def connected(self, site):
        known = site.admin.one(self.account, [('name', '=', self.title)], ['id'])
        if known:
            return known['id']
        known = site.world.sandbox.providers()[self.code]
        account = site.admin.create('gtg.einvoice.account', {
            'name': self.title, 'provider': self.code, 'sequence': 90,
            'environment': 'custom', 'custom_url': known['url'], 'rate_limit': 0,
            'time_scale': 0.02, **self.credentials(known)})
        site.admin.press(self.account, account, 'action_test_connection')
        site.admin.press(self.account, account, 'action_fetch_series')
        return account

    def _series(self, site):
        return site.admin.call('gtg.einvoice.series', 'search', [
            ('account_id', '=', self.connected(site)), ('code_kind', '=', 'later'),
            ('form', '=', '1'), ('name', '=like', self.symbol)], limit=1)[0]

    def given(self, site, ids):
        return {subject: self.number(name)
                for subject, name in super().given(site, ids).items()}


class Misa(AtProvider):
    code, title, flavour = 'misa', 'MISA portal', 'portal'
    call, look_up, login = 'publish', 'status', 'token'
    path, base, symbol = '/invoice/publishing', '/itg/meinvoice/', '%TAA'
    refusal = {'mode': 'refuse', 'key': 'InvalidTaxCode', 'text': 'Mã số thuế sai'}

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
    # of the same seller: two who number one series get into each other's way
    path, base, symbol = '^/invoice$', '/api/integration/', '%TBB'


class Vnpt(AtProvider):
    code, title, login = 'vnpt', 'VNPT', None
    call, look_up = 'ImportAndPublishInv', 'listInvByCusFkey'
    path = '/PublishService.asmx'
    refusal = {'mode': 'refuse', 'key': '3', 'text': 'Dữ liệu sai'}
    link = ("SELECT move_id, id, replace(reference, '-', '') FROM gtg_einvoice"
            ' WHERE move_id IN ({})')

    def credentials(self, known):
        seller = known['credentials']['giomoi']
        return {
            'username': seller['Account'], 'password': seller['ACpass'],
            'supplier_tax_code': seller['tax_code'], 'custom_url': seller['base'],
            'vnpt_service_user': seller['username'],
            'vnpt_service_password': seller['password']}

    def ledger(self, site):
        return [row for row in site.world.sandbox.ledger(self.code)
                if row['operation'].endswith('_invoice')]

    def number(self, name):
        _pattern, serial, number = name.split(';')
        return f'{serial}{int(number)}'


ALL = [*EFFECTS, Misa(), MisaIntegration(), Vnpt()]
EINVOICES = [effect for effect in ALL if isinstance(effect, Einvoice)]
# what is waited for in one family is waited for together
FAMILIES = [[effect for effect in ALL if effect.account == account]
            for account in dict.fromkeys(effect.account for effect in ALL)]


def named(effect):
    """Name of one effect: those of one family have one operation."""
    return effect.title or effect.operation


def desk(world):
    """What effects need of a `Site`, in a world whose server runs."""
    world.sql('UPDATE res_company SET gtg_auto_einvoice = FALSE')  # as `Site` does
    admin = world.session()
    product = admin.one('product.product', [('default_code', '=', 'NON-01')], ['id'])
    return SimpleNamespace(
        world=world, sql=world.sql, wait=world.wait, admin=admin, product=product['id'])


def prepared(site, count, effects=ALL):
    """:return: [(effect, ids of its documents)]"""
    return [(effect, effect.prepare(site, count)) for effect in effects]


def ask(site, asked):
    for effect, ids in asked:
        effect.ask(site.admin, ids)


def settled(site, asked, hurry=False):
    """As `Effect.settled` for each, and nothing unexpected in the log."""
    for effect, ids in asked:
        effect.settled(site, ids, hurry=hurry and [other for other, _ids in asked])
    assert site.complaints() == []

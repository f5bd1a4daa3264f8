from .conformance import Bench

VERBS = {
    'pick': 'pick', 'transit': 'transport', 'deliver': 'deliver', 'fail': 'fail',
    'delivered': 'delivered', 'return': 'return', 'returned': 'returned',
    'lost': 'lost', 'cod_paid': 'cod_transfer', 'cancel': 'cancel'}


class GhnBench(Bench):
    provider, delivery_type = 'ghn', 'gtg_ghn'
    operations = {'create': 'create', 'cancel': 'cancel', 'quote': 'preview',
                  'detail': 'detail', 'label': 'gen_token', 'update_cod': 'update_cod'}
    delivered = ('pick', 'transit', 'deliver', 'fail', 'deliver', 'delivered',
                 'cod_paid')
    returned = ('pick', 'deliver', 'fail', 'return', 'returned')

    def account_values(self, sb):
        given = sb.provider('ghn').credentials()
        return {'ghn_token': given['token'], 'ghn_shop_id': str(given['shop_id'])}

    def prepare(self, sb, mailbox, account):
        sb.post('/ghn/settings', {'rate_limit': 0})
        sb.post('/ghn/webhook', {'url': mailbox.url, 'headers': {
            account.webhook_header: account.sudo().webhook_secret}})

    def address(self, env):
        return {'street': '12 Lê Lợi', 'city': 'Phường Sài Gòn',
                'state_id': env.ref('base.state_vn_VN-SG').id}

    def wrong_secret(self):
        return {'ghn_token': '00000000-0000-0000-0000-000000000000'}

    def move(self, sb, tracking, step):
        if step == 'unknown':
            sb.post(f'/ghn/orders/{tracking}/status', {'status': 'teleported'})
        else:
            sb.post(f'/ghn/orders/{tracking}/{VERBS[step]}', {})

    def effects(self, sb, kind):
        return sb.ledger('ghn', {'create': 'create_order', 'cancel': 'cancel_order'}[
            kind])

    def seen(self, sb, tracking):
        row = sb.get(f'/ghn/orders/{tracking}')
        return {
            'cod': row['cod_amount'], 'weight': row['weight'], 'phone': row['to_phone'],
            'payer': {1: 'shop', 2: 'buyer'}[row['payment_type_id']],
            'reference': row['client_order_code']}

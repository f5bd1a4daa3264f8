"""Odoo's own S-Invoice module (l10n_vn_edi_viettel) as an independent client.

    odoo shell -d <database with l10n_vn_edi_viettel> < sandbox/checkers/sinvoice/odoo_core.py

from the root of the repository.

Its host is a constant, so its one request function is led to a sandbox. The module
commits: use a database to throw away. Prints one line per flow; an AssertionError means that the sandbox and a
client that works with the real service disagree.
"""
# ruff: noqa: F821
import os
import sys
from datetime import timedelta

sys.path.insert(0, os.getcwd())

from odoo import Command, fields

from odoo.addons.l10n_vn_edi_viettel.models import account_move as core

import sandbox

sb = sandbox.start(providers=['sinvoice'])
real = core._l10n_vn_edi_send_request
HOST = 'https://api-vinvoice.viettel.vn'


def led(method, url, **options):
    return real(method, url.replace(HOST, sb.url('sinvoice')), **options)


core._l10n_vn_edi_send_request = led
year = f'{fields.Date.today().year % 100}'
company = env.company
if company.chart_template != 'vn':
    company = env['res.company'].create({
        'name': f'GTG {os.getpid()}', 'country_id': env.ref('base.vn').id})
    env['account.chart.template'].try_loading('vn', company, install_demo=False)
env = env(context={**env.context, 'allowed_company_ids': company.ids})
company = company.with_env(env)
company.write({
    'vat': '0100109106-507', 'street': 'Số 1 Trần Hữu Dực', 'phone': '+84 24 6266 1275',
    'country_id': env.ref('base.vn').id, 'state_id': env.ref('base.state_vn_VN-HN').id,
    'email': 'a@example.vn',
    'l10n_vn_edi_username': '0100109106-507', 'l10n_vn_edi_password': 'Sandbox@507'})
template = env['l10n_vn_edi_viettel.sinvoice.template'].search(
    [('name', '=', '1/001')]) or env['l10n_vn_edi_viettel.sinvoice.template'].create(
    {'name': '1/001', 'template_invoice_type': '1'})
symbol = template.invoice_symbols_ids.filtered(lambda s: s.name == f'C{year}TAA') or env[
    'l10n_vn_edi_viettel.sinvoice.symbol'].create(
    {'name': f'C{year}TAA', 'invoice_template_id': template.id})
partner = env['res.partner'].create({
    'name': 'Công ty TNHH Sao Mai', 'vat': '0101243150', 'is_company': True,
    'street': '12 Lê Lợi', 'city': 'TP. Hồ Chí Minh', 'country_id': env.ref('base.vn').id,
    'email': 'b@example.vn'})
tax = env['account.tax'].search([
    ('company_id', '=', company.id), ('amount', '=', 10), ('type_tax_use', '=', 'sale'),
    ('price_include', '=', False)], limit=1)
assert tax, 'no 10 % tax'


def invoice(**values):
    move = env['account.move'].create({
        'move_type': 'out_invoice', 'partner_id': partner.id,
        'l10n_vn_edi_invoice_symbol': symbol.id,
        'invoice_line_ids': [Command.create({
            'name': 'Áo thun', 'quantity': 3, 'price_unit': 120000,
            'tax_ids': tax.ids})], **values})
    move.action_post()
    return move


def send(move):
    return move._l10n_vn_edi_send_invoice(move._l10n_vn_edi_generate_invoice_json())


def approve(move):
    sb.post(f'/sinvoice/invoices/{move.l10n_vn_edi_invoice_number}/approve')


move = invoice()
assert not send(move), 'original refused'
assert move.l10n_vn_edi_invoice_number == f'C{year}TAA1'
print('create              ', move.l10n_vn_edi_invoice_number)
approve(move)
pdf, error = move._l10n_vn_edi_fetch_invoice_pdf_file_data()
assert not error and pdf['raw'].startswith(b'%PDF')
xml, error = move._l10n_vn_edi_fetch_invoice_xml_file_data()
assert not error and b'MCCQT' in xml['raw']
print('files               ', pdf['name'], xml['name'])

# its answer was lost: it looks up by uuid and adopts
lost = invoice()
sb.faults('sinvoice', 'create', 'lose_response')
data = lost._l10n_vn_edi_generate_invoice_json()
assert lost._l10n_vn_edi_send_invoice(data), 'no error although the answer was lost'
assert not lost._l10n_vn_edi_send_invoice(data)
assert len(sb.ledger('sinvoice', 'create_invoice')) == 2
print('lost answer adopted ', lost.l10n_vn_edi_invoice_number)

wizard = {'journal_id': move.journal_id.id, 'date': fields.Date.today(),
          'l10n_vn_edi_agreement_document_name': 'BB-01',
          'l10n_vn_edi_agreement_document_date':
              fields.Datetime.now() - timedelta(minutes=1)}


def reverse(origin, modify=False):
    made = env['account.move.reversal'].with_context(
        active_model='account.move', active_ids=origin.ids).create(wizard)
    action = made.modify_moves() if modify else made.reverse_moves()
    return env['account.move'].browse(action['res_id'])


approve(lost)
new = reverse(lost, modify=True)
new.l10n_vn_edi_invoice_symbol = symbol
new.action_post()
assert not send(new), 'replacement refused'
print('replacement         ', new.l10n_vn_edi_invoice_number)

credit = reverse(move)
credit.l10n_vn_edi_invoice_symbol = symbol
credit.action_post()
assert send(credit), 'tenant A took a negative price'
sb.post('/sinvoice/tenants/0100109106-507/set', {'decrease': 'B'})
assert not send(credit), 'tenant B refused what core sends'
print('adjustment, tenant B', credit.l10n_vn_edi_invoice_number)

move.l10n_vn_edi_invoice_state = 'payment_state_to_update'
lookup, error = move._l10n_vn_edi_lookup_invoice()
assert not error and lookup['result'][0]['exchangeStatus'] == 'INVOICE_HAS_CODE_APPROVED'
print('look-up             ', lookup['result'][0]['status'])
try:
    move._l10n_vn_edi_cancel_invoice('x', 'BB', fields.Datetime.now())
    raise AssertionError('cancelled')
except core.UserError as error:
    print('cancel refused      ', str(error)[:60])
assert not [c for c in sb.calls('sinvoice') if c['verdict'] == 'crash']
sb.stop()
env.cr.rollback()
print('OK')

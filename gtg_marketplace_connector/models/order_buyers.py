"""Buyers. Keyed by the platform's own buyer id, never by name, phone or address:
those are often masked, and two masked buyers look the same."""

import hashlib
import re
import unicodedata
from dataclasses import asdict

from odoo import fields, models

from ..lib import orders as o

QUIET = {'tracking_disable': True, 'mail_create_nolog': True,
         'mail_create_nosubscribe': True, 'mail_notrack': True}
PLACE_WORDS = re.compile(r'^(tinh|thanh pho|tp\.?)\s*')


class ResPartner(models.Model):
    _inherit = 'res.partner'

    gtg_buyer_ref = fields.Char(
        "Marketplace buyer", copy=False, readonly=True,
        help="The marketplace and its own id of the buyer.")
    gtg_address_key = fields.Char(
        copy=False, readonly=True, help='Of the address as the marketplace sent it.')

    _gtg_buyer_unique = models.UniqueIndex(
        '(gtg_buyer_ref, COALESCE(company_id, 0)) WHERE gtg_buyer_ref IS NOT NULL',
        'This buyer of the marketplace is here already.')


class MarketplaceShop(models.Model):
    _inherit = 'gtg.marketplace.shop'

    def _buyers_of(self, orders):
        """:return: {order number: (buyer, recipient)}, made where missing, in batch"""
        partner = self.env['res.partner'].with_context(**QUIET, active_test=False)
        refs = {order.ref: self._buyer_ref(order) for order in orders}
        buyers = {row.gtg_buyer_ref: row for row in partner.search([
            ('gtg_buyer_ref', 'in', list(set(refs.values()))),
            ('company_id', '=', self.company_id.id)])}
        states = self._states_of(orders)
        first = {}  # one address of a new buyer is the buyer's own
        for order in orders:
            if refs[order.ref] not in buyers:
                first.setdefault(refs[order.ref], order)
        created = partner.create([
            {**self._address_vals(order.recipient, states),
             'name': self._buyer_name(order), 'gtg_buyer_ref': ref,
             'company_id': self.company_id.id, 'autopost_bills': 'ask'}
            for ref, order in first.items()])
        buyers.update({row.gtg_buyer_ref: row for row in created})
        recipients = self._recipients_of(orders, refs, buyers, states)
        return {order.ref: (buyers[refs[order.ref]], recipients[order.ref])
                for order in orders}

    def _recipients_of(self, orders, refs, buyers, states):
        """The contact with exactly the order's address, made where missing."""
        partner = self.env['res.partner'].with_context(**QUIET, active_test=False)
        buyer_ids = [row.id for row in buyers.values()]
        known = {(row.id, row.gtg_address_key): row for row in buyers.values()}
        if any(_key(order.recipient) != buyers[refs[order.ref]].gtg_address_key
               for order in orders):
            for row in partner.search([('parent_id', 'in', buyer_ids),
                                       ('gtg_address_key', '!=', False)]):
                known[row.parent_id.id, row.gtg_address_key] = row
        missing = {}
        for order in orders:
            place = (buyers[refs[order.ref]].id, _key(order.recipient))
            if place not in known and not order.recipient.empty:
                missing[place] = order
        created = partner.create([
            {**self._address_vals(order.recipient, states), 'type': 'delivery',
             'parent_id': buyer_id, 'company_id': self.company_id.id,
             'name': order.recipient.name or order.buyer_name}
            for (buyer_id, _address), order in missing.items()])
        known.update(zip(missing, created, strict=True))
        return {order.ref: known.get(
            (buyers[refs[order.ref]].id, _key(order.recipient)),
            buyers[refs[order.ref]]) for order in orders}

    def _buyer_ref(self, order):
        if order.buyer_ref:
            return f'{self.provider}:{order.buyer_ref}'
        # nobody knows who this is: a contact of its own, merged with no one
        return f'{self.provider}:{self.shop_ref}:order:{order.ref}'

    def _buyer_name(self, order):
        name = order.recipient.name
        if name and not o.is_masked(name):
            return name
        return order.buyer_name or self.env._('Buyer of %s', order.ref)

    def _address_vals(self, recipient, states):
        names = states.get(recipient.country, {})
        state = names.get(_plain(recipient.province))
        # a province that Odoo has no record for must not get lost
        city = ', '.join(filter(None, [
            recipient.district, '' if state else recipient.province]))
        return {
            'phone': recipient.phone, 'street': recipient.street,
            'street2': recipient.ward, 'city': city, 'zip': recipient.zipcode,
            'state_id': state or False,
            'country_id': names.get('') or self.company_id.country_id.id,
            'gtg_address_key': _key(recipient),
        }

    def _states_of(self, orders):
        """{country code: {plain name of a state: its id, '': id of the country}}."""
        codes = {order.recipient.country for order in orders} - {''}
        found = {row.code: {'': row.id} for row in self.env['res.country'].search_fetch(
            [('code', 'in', list(codes))], ['code'])}
        for row in self.env['res.country.state'].search_fetch(
                [('country_id.code', 'in', list(codes))], ['name', 'country_id']):
            found[row.country_id.code][_plain(row.name)] = row.id
        return found

    # === CHANGES === #

    def _update_recipient(self, record, order):
        """Follow a corrected address; a mask never replaces what we could read."""
        recipient, contact = order.recipient, record.partner_shipping_id
        if recipient.empty or _key(recipient) == contact.gtg_address_key or (
                record.gtg_shipped_at):
            return
        vals = self._address_vals(recipient, self._states_of([order]))
        names = {'phone': 'phone', 'street': 'street', 'street2': 'ward',
                 'city': 'district', 'zip': 'zipcode'}
        masked = recipient.masked
        same = all(
            field in ('gtg_address_key',) or names.get(field) in masked
            or _blind(contact[field]) or _value(contact[field]) == (value or False)
            for field, value in vals.items())
        if same:  # the same place, seen better or worse: keep the better parts
            contact.with_context(**QUIET).write({
                field: value for field, value in vals.items()
                if value and names.get(field) not in masked
                and _value(contact[field]) != value})
            return
        refs = {order.ref: self._buyer_ref(order)}
        buyers = {refs[order.ref]: record.partner_id}
        record.partner_shipping_id = self._recipients_of(
            [order], refs, buyers, self._states_of([order]))[order.ref]


def _key(recipient):
    """Equal for equal addresses only."""
    if recipient.empty:
        return False
    text = '\0'.join(f'{key}={value}' for key, value in asdict(recipient).items())
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _plain(name):
    """A province's name without accents, case and 'province of'."""
    text = unicodedata.normalize('NFD', (name or '').lower().replace('đ', 'd'))
    text = ''.join(char for char in text if not unicodedata.combining(char))
    return re.sub(r'[^a-z0-9]+', '', PLACE_WORDS.sub('', text.strip()))


def _blind(value):
    return isinstance(value, str) and o.is_masked(value) or not value


def _value(value):
    return value.id if isinstance(value, models.BaseModel) else value or False

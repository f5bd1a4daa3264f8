"""Orders in. One way for all of them: push, poll and button end in `_import_orders`."""

import logging
import time

from psycopg2.errors import UniqueViolation

from odoo import fields, models

from odoo.addons.gtg_connector_base.lib.clock import naive_utc
from odoo.addons.gtg_connector_base.lib.errors import ConnectorError, Retryable
from odoo.addons.gtg_connector_base.lib.notice import Notice
from odoo.addons.gtg_connector_base.models.task_drain import CONFLICTS

from ..lib import orders as o

_logger = logging.getLogger(__name__)

# the creation is noted on the order; its first values and followers are no news
QUIET = {'mail_create_nosubscribe': True, 'mail_notrack': True,
         'gtg_arrives_later': True}


class MarketplaceShop(models.Model):
    _inherit = 'gtg.marketplace.shop'

    def _import_orders(self, orders, failures=None):
        """Make the sale orders say what the marketplace says. The same again, and
        anything older than what is known, changes nothing.

        :param orders: list of `lib.orders.Order`, any order, repetitions allowed
        :param dict failures: takes {order number: reason} of what could not be taken
            in; without it these wait in the inbox
        :return: the sale orders that say it now
        :raise Retryable: another worker takes in orders of this shop (code ``busy``)
        """
        self.ensure_one()
        shop = self.sudo().with_company(self.company_id)
        latest, failed = {}, {}
        for order in orders:
            known = latest.get(order.ref)
            if not known or not _is_older(order, known):
                latest[order.ref] = order
        with shop._exclusive('orders') as mine:
            if not mine:
                raise Retryable(self.env._(
                    'Orders of this shop are being taken in just now.'),
                    code='busy', after=1)
            records = shop._apply_orders(latest, failed)
        if failures is not None:
            failures.update(failed)
        else:
            shop._note_unreadable({
                ref: (reason, latest[ref].digest[:16])
                for ref, reason in failed.items()})
        return records

    def _apply_orders(self, latest, failed):
        known = self._known_orders(list(latest))
        fresh = [order for ref, order in latest.items() if ref not in known]
        created = self._create_orders(fresh, failed)
        done = [(created[order.ref], order) for order in fresh if order.ref in created]
        for ref, record in known.items():
            order = latest[ref]
            if not _is_outdated(order, record) and (
                    order.digest != record.gtg_payload_digest):
                if self._try(lambda record=record, order=order: self._update_order(
                        record, order), order, failed):
                    done.append((record, order))
        for record, order in done:
            if order.invoice_buyer:  # before a delivery makes the invoice
                record._gtg_take_invoice_buyer(order.invoice_buyer)
        if done:
            self._take_packages(done)
            self.env['sale.order'].concat(*(record for record, _order in done)
                                          ).with_context(
                mail_notrack=True)._gtg_follow_platform()
        return self.env['sale.order'].concat(*created.values(), *(
            record for ref, record in known.items() if ref not in failed))

    def _try(self, action, order, failed):
        """Do something for one order; what is impossible for it stops no other.

        :return: whether it was possible
        """
        try:
            with self.env.cr.savepoint():
                action()
            return True
        except (*CONFLICTS, ConnectorError):
            raise
        except Exception as error:
            _logger.exception('order %s of %s', order.ref, self)
            failed[order.ref] = f'{type(error).__name__}: {error}'
            return False

    def _known_orders(self, refs):
        """:return: {order number: sale order}, one query"""
        return {record.gtg_channel_ref: record for record in self.env[
            'sale.order'].search_fetch(
                [('gtg_shop_id', '=', self.id), ('gtg_channel_ref', 'in', refs)],
                ['gtg_channel_ref', 'gtg_payload_digest', 'gtg_platform_update_time'])}

    # === NEW ORDERS === #

    def _create_orders(self, orders, failed):
        """:return: {order number: sale order}; the others' reasons go to `failed`"""
        if not orders:
            return {}
        done = {}
        try:
            with self.env.cr.savepoint():
                return self._create_batch(orders)
        except UniqueViolation as error:
            raise Retryable(self.env._('Another worker was quicker.'),
                            code='busy', after=1) from error
        except (*CONFLICTS, ConnectorError):
            raise
        except Exception:
            _logger.warning('%s orders of %s are taken in one by one', len(orders),
                            self, exc_info=True)
        for order in orders:
            self._try(lambda order=order: done.update(self._create_batch([order])),
                      order, failed)
        return done

    def _create_batch(self, orders):
        skus = self._skus_of(orders)
        buyers = self._buyers_of(orders)
        taxes = self._included_taxes([sku.product_id for sku in skus.values()])
        lowers = self.channel_id.gtg_platform_lowers
        records = self.env['sale.order'].with_context(**QUIET).create([
            {**self._order_vals(order, *buyers[order.ref]),
             'order_line': self._line_commands(order.as_sold(lowers), skus, taxes)}
            for order in orders])
        pairs = list(zip(records, orders, strict=True))
        for record, order in pairs:
            self._check_order(record, order)
        return {order.ref: record for record, order in pairs}

    def _order_vals(self, order, buyer, recipient):
        return {
            **self._fact_vals(order),
            'gtg_ship_by': naive_utc(order.ship_by),
            'pricelist_id': self._pricelist_of(order).id,
            'fiscal_position_id': self.fiscal_position_id.id,
            'partner_id': buyer.id,
            'partner_invoice_id': buyer.id,
            'partner_shipping_id': recipient.id,
            'company_id': self.company_id.id,
            'gtg_channel_id': self.channel_id.id,
            'gtg_channel_ref': order.ref,
            'gtg_shop_id': self.id,
            'gtg_platform_lowers': self.channel_id.gtg_platform_lowers,
            'date_order': naive_utc(order.created_at) or fields.Datetime.now(),
            'user_id': False,
            'require_signature': False,
            'require_payment': False,
        }

    def _fact_vals(self, order):
        """What the platform says about an order, whatever it leads to."""
        paid_at = order.paid_at
        if not paid_at and not order.is_cod and order.status not in (
                o.UNPAID, o.PENDING, o.CANCELLED, o.UNKNOWN):
            paid_at = order.created_at  # may be shipped, so it has been paid
        if order.is_cod and order.status not in (o.DELIVERED, o.COMPLETED):
            paid_at = None
        return {
            'gtg_platform_state': order.status,
            'gtg_platform_status': order.platform_status,
            'gtg_platform_update_time': naive_utc(order.update_time),
            'gtg_payload_digest': order.digest,
            'gtg_platform_total': float(order.total or 0),
            'gtg_platform_discount': float(order.platform_discount),
            'gtg_platform_fulfilled': order.platform_fulfilled,
            'gtg_payment_method': order.payment_method,
            'gtg_cancel_reason': order.cancel_reason,
            'gtg_buyer_note': order.buyer_note,
            'gtg_seller_note': order.seller_note,
            'gtg_platform_ship_by': naive_utc(order.ship_by),
            'gtg_is_cod': order.is_cod,
            **({'gtg_cod_amount': float(order.total or order.sale_total)}
               if order.is_cod else {}),
            **({'gtg_paid_at': naive_utc(paid_at)} if paid_at else {}),
        }

    def _pricelist_of(self, order):
        """A price list in the order's currency, only where the usual one has another.

        An unknown currency keeps the company's; `_check_order` then holds the order.
        """
        usual = self.channel_id.pricelist_id
        ours = usual.currency_id or self.company_id.currency_id
        foreign = self._currency_named(order.currency)
        if not foreign or foreign == ours:
            return usual
        if not foreign.active:
            foreign.active = True
        model = self.env['product.pricelist']
        domain = [('currency_id', '=', foreign.id),
                  ('company_id', 'in', [False, self.company_id.id])]
        return model.search(domain, limit=1) or model.create({
            'name': f'{self.name} {foreign.name}', 'currency_id': foreign.id,
            'company_id': self.company_id.id})

    # === KNOWN ORDERS === #

    def _update_order(self, record, order):
        """Apply a newer state of a known order; texts and facts always, lines only
        where they really differ."""
        vals = self._fact_vals(order)
        ship_by = vals['gtg_platform_ship_by']
        if ship_by != record.gtg_platform_ship_by:
            # else a date that a person noted stands
            vals['gtg_ship_by'] = ship_by
        record.write({key: value for key, value in vals.items()
                      if record[key] != value})
        self._update_recipient(record, order)
        self._update_lines(record, order)

    # === WHAT CANNOT BE TAKEN IN === #

    def _note_unreadable(self, problems):
        """Keep orders that could not be taken in as messages for a person.

        :param problems: {order number: (reason, key that changes with the order)};
            without key an order that waits already is not noted again
        :return: {order number: messages} of those that waited already
        """
        waiting = self._waiting_messages(
            [ref for ref, (_reason, key) in problems.items() if not key])
        for ref, (reason, key) in problems.items():
            if ref not in waiting:
                _logger.warning('order %s of shop %s: %s', ref, self.id, reason)
                self._ask_again(ref, f'unreadable-{key or time.time_ns()}')
        return waiting

    def _waiting_messages(self, refs):
        """:return: {order number: messages about it that wait, or failed today}"""
        yesterday = fields.Datetime.subtract(fields.Datetime.now(), days=1)
        events = self.env['gtg.connector.event'].sudo().search(
            [('account_model', '=', self._name), ('account_id', '=', self.id),
             ('object_ref', 'in', refs), '|', ('state', '=', 'new'),
             '&', ('state', '=', 'failed'), ('received_at', '>', yesterday)])
        # one that is being worked on may have read the order before it changed
        return events.try_lock_for_update().grouped('object_ref')

    def _ask_again(self, ref, key):
        """Have an order read (again) by the inbox drain, like after a message."""
        event = self.env['gtg.connector.event'].sudo()
        event._store(self, [Notice(
            dedupe_key=f'{ref}:{key}', topic='order', object_ref=ref)], b'{}')


def _is_older(order, other):
    return bool(order.update_time and other.update_time
                and order.update_time < other.update_time)


def _is_outdated(order, record):
    """Whether we know something newer: messages arrive in any order."""
    return bool(order.update_time and record.gtg_platform_update_time
                and naive_utc(order.update_time) < record.gtg_platform_update_time)

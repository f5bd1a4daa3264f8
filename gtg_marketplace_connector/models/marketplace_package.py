import base64

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..lib import orders as o

STATES = [
    (o.PACKAGE_WAITING, 'Not ready'),
    (o.PACKAGE_READY, 'To arrange'),
    (o.PACKAGE_ARRANGED, 'Arranged'),
    (o.PACKAGE_RETRY, 'Pickup failed'),
    (o.PACKAGE_SHIPPED, 'With the carrier'),
    (o.PACKAGE_DELIVERED, 'Delivered'),
    (o.PACKAGE_CANCELLED, 'Cancelled'),
    (o.PACKAGE_RETURNING, 'Coming back'),
    (o.PACKAGE_LOST, 'Lost'),
]
LABEL_WANTED = (o.PACKAGE_ARRANGED, o.PACKAGE_RETRY)


class MarketplacePackage(models.Model):
    """A parcel of an order, as the marketplace numbers it.

    Subject of the outbox operations ``ship_order`` (result: {}), ``fetch_tracking``
    ({'tracking_number'}) and ``fetch_label`` ({'file': base64, 'pages'}): each one,
    when done, asks for the next.
    """

    _name = 'gtg.marketplace.package'
    _inherit = ['gtg.connector.subject']
    _description = 'Marketplace parcel'
    _order = 'id desc'

    name = fields.Char('Package', required=True, readonly=True)
    order_id = fields.Many2one(
        'sale.order', required=True, readonly=True, ondelete='cascade', index=True)
    shop_id = fields.Many2one(related='order_id.gtg_shop_id', store=True, index=True)
    company_id = fields.Many2one(related='order_id.company_id', store=True)
    state = fields.Selection(STATES, required=True, default=o.PACKAGE_WAITING,
                             readonly=True)
    carrier = fields.Char(readonly=True)
    tracking_number = fields.Char(readonly=True, index='btree_not_null')
    is_arranged = fields.Boolean('Shipment arranged', readonly=True)
    is_shippable = fields.Boolean('Ours to ship', default=True, readonly=True)
    is_split = fields.Boolean(readonly=True)
    generation = fields.Integer(readonly=True)
    picking_id = fields.Many2one('stock.picking', compute='_compute_picking_id')
    label_id = fields.Many2one(
        'ir.attachment', readonly=True, ondelete='set null', copy=False)
    label_printed_at = fields.Datetime('Label printed on', readonly=True, copy=False)

    _package_unique = models.Constraint(
        'UNIQUE (order_id, name)', 'The order has this parcel already.')

    @api.depends('order_id.picking_ids.state')
    def _compute_picking_id(self):
        for package in self:
            package.picking_id = package.order_id.picking_ids.filtered(
                lambda picking: picking.picking_type_code == 'outgoing'
                and picking.state != 'cancel')[:1]

    # === SHIPMENT === #

    def _can_arrange(self):
        return (self.state == o.PACKAGE_READY and self.is_shippable
                and not self.is_arranged)

    def _is_asked_for(self):
        """A courier of the marketplace comes, or may come."""
        return self.state != o.PACKAGE_CANCELLED and self.is_shippable and (
            self.is_arranged or any(
                task.operation == 'ship_order' and task.state != 'done'
                and (task.state != 'failed' or task.unsure)
                for task in self.gtg_task_ids))

    def _not_arranged(self):
        """:return: parcels that no courier fetches yet"""
        return self.filtered(
            lambda package: package.state in (o.PACKAGE_WAITING, o.PACKAGE_READY)
            and package.is_shippable and not package.is_arranged
            and not package.order_id.gtg_own_carrier)

    def _not_scanned(self):
        """:return: parcels of ours that the marketplace's carrier has not seen"""
        return self.filtered(
            lambda package: package.is_shippable and package.state in (
                o.PACKAGE_WAITING, o.PACKAGE_READY, o.PACKAGE_ARRANGED, o.PACKAGE_RETRY))

    def action_arrange(self):
        """Button: ask the carrier of the marketplace to take these parcels."""
        self.check_access('read')
        self.order_id.check_access('write')
        self.order_id._gtg_check_blocks('ship')
        ready = self.sudo()._arrange_ready()
        if not ready:
            raise UserError(self.env._(
                'None of these parcels can be arranged now: the order must be '
                'confirmed, and the marketplace must have it ready to ship.'))

    def _arrange_ready(self):
        """Enqueue what may be arranged.

        :return: these parcels
        """
        ready = self.filtered(
            lambda package: package._can_arrange() and package.order_id.gtg_can_arrange)
        for package in ready:
            package._ask('ship_order').action_retry()
        return ready

    def action_fetch_label(self):
        """Button: get the label, once more if it was there already."""
        self.check_access('read')
        for package in self.sudo():
            if not package.tracking_number:
                package._ask('fetch_tracking').action_retry()
                continue
            task = package._ask('fetch_label')
            if task.state == 'done':
                package.generation += 1
                task = package._ask('fetch_label')
            task.action_retry()

    def action_print_label(self):
        """Button: the labels of the deliveries these parcels belong to."""
        return self.order_id.action_gtg_print_labels()

    def _why_no_label(self):
        """:return: what the label waits for, '' when it is here"""
        self.ensure_one()
        if self.label_id:
            return ''
        name = self.tracking_number or self.name
        failed = self.gtg_task_ids.filtered(lambda task: task.state == 'failed')[:1]
        if failed:
            why = ' '.join(filter(None, [failed.error_text, failed.error_hint]))
            return self.env._('%(box)s: %(problem)s', box=name, problem=why)
        if not self.is_arranged:
            return self.env._('%s: its shipment has not been arranged yet.', name)
        return self.env._('%s: the marketplace has not made the label yet.', name)

    def _ask(self, operation, delay=0):
        """:return: the task, new or the one there is"""
        self.ensure_one()
        return self.env['gtg.connector.task']._enqueue(
            self.shop_id, operation, self, generation=self.generation,
            reference=self.name, delay=delay)

    def _ask_missing(self):
        """Arranged parcels need a number and a label, whoever arranged them."""
        for package in self.filtered(
                lambda package: package.state in LABEL_WANTED and package.is_arranged
                and package.is_shippable and not package.label_id):
            operation = 'fetch_label' if package.tracking_number else 'fetch_tracking'
            package._ask(operation)

    def _wake(self):
        """News about the parcel came: what waits for it need not wait longer."""
        self.env['gtg.connector.task'].sudo().search([
            ('res_model', '=', self._name), ('res_id', 'in', self.ids),
            ('operation', 'in', ('fetch_tracking', 'fetch_label')),
            ('state', 'in', ('queued', 'failed'))]).action_retry()

    # === RESULTS === #

    def _gtg_task_done(self, task):
        getattr(self, f'_done_{task.operation}')(task)
        self.order_id._gtg_release('provider', task)

    def _gtg_task_failed(self, task):
        self.order_id._gtg_hold('provider', ' '.join(
            filter(None, [task.error_text, task.error_hint])), task=task)

    def _gtg_task_settled(self, task):
        """Arranged by hand at the marketplace: number and label are asked for."""
        self.order_id._gtg_release('provider', task)
        if task.operation == 'ship_order':
            self._done_ship_order(task)

    def _done_ship_order(self, task):
        self.write({'is_arranged': True, **(
            {'state': o.PACKAGE_ARRANGED} if self.state in (
                o.PACKAGE_WAITING, o.PACKAGE_READY, o.PACKAGE_RETRY) else {})})
        self._ask('fetch_tracking')

    def _done_fetch_tracking(self, task):
        self._take_tracking(task.result['tracking_number'])
        self._ask('fetch_label')

    def _take_tracking(self, number):
        """Keep the number, also on the delivery; it may change on the way."""
        if self.tracking_number and self.tracking_number != number:
            self._forget_label()
        self.tracking_number = number
        self._write_numbers()

    def _write_numbers(self):
        """The delivery carries the numbers of all parcels that live."""
        for order in self.order_id:
            live = order.gtg_package_ids.filtered(
                lambda package: package.state != o.PACKAGE_CANCELLED).sorted('id')
            number = ', '.join(filter(None, live.mapped('tracking_number'))) or False
            picking = live.picking_id or order.gtg_package_ids.picking_id
            if (picking.carrier_tracking_ref or False) != number:
                picking.carrier_tracking_ref = number

    def _forget_label(self):
        """It carries a number that is not the parcel's (any more)."""
        self.label_id.unlink()
        for package in self:
            package.write(
                {'label_printed_at': False, 'generation': package.generation + 1})
        self.order_id._gtg_read_labels()

    def _done_fetch_label(self, task):
        content = task.result.get('file')
        if not content:
            return  # stored by an earlier run of this method
        if task.generation != self.generation or self.state == o.PACKAGE_CANCELLED:
            return  # of a number that it had before
        owner = self.picking_id or self.order_id
        label = self.env['ir.attachment'].create({
            'name': f'{self.order_id.gtg_channel_ref}-{self.tracking_number}.pdf',
            'raw': base64.b64decode(content), 'mimetype': 'application/pdf',
            'res_model': owner._name, 'res_id': owner.id})
        self.label_id.unlink()
        self.write({'label_id': label.id, 'label_printed_at': False})
        task.sudo().result = {'attachment': label.id}
        self.order_id._gtg_read_labels()
        wanted = self.order_id.gtg_package_ids.filtered('is_shippable')
        if all(package.label_id for package in wanted):
            if not self.order_id.gtg_label_ready_at:
                self.order_id.gtg_label_ready_at = fields.Datetime.now()


class MarketplaceShop(models.Model):
    _inherit = 'gtg.marketplace.shop'

    def _take_packages(self, pairs):
        """Store the parcels of orders; one read, one create.

        :param pairs: list of (sale order, `lib.orders.Order`)
        """
        model = self.env['gtg.marketplace.package']
        known = {(row.order_id.id, row.name): row for row in model.search([
            ('order_id', 'in', [record.id for record, _order in pairs])])}
        create, changed = [], model
        for record, order in pairs:
            for package in order.packages:
                row = known.pop((record.id, package.number), None)
                vals = {
                    'state': package.status, 'carrier': package.carrier,
                    'is_arranged': package.arranged, 'is_split': order.split,
                    'is_shippable': package.shippable}
                if package.tracking_number:
                    vals['tracking_number'] = package.tracking_number
                if row is None:
                    create.append(
                        {**vals, 'name': package.number, 'order_id': record.id})
                    continue
                # our own ship_order may be newer than what the order still shows
                if row.is_arranged and vals['state'] == o.PACKAGE_READY:
                    vals.update(state=row.state, is_arranged=True)
                before = row.tracking_number
                row.write({key: value for key, value in vals.items()
                           if row[key] != value})
                if before != row.tracking_number or (
                        row.state == o.PACKAGE_CANCELLED and row.label_id):
                    changed |= row
        mentioned = {record.id for record, order in pairs if order.packages}
        for (order_id, _name), row in known.items():
            if order_id in mentioned:  # split and unsplit give new numbers
                if row.state != o.PACKAGE_CANCELLED:
                    changed |= row
                row.write({'state': o.PACKAGE_CANCELLED, 'is_shippable': False})
        changed.filtered('label_id')._forget_label()
        changed |= model.create(create).filtered('tracking_number')
        changed._write_numbers()
        self.env['sale.order'].concat(
            *(record for record, _order in pairs)).gtg_package_ids._ask_missing()

from dataclasses import asdict
from datetime import date

from odoo import models

from odoo.addons.gtg_connector_base.lib.errors import Rejected


class EinvoiceAdapter(models.AbstractModel):
    """What a provider offers to compare its invoices with ours."""

    _inherit = 'gtg.einvoice.adapter'

    # reads: after a dead attempt they are simply repeated
    _resend_list_invoices = True
    _resend_adopt_invoice = True

    # days that one list may cover
    _list_days = 31
    # only documents of series that are entered here are listed
    _list_by_series = False

    def _list(self, account, first, last, page):
        """One page of the documents issued in a period, whoever issued them.

        :param datetime.date first, last: Vietnamese days
        :param int page: from 1, or what the page before gave as ``next``
        :return: ``lib.listing.Page``
        """
        raise NotImplementedError

    def _send_list_invoices(self, account, task):
        wanted = task.payload
        page = self._list(account, date.fromisoformat(wanted['first']),
                          date.fromisoformat(wanted['last']), wanted['page'])
        return {'total': page.total, 'more': page.more, 'next': page.next, 'count': (
            len(page.rows) if page.count is None else page.count
        ), 'onward': page.onward, 'rows': [
            {**asdict(row), 'total': None if row.total is None else str(row.total),
             'issued_at': row.issued_at and row.issued_at.isoformat()}
            for row in page.rows]}

    def _send_adopt_invoice(self, account, task):
        """The number of a document that the provider has and we do not know."""
        found = self._find(account, task)
        if not found:
            raise Rejected(
                self.env._('The provider does not know our reference.'),
                hint=self.env._('Compare again; if it stays so, ask the provider.'))
        return self._facts(found)

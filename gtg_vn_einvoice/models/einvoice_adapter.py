from odoo import models


class EinvoiceAdapter(models.AbstractModel):
    """What a provider of e-invoices offers beyond the engine's adapter.

    A provider adds ``gtg.einvoice.<code>`` with the methods below and the task
    operations ``create_invoice`` (with look-up), ``poll_code``, ``fetch_files`` and
    ``send_to_tax``. Their results are dicts:

    - ``create_invoice`` and ``poll_code``: the fields of ``lib.document.Issued``,
      ``issued_at`` as ISO text
    - ``fetch_files``: ``{'xml': base64 text, 'pdf': base64 text}``
    """

    _name = 'gtg.einvoice.adapter'
    _inherit = 'gtg.connector.adapter'
    _description = 'E-invoice provider'

    # reads and a harmless request: after a dead attempt they are simply repeated
    _resend_poll_code = True
    _resend_fetch_files = True
    _resend_send_to_tax = True

    # seconds to wait from an unknown outcome to the look-up
    _unknown_delay_create_invoice = 90
    # seconds between the look-ups that must both miss before sending again
    _not_found_gap = 30

    def _unknown_delay(self, operation):
        # a test account may shorten what the law of the provider makes long
        return super()._unknown_delay(operation) * self.env.context.get(
            'gtg_time_scale', 1.0)

    def _payload(self, account, document):
        """The request for a document, without I/O; kept on the e-invoice.

        :param document: ``lib.document.Document``
        :return: JSON text
        """
        raise NotImplementedError

    def _preview(self, account, document):
        """PDF (bytes) of a document that is not issued."""
        raise NotImplementedError

    def _fetch_series(self, account):
        """Templates and series that the provider has published.

        :return: list of ``lib.document.Template``
        """
        raise NotImplementedError

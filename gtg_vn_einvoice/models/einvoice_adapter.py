from dataclasses import asdict

from odoo import models

from odoo.addons.gtg_connector_base.lib.errors import OutcomeUnknown, Retryable


class EinvoiceAdapter(models.AbstractModel):
    """What a provider of e-invoices offers beyond the engine's adapter.

    A provider adds ``gtg.einvoice.<code>`` with the methods below and the task
    operations ``create_invoice``, ``poll_code``, ``fetch_files`` and ``send_to_tax``.
    Their results are dicts:

    - ``create_invoice`` and ``poll_code``: `_facts` of a ``lib.document.Issued``; a
      poll may tell about others, too: ``others`` = {reference: facts}
    - ``fetch_files``: ``{'xml': base64 text, 'pdf': base64 text}``

    Corrections go the same way: ``Document.correction`` is set, `_payload` builds the
    provider's adjustment or replacement and ``create_invoice`` sends it, with the same
    look-up. Where the provider takes error notices (form 04/SS), its adapter names
    ``notice`` in `_can_correct` and has `_send_send_notice`, whose result may hold
    ``{'receipt': text}``.
    """

    _name = 'gtg.einvoice.adapter'
    _inherit = 'gtg.connector.adapter'
    _description = 'E-invoice provider'

    # reads and a harmless request: after a dead attempt they are simply repeated
    _resend_poll_code = True
    _resend_fetch_files = True
    _resend_send_to_tax = True
    _resend_count_numbers = True

    # seconds to wait from an unknown outcome to the look-up
    _unknown_delay_create_invoice = 90
    # seconds between the look-ups that must both miss before sending again
    _not_found_gap = 30
    # refusals that say that the reference is known: looked up without that wait
    _known_codes = frozenset()
    # of 'adjust', 'inform' (an adjustment of mere texts), 'replace' and 'notice': what
    # this provider does through us
    _can_correct = frozenset()
    # what was not issued by us and is corrected all the same: originals of this provider
    # ('same'), of another one ('other')
    _corrects_outside = frozenset()
    # whether those of this provider are named by their look-up code
    _names_by_lookup = False
    # whether the provider tells how many numbers a series has left (``count_numbers``)
    _counts_numbers = False
    # whether the provider lists what was issued in a period
    _can_list = False

    def _unknown_delay(self, operation):
        # a test account may shorten what the law of the provider makes long
        return super()._unknown_delay(operation) * self.env.context.get(
            'gtg_time_scale', 1.0)

    def _applies_together(self, operation):
        # not the questions for the code: one answer spares the others theirs
        return operation == 'create_invoice'

    def _pauses(self, operation):
        return operation == 'create_invoice'

    def _kept(self, result):
        # the buyer's secret lives in one place, behind its own access
        return {**result, 'lookup_code': '', 'others': {}} if (
            {'lookup_code', 'others'} & set(result or ())) else result

    def _lookup_url(self, account):
        """:return: where buyers look their invoices up, '' if it is not known"""
        return ''

    def _payload(self, account, document):
        """The request for a document, without I/O; kept on the e-invoice.

        :param document: ``lib.document.Document``
        :return: JSON text
        """
        raise NotImplementedError

    def _document_problems(self, account, document):
        """What this provider refuses for certain; checked before anything is sent.

        :return: list of texts, each with field and fix
        """
        return []

    def _preview(self, account, document):
        """What the buyer will see of a document that is not issued.

        :return: a PDF (bytes), the provider's address of the picture (str), or None
            where the provider shows nothing before the issue
        """
        raise NotImplementedError

    def _find(self, account, task):
        """The document of the task's reference at the provider.

        :return: ``lib.document.Issued``, or None if the provider does not know it
        :raise Retryable: it cannot be told at the moment
        """
        raise NotImplementedError

    def _lookup_create_invoice(self, account, task):
        """After the unknown delay, and only two misses apart mean "not issued"."""
        scale = account._time_scale()
        missed = (task.error_class, task.error_code) == ('Retryable', 'missed_once')
        # a look-up that only failed has had its wait before it; and a refusal that
        # says "known already" needs none
        wait = scale * (
            self._not_found_gap if missed else self._unknown_delay_create_invoice
            if task.error_class == 'OutcomeUnknown'
            and task.error_code not in self._known_codes else 0)
        planned = (task.next_try_at - task.write_date).total_seconds()
        if wait > 2 and planned < wait - 2:  # somebody pressed Retry, or the server died
            kind = Retryable if missed else OutcomeUnknown
            raise kind(task.error_text, code=task.error_code, after=wait)
        found = self._find(account, task)
        if found:
            return self._facts(found)
        if missed:
            return None
        raise Retryable(
            self.env._('The provider does not know the invoice yet; asking once more.'),
            code='missed_once', after=scale * self._not_found_gap)

    def _send_poll_code(self, account, task):
        found = self._find(account, task)
        return self._facts(found) if found else {}

    def _ours_or(self, account, task, error):
        """A correction was refused because the original has one already: it may be our
        own, made by an attempt whose answer was lost.

        :param error: the refusal, raised if the provider does not know our reference
        """
        found = self._find(account, task)
        if not found:
            raise error
        return self._facts(found)

    def _can_correct_of(self, account, original):
        """What this provider does through us about one document.

        :param original: ``gtg.einvoice``
        :return: some of `_can_correct`
        """
        if original.outside and original.outside not in self._corrects_outside:
            return self._can_correct & {'notice'}
        return self._can_correct

    def _facts_of_many(self, einvoice, found):
        """The result of a poll whose call has told about several documents.

        :param einvoice: the one that was asked for
        :param dict found: {einvoice: ``lib.document.Issued``}
        """
        own = found.pop(einvoice, None)
        others = {peer.reference: self._facts(issued) for peer, issued in found.items()}
        return {**(self._facts(own) if own else {}), 'others': others}

    def _facts(self, issued):
        """A ``lib.document.Issued`` as the JSON result of a task."""
        facts = asdict(issued)
        facts['authority_code'] = facts.pop('tax_code')
        facts['issued_at'] = issued.issued_at and issued.issued_at.isoformat()
        return facts

    def _fetch_series(self, account):
        """Templates and series that the provider has published.

        :return: list of ``lib.document.Template``
        """
        raise NotImplementedError

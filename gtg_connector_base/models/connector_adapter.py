from odoo import models
from odoo.tools.translate import code_translations


class ConnectorAdapter(models.AbstractModel):
    """What every provider's adapter offers to the engine; see docs/ARCHITECTURE.md.

    A provider's adapter is named ``<family>.<provider code>`` and inherits its
    family's adapter, which inherits this one. For each outbox operation ``x`` it
    offers ``_send_x``, and where outcomes can be unknown ``_lookup_x`` or the class
    attribute ``_resend_x = True`` (repeating is harmless).
    """

    _name = 'gtg.connector.adapter'
    _description = 'Provider adapter'

    # {environment: base URL}; what is missing is not offered by the provider
    _base_urls = {}
    # names of headers, query and JSON keys whose values may be logged
    _log_visible = ()
    # seconds before its end when an access token is renewed
    _token_margin = 60
    # tries of one task before a person is asked
    _max_attempts = 12

    def _send(self, account, task):
        """Do the task's operation at the provider; return its result as a dict."""
        return getattr(self, f'_send_{task.operation}')(account, task)

    def _lookup(self, account, task):
        """Ask the provider whether the task's effect exists.

        :return: the result as a dict, or None if it certainly does not exist
        """
        return getattr(self, f'_lookup_{task.operation}')(account, task)

    def _can_lookup(self, operation):
        return hasattr(self, f'_lookup_{operation}')

    def _may_resend(self, operation):
        return getattr(self, f'_resend_{operation}', False)

    def _unknown_delay(self, operation):
        """Seconds between an unknown outcome and the look-up."""
        return getattr(self, f'_unknown_delay_{operation}', 5)

    def _pauses(self, operation):
        """Whether a `Blocked` pauses this operation of the account; else it fails."""
        return False

    def _applies_together(self, operation):
        """Whether results may wait up to two seconds for others, so that hundreds of
        subjects are written with a few statements. Not what somebody watches."""
        return False

    def _kept(self, result):
        """What the task keeps of a result that its subject has taken over: no secrets,
        nothing that is stored elsewhere."""
        return result

    def _said(self, text, company):
        """A sentence of the pure layer in the reader's language.

        Pure code marks its fixed sentences with ``_ = str``. Drains run without a
        user: what they store is in the company's language. What a provider said
        itself is in no addon's translations and stays as it is.
        """
        lang = self.env.lang or company.partner_id.lang
        if text and lang:
            owner = self.env.registry[self._name]._original_module
            for addon in (owner, 'gtg_connector_base'):
                known = code_translations.get_python_translations(addon, lang)
                if text in known:
                    return known[text]
        return text

    def _refresh_token(self, account, refresh_token):
        """Get a new access token; runs under the account's token lock.

        :param refresh_token: the stored one, or False
        :return: dict ``access_token, refresh_token, expires_at`` (aware datetime)
        :raise AuthExpired: a person must connect the account again
        """
        raise NotImplementedError

    def _test_connection(self, account):
        """Prove that the credentials work; return a sentence for the user."""
        raise NotImplementedError

    def _poll(self, account):
        """Fetch what no webhook told, a commit's worth of it.

        :return: True when there is more to fetch
        """

    def _webhook_notices(self, account, headers, body):
        """Verify a webhook and name what it is about, without I/O or writes.

        :param headers: mapping with case-insensitive ``get``
        :param bytes body: as received
        :return: list of ``lib.notice.Notice``
        :raise BadSignature: it does not come from the provider
        """
        raise NotImplementedError

    def _webhook_answer(self, account, outcome):
        """The HTTP answer the provider demands.

        :param outcome: ``stored``, ``bad_signature`` or ``unreadable``
        :return: (status, headers, body)
        """
        status = {'stored': 200, 'bad_signature': 401, 'unreadable': 400}[outcome]
        return status, {}, b''

    def _process_events(self, account, events):
        """Fetch the objects that the events name and apply them.

        All events of the call count as done when it returns, except those on which
        ``_gtg_postpone``, ``_gtg_try_later`` or ``_gtg_fail`` was called.
        """
        raise NotImplementedError

"""What can go wrong between us and a provider, said in five words.

Every client translates its provider's answers into these; the engine decides from
the class alone what happens next (see ``docs/ARCHITECTURE.md``).
"""


class ConnectorError(Exception):
    """Base of all errors a provider call may end with.

    :param str text: the provider's own sentence, shown to the user
    :param str code: the provider's machine code, if it gave one
    :param str hint: what the user can do about it
    :param float after: seconds to wait before trying again, if known
    """

    def __init__(self, text, code=None, hint=None, after=None):
        super().__init__(text)
        self.text = text
        self.code = code
        self.hint = hint
        self.after = after


class Retryable(ConnectorError):
    """Nothing was applied; the same call may be repeated later."""


class RateLimited(Retryable):
    """The provider throttles us: the whole account pauses, no attempt is spent."""


class AuthExpired(ConnectorError):
    """The authorization is over: a person must connect the account again."""


class Rejected(ConnectorError):
    """The provider refused the request; repeating it unchanged is useless."""


class Blocked(Rejected):
    """Refused, and whatever is asked like it: its tasks wait for a person instead of
    failing one by one.

    :param bool whole: all lanes of the account, not only the task's own
    """

    def __init__(self, text, code=None, hint=None, whole=True):
        super().__init__(text, code=code, hint=hint)
        self.whole = whole


class OutcomeUnknown(ConnectorError):
    """The call may or may not have been applied: look up before repeating it."""


class BadSignature(ConnectorError):
    """A webhook that does not prove its origin."""

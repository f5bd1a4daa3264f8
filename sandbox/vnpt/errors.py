"""Business refusals are result strings (README 3)."""


class Err(Exception):
    """``ERR:n``; what the sandbox thinks of it goes to the call log only."""

    def __init__(self, code, reason=''):
        super().__init__(f'ERR:{code}')
        self.code, self.reason = code, reason

    def __str__(self):
        return f'ERR:{self.code}'

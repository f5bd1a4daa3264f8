"""One attempt at a provider, as the transport and the drain see it."""


class Attempt:
    """One claimed task: what the claim returned, and what the transport tells."""

    def __init__(self, row):
        self.row = row
        self.__dict__.update(row)
        self.left = False  # a request that is not safe to repeat has left
        self.asking = False  # looking up, not sending
        self.slot = True  # the claim has paid for one call
        self.adapter = None  # who answered
        self.stored = None  # since when its result is in the row, unseen by its subject

    def use_slot(self):
        paid, self.slot = self.slot, False
        return paid

"""Faults: what can go wrong between a client and a provider, on demand."""

import itertools
from dataclasses import asdict, dataclass, field

PUSH_MODES = ('duplicate_push', 'reorder_push', 'drop_push')
CALL_MODES = (
    'lose_response', 'reset_before', 'delay', 'status:<n>', 'html', 'truncated',
    'empty', 'rate_limit', 'expire_token',
)
# These answers are made after the provider did its work, the others instead of it;
# the parameter ``process`` says otherwise.
AFTER_WORK = ('lose_response', 'truncated', 'empty')


@dataclass
class Fault:
    """``times`` 0 = until deleted; ``after`` = that many matching calls pass first."""

    id: int
    operation: str
    mode: str
    times: int = 1
    after: int = 0
    params: dict = field(default_factory=dict)
    seen: int = 0
    fired: int = 0

    @property
    def is_push(self):
        return self.mode in PUSH_MODES

    @property
    def spent(self):
        return bool(self.times) and self.fired >= self.times

    @property
    def processes(self):
        return self.params.get('process', self.mode in AFTER_WORK)

    def strikes(self, operation, path):
        return self.operation in ('*', operation) and self.params.get('path', '') in path


class Faults:
    """The faults of one provider. Callers hold the provider's lock."""

    def __init__(self, own_modes=()):
        self._ids = itertools.count(1)
        self._own = tuple(own_modes)
        self._faults = []

    def modes(self):
        return [*CALL_MODES, *PUSH_MODES, *self._own]

    def add(self, operation, mode, times=1, after=0, **params):
        """:raise ValueError: unknown mode"""
        known = mode in self.modes() and mode != 'status:<n>'
        if mode.startswith('status:') and mode[7:].isdigit():
            known = 100 <= int(mode[7:]) <= 599
        if not known:
            raise ValueError(f'unknown mode {mode!r}; known: {", ".join(self.modes())}')
        params.update(params.pop('params', {}))
        fault = Fault(
            next(self._ids), operation or '*', mode, int(times), int(after), params
        )
        self._faults.append(fault)
        return fault

    def take(self, operation, path='', push=False):
        """The fault that strikes this call (or push), if any."""
        struck = None
        for fault in self._faults:
            if fault.is_push != push or not fault.strikes(operation, path):
                continue
            if fault.spent:
                continue
            fault.seen += 1
            if struck is None and fault.seen > fault.after:
                fault.fired += 1
                struck = fault
        return struck

    def list(self):
        return [{**asdict(f), 'spent': f.spent} for f in self._faults]

    def remove(self, fault_id=None):
        """Remove one, or all."""
        self._faults = [f for f in self._faults if fault_id and f.id != fault_id]

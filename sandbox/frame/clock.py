"""The sandbox's clock: real time plus an offset that tests may set."""

import time
from datetime import datetime, timezone


class Clock:
    """One per sandbox, shared by its providers. It always runs."""

    def __init__(self):
        self.offset = 0.0

    def time(self):
        """Unix seconds (float)."""
        return time.time() + self.offset

    def now(self):
        """Aware UTC datetime."""
        return datetime.fromtimestamp(self.time(), timezone.utc)

    def sleep(self, seconds):
        """Wait; moving the clock on ends it at once."""
        due, ends = self.time() + seconds, time.monotonic() + seconds
        while (rest := min(due - self.time(), ends - time.monotonic())) > 0:
            time.sleep(min(rest, 0.05))

    def set(self, now=None, offset=None, advance=None):
        """Set the clock: to a time (ISO text or Unix seconds), to an ``offset`` from
        real time, or ``advance`` it; all in seconds."""
        if now is not None:
            if isinstance(now, str):
                moment = datetime.fromisoformat(now)
                if not moment.tzinfo:
                    moment = moment.replace(tzinfo=timezone.utc)
                now = moment.timestamp()
            self.offset = float(now) - time.time()
        if offset is not None:
            self.offset = float(offset)
        if advance is not None:
            self.offset += float(advance)
        return {'now': self.now().isoformat(), 'offset': self.offset}

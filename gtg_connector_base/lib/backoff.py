"""When to try again: exponential delays with jitter."""

import random


def delay(attempt, base=5.0, factor=2.0, cap=3600.0, spread=0.2, rng=random):
    """Seconds to wait before try number ``attempt + 1``.

    :param int attempt: tries already made, 1 after the first
    :param float base: seconds after the first try
    :param float factor: growth per try
    :param float cap: longest delay in seconds
    :param float spread: share of random spread, so that many retries do not
        come back in the same second
    :param rng: source of randomness with ``uniform``
    :rtype: float
    """
    # the exponent is bounded: 2.0 ** 2000 would overflow
    plain = min(base * factor ** min(max(attempt, 1) - 1, 64), cap)
    return plain * rng.uniform(1 - spread, 1 + spread)

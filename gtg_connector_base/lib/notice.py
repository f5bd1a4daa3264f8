"""What a webhook says: not the truth, only where to look for it."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Notice:
    """One fact named by a webhook.

    :param str dedupe_key: the same for every repetition of the same fact
    :param str topic: the provider's kind of event, for people and filters
    :param str object_ref: the provider's id of the object to fetch
    :param account: another account than the one whose address was called
        (one webhook address may serve several shops)
    :param bytes body: the part of the body that belongs to this fact, else all
    """

    dedupe_key: str
    topic: str
    object_ref: str
    account: Any = None
    body: bytes | None = None

from . import cart_unsubscribe, labels, portal_requests

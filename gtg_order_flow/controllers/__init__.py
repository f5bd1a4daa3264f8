from . import cart_unsubscribe, portal_requests

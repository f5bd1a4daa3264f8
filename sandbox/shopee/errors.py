"""Refusals in Shopee's words, and reading parameters so that they are refused alike.

README 4 lists the codes and which of them come with an HTTP status other than 200.
"""

# README 4: answered with HTTP 403 wherever they arise.
FORBIDDEN = {
    'error_sign',
    'error_auth',
    'error_permission',
    'error_api_permission',
    'invalid_acceess_token',
    'invalid_access_token',
    'invalid_partner_id',
    'refresh_token_expired',
    'error_shop_refresh_token',
    'error_merchant_refresh_token',
    'shop_access_expired',
    'shop_banned',
    'shop_no_linked',
    'merchant_no_linked',
    'source_ip_undeclared',
    'error_partner_key_expired',
}


class Refused(Exception):
    """One refusal: Shopee's code, its sentence, the HTTP status, extra payload."""

    def __init__(self, code, message, status=None, response=None):
        super().__init__(f'{code}: {message}')
        self.code = code
        self.message = message
        self.status = status or (403 if code in FORBIDDEN else 200)
        self.response = response


def wrong(detail):
    """Return the refusal of a parameter as the order and logistics modules word it."""
    return Refused('error_param', f'Wrong parameters, detail: {detail}')


class Params:
    """The request parameters of one call: a query (GET) or a JSON object (POST)."""

    def __init__(self, module, values, typed):
        self.module = module  # 'order', 'logistics', 'product', ...
        self.values = values  # GET: {name: [text, ...]}, POST: the JSON object
        self.typed = typed  # True: a JSON body, where types are checked

    # === REFUSALS === #

    def missing(self, name):
        """Return the refusal of an absent parameter, worded by module (README 4)."""
        if self.module == 'product':
            field = ''.join(part.capitalize() for part in name.split('_'))
            return Refused(
                'product.error_param', f'invalid field {field}: value must  Not Null'
            )
        if self.module == 'payment':
            return Refused('error_param', f'{name} is required')
        if self.module == 'returns':
            return Refused('error_param', 'Error in parameters')
        return wrong(f'{name} is a required field.')

    def invalid(self, detail):
        """Return the refusal of a present but impossible value, worded by module."""
        if self.module == 'product':
            return Refused('product.error_param', detail)
        if self.module in ('payment', 'returns'):
            return Refused('error_param', detail)
        return wrong(detail)

    # === READING === #

    def raw(self, name, required=False):
        value = self.values.get(name)
        if isinstance(value, list) and not self.typed:
            value = value[0] if value else None
        if required and value in (None, '', []):
            raise self.missing(name)
        return value

    def text(self, name, required=False):
        """Return a text ('' when absent)."""
        value = self.raw(name, required)
        if value is None:
            return ''
        if not isinstance(value, str):
            raise self.invalid(f'{name}: Invalid type. Expected: string.')
        return value

    def integer(self, name, required=False, low=None, high=None, default=None):
        """Return an int; a number sent as text in JSON is refused (README 4)."""
        value = self.raw(name)
        if value in (None, ''):
            if required:
                raise self.missing(name)
            return default
        value = as_integer(value, self.typed, lambda text: self.invalid(name + text))
        if low is not None and value < low:
            raise self.invalid(f'{name} must be {low} or more.')
        if high is not None and value > high:
            raise self.invalid(f'{name} must be {high} or less.')
        return value

    def boolean(self, name):
        value = self.raw(name)
        return value is True or value == 'true'

    def names(self, name, required=False, most=None):
        """Return a list of a GET call: one comma-joined value, or repeated keys."""
        values = self.values.get(name) or []
        if isinstance(values, str):
            values = [values]
        found = [part for value in values for part in value.split(',') if part]
        if required and not found:
            raise self.missing(name)
        if most and len(found) > most:
            raise self.invalid(f'{name} must contain {most} or less elements.')
        return found

    def integers(self, name):
        """Return a list of integers of a JSON body (empty when absent)."""
        values = self.values.get(name)
        if values is None:
            return []
        if not isinstance(values, list) or any(type(one) is not int for one in values):
            raise self.invalid(f'{name}: Invalid type. Expected: array of integer.')
        return values

    def rows(self, name, required=True, most=50):
        """Return a list of objects of a JSON body, as ``Params`` each."""
        values = self.values.get(name)
        if values in (None, []):
            if required:
                raise self.missing(name)
            return []
        if not isinstance(values, list) or not all(
            isinstance(row, dict) for row in values
        ):
            raise self.invalid(f'{name}: Invalid type. Expected: array of object.')
        if len(values) > most:
            raise self.invalid(f'{name} must contain {most} or less elements.')
        return [Params(self.module, row, True) for row in values]

    def obj(self, name):
        """Return an object of a JSON body as ``Params``, or None when not sent."""
        value = self.values.get(name)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise self.invalid(f'{name}: Invalid type. Expected: object.')
        return Params(self.module, value, True)


def as_integer(value, typed, refusal):
    """Return ``value`` as int or raise what ``refusal(text)`` returns."""
    if typed:
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        given = 'string' if isinstance(value, str) else type(value).__name__
        raise refusal(f': Invalid type. Expected: integer, given: {given}.')
    if value.removeprefix('-').isdigit() and value.isascii():
        return int(value)
    raise refusal(': Invalid type. Expected: integer, given: string.')

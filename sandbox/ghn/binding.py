"""Reads the parameters of a call as GHN's Go services do: types are strict.

A float or a text where a whole number is meant refuses the whole call.
"""

from .envelope import user_error

INT, TEXT, FLAG = 'int', 'string', 'bool'
INTS, TEXTS, ROWS = '[]int', '[]string', '[]object'
ANY = 'any'

BOX = {'name': TEXT, 'code': TEXT, 'quantity': INT, 'price': INT, 'weight': INT,
       'length': INT, 'width': INT, 'height': INT}


def parameters(request, schema):
    """Values of the query or of the JSON body by name; absent and null are left out.

    :param dict schema: type per known name, unknown names are ignored
    """
    values = {}
    for name, text in request.query.items():
        if name in schema:
            values[name] = _from_query(name, text, schema[name])
    for name, value in json_object(request).items():
        if name in schema and value is not None:
            values[name] = _checked(name, value, schema[name])
    return values


def json_object(request):
    """The body as a dict; an empty body counts as no parameters."""
    if not request.body.strip():
        return {}
    try:
        data = request.json()
    except ValueError as error:
        offset = getattr(error, 'pos', 0)
        raise user_error(
            f'code=400, message=Syntax error: offset={offset}, error={error}') from None
    if data is None:
        return {}
    if not isinstance(data, dict):
        raise _mismatch('', 'object', data)
    return data


def _from_query(name, text, kind):
    if kind == INT:
        try:
            return int(text)
        except ValueError:
            raise _mismatch(name, INT, text) from None
    if kind == FLAG:
        return text.lower() in ('1', 'true')
    if kind == TEXT or kind == ANY:
        return text
    raise _mismatch(name, kind, text)


def _checked(name, value, kind):
    if kind == INT and (isinstance(value, bool) or not isinstance(value, int)):
        raise _mismatch(name, kind, value)
    if kind == TEXT and not isinstance(value, str):
        raise _mismatch(name, kind, value)
    if kind == FLAG and not isinstance(value, bool):
        raise _mismatch(name, kind, value)
    if kind in (INTS, TEXTS, ROWS) and not isinstance(value, list):
        raise _mismatch(name, kind, value)
    if kind in (INTS, TEXTS):
        return [_checked(name, one, kind[2:]) for one in value]
    if kind == ROWS:
        return [_row(f'{name}.{n}', row) for n, row in enumerate(value)]
    return value


def _row(name, row):
    if not isinstance(row, dict):
        raise _mismatch(name, 'object', row)
    return {key: _checked(f'{name}.{key}', value, BOX[key])
            for key, value in row.items() if key in BOX and value is not None}


def _mismatch(name, expected, value):
    got = {str: 'string', bool: 'bool', list: 'array', dict: 'object'}.get(
        type(value), f'number {value}')
    return user_error(
        f'code=400, message=Unmarshal type error: expected={expected}, got={got}, '
        f'field={name}, offset=0')

"""Code 39: the simplest barcode that every scanner reads. Bars are (x, width) pairs."""

# nine elements per letter, bar first, 1 = wide
CODE39 = {
    '0': '000110100', '1': '100100001', '2': '001100001', '3': '101100000',
    '4': '000110001', '5': '100110000', '6': '001110000', '7': '000100101',
    '8': '100100100', '9': '001100100', 'A': '100001001', 'B': '001001001',
    'C': '101001000', 'D': '000011001', 'E': '100011000', 'F': '001011000',
    'G': '000001101', 'H': '100001100', 'I': '001001100', 'J': '000011100',
    'K': '100000011', 'L': '001000011', 'M': '101000010', 'N': '000010011',
    'O': '100010010', 'P': '001010010', 'Q': '000000111', 'R': '100000110',
    'S': '001000110', 'T': '000010110', 'U': '110000001', 'V': '011000001',
    'W': '111000000', 'X': '010010001', 'Y': '110010000', 'Z': '011010000',
    '-': '010000101', '*': '010010100',
}
WIDE = 3


def bars(text):
    """The bars of a text of A-Z, 0-9 and '-', in units of the narrow bar.

    :return: (list of (x, width), total width)
    """
    x, result = 0, []
    for letter in f'*{text}*':
        for index, element in enumerate(CODE39[letter]):
            width = WIDE if element == '1' else 1
            if index % 2 == 0:
                result.append((x, width))
            x += width
        x += 1
    return result, x - 1

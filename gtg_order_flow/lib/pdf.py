"""What can go into one PDF with others."""

from odoo.tools.pdf import merge_pdf


def is_readable(content):
    try:
        merge_pdf([content])
    except Exception:
        return False
    return True

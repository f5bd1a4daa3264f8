"""PDF and ZIP of an invoice, as getInvoiceRepresentationFile gives them (README 9)."""

import io
import zipfile

from sandbox.einvoice import legal_xml, paper

from .document import document

XSL = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n<xsl:stylesheet version="1.0" '
    b'xmlns:xsl="http://www.w3.org/1999/XSL/Transform"><xsl:template match="/">'
    b'<html><body><pre><xsl:value-of select="."/></pre></body></html>'
    b'</xsl:template></xsl:stylesheet>\n'
)


def pdf(invoice, tenant, draft=False):
    """The printed form; a draft has no number."""
    return paper.pdf(document(invoice, tenant), draft)


def render(invoice, tenant, original=None):
    """The legal XML as bytes."""
    return legal_xml.render(document(invoice, tenant, original))


def zipped(invoice, tenant, original=None, flat=False):
    """A ZIP with XML and XSL, within another one unless ``flat``."""
    name = f'{tenant["tax_code"]}-{invoice["invoiceNo"]}'
    inner = _zip({f'{name}.xml': render(invoice, tenant, original), 'invoice.xsl': XSL})
    return inner if flat else _zip({f'{name}.zip': inner})


def _zip(members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, 'w', zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()

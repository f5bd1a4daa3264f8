from werkzeug.exceptions import BadRequest

from odoo import http
from odoo.exceptions import UserError
from odoo.http import content_disposition, request
from odoo.tools.pdf import merge_pdf

from ..lib.pdf import is_readable

MOST = 1000


def asked_ids(text):
    """:return: ids of rows from "1,2,3" """
    numbers = [int(part) for part in text.split(",") if part.isdecimal()]
    if len(numbers) > MOST:  # a part of them would look like all
        raise BadRequest(request.env._("Print the labels in parts."))
    # no number of a row is longer
    return [number for number in numbers if number < 2**31]


def pdf_answer(pages, name):
    """:param pages: [(what it is, PDF)], not empty
    :return: one PDF, shown in the browser
    :raise UserError: one of them is broken: the sentence says which
    """
    content = pages[0][1] if len(pages) == 1 else _merged(pages)
    return request.make_response(
        content,
        [
            ("Content-Type", "application/pdf"),
            ("Content-Length", len(content)),
            ("Cache-Control", "no-store"),
            ("Content-Disposition", content_disposition(name, "inline")),
        ],
    )


def _merged(pages):
    try:
        return merge_pdf([content for _name, content in pages])
    except Exception:
        broken = [name for name, content in pages if not is_readable(content)]
        if not broken:
            raise
    raise UserError(
        request.env._(
            "These labels cannot be read. Fetch them again: %s", ", ".join(broken)
        )
    )


class Labels(http.Controller):
    @http.route("/gtg/labels", type="http", auth="user")
    def labels(self, ids, slips=""):
        """Labels of deliveries the user may read, in the order asked for, then their
        delivery slips if wanted, in one PDF."""
        pickings = request.env["stock.picking"].browse(asked_ids(ids)).exists()
        pickings.check_access("read")
        leaving = pickings._gtg_leaving()
        (leaving - leaving._gtg_forced()).sale_id._gtg_check_blocks("print")
        pages = [
            (box.name, box.label.raw)
            for box in pickings._gtg_boxes_once()
            if box.label
        ]
        if slips and leaving:
            content, kind = (
                request.env["ir.actions.report"]
                .with_context(force_report_rendering=True)
                ._render_qweb_pdf("stock.action_report_delivery", leaving.ids)
            )
            if kind == "pdf":
                pages.append((request.env._("Delivery slips"), content))
        if not pages:
            raise request.not_found()
        return pdf_answer(pages, "labels.pdf")

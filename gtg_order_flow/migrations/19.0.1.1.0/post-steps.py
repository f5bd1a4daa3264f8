def migrate(cr, version):
    """Since when the orders of before are in their step: as the numbers took it then."""
    if version:
        cr.execute(
            """
            UPDATE sale_order
               SET gtg_step_at = GREATEST(
                       date_order, gtg_label_printed_at, gtg_packed_at,
                       gtg_shipped_at, gtg_delivered_at)
             WHERE gtg_step_at IS NULL AND gtg_substage IS NOT NULL
            """
        )

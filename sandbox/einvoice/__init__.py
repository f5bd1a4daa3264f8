"""What the e-invoice sandboxes share: the legal XML, the print, the tax office."""

"""Viettel S-Invoice, see README.md."""

"""MISA meInvoice; rules in README.md."""

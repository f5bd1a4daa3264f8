"""Set-up and real processes for the commands behind the Makefile.

``db`` (databases from templates), ``odoo`` and ``sandbox`` (real server
processes) are what tests, demo and bench use; docs/PLATFORM.md shows how.
"""

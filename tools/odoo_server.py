"""Odoo's entry point as a file of its own.

A prefork server starts its websocket process by running ``sys.argv[0]`` again; after
``python -m odoo`` that is a file which cannot run by itself. In this folder nothing
hides a module of the standard library, as Odoo's addon ``calendar`` would.
"""

import odoo.cli

if __name__ == "__main__":
    odoo.cli.main()

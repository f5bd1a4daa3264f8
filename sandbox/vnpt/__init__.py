"""VNPT Invoice; rules in README.md."""

"""Sandbox of Giao Hàng Nhanh (GHN); see README.md."""

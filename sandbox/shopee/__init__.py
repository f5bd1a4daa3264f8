"""Stand-in for Shopee Open Platform API v2 (Vietnam). Rules: README.md beside this file."""

# Every target sets up what it needs first (tools/run); see docs/PLATFORM.md.
.DEFAULT_GOAL := help
.PHONY: help setup demo screenshots test test-pure core-test lint bench i18n clean

help:  ## what can be made
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14
setup:  ## set everything up, run nothing
	@tools/setup
demo:  ## the demo company, ready to click (PORT=8069); CHECK=1: unattended, PASS or FAIL
	@tools/run python -m demo $(if $(CHECK),--check) $(if $(FRESH),--fresh) $(if $(PORT),--port $(PORT))
screenshots:  ## take the pictures of the README from the running system
	@tools/run python -m demo --screenshots
test:  ## every test; T='gtg_vn_carriers/tests -k label' runs a part
	@tools/run python -m gtgtools.testrun $(T)
test-pure:  ## the tests that need neither Odoo nor a database
	@tools/run --upto python python -m gtgtools.testrun --pure $(T)
core-test:  ## Odoo's own tests of what we extend, with our addons installed
	@tools/run python -m gtgtools.coretest $(T)
lint:  ## ruff and pylint-odoo
	@tools/run --upto python python -m gtgtools.lint
bench:  ## measure against the bare twins, write bench/results.json
	@tools/run python -m bench $(B)
i18n:  ## export every term, carry it into vi.po; CHECK=1: fail if stale or untranslated
	@tools/run python -m gtgtools.i18n $(if $(CHECK),--check)
clean:  ## remove what commands left in this checkout (not the shared cache)
	@rm -rf .gtg .demo .pytest_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

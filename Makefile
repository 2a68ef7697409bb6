# Everything runs in .venv; `make demo` and `make test` are all that a fresh machine needs.
PYTHON ?= python3.11
BIN := .venv/bin

.PHONY: demo test check bench clean

demo: .venv/light.stamp
	$(BIN)/genval demo

test: .venv/test.stamp
	$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder

check: .venv/test.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest tests/docs

bench: .venv/test.stamp
	for bench in bench/*.py; do $(BIN)/python $$bench || exit 1; done

.venv/light.stamp: pyproject.toml constraints.txt
	@echo "Installing genval without torch: about 240 MB to download, 0.9 GB on disk."
	$(PYTHON) -m venv .venv
	$(BIN)/pip install -q -c constraints.txt -e .
	@touch $@

.venv/test.stamp: .venv/light.stamp
	$(BIN)/pip install -q -c constraints.txt -e '.[test]'
	$(BIN)/pip install -q -c constraints.txt --no-deps lvis
	@touch $@

clean:
	rm -rf .venv build *.egg-info

# The parts of .ci/run that one wants while working. The gate itself is `make all`.

STATICCHECK := go run honnef.co/go/tools/cmd/staticcheck@$(shell sed -n 's/^staticcheck_version=//p' .ci/run)
MODULES := $(shell git ls-files go.mod '*/go.mod' | xargs -n 1 dirname)

.PHONY: test race lint fuzz e2e all

test:
	go test ./...

race:
	go test -race ./...

lint:
	@files=$$(git ls-files -z '*.go' | xargs -0 gofmt -l); [ -z "$$files" ] || { echo "not formatted: $$files"; exit 1; }
	@for module in $(MODULES); do \
		echo "lint $$module"; \
		(cd $$module && go mod tidy -diff && go vet ./... && $(STATICCHECK) ./...) || exit 1; \
	done

# By count, as in .ci/run: a run that is cut off by time now and then fails for that alone.
fuzz:
	@for package in $$(go list -f '{{if or .TestGoFiles .XTestGoFiles}}{{.ImportPath}}{{end}}' ./...); do \
		for target in $$(go test -list '^Fuzz' $$package | grep '^Fuzz'); do \
			go test -run '^$$' -fuzz "^$$target\$$" -fuzztime 2000x $$package || exit 1; \
		done; \
	done

e2e:
	e2e/run

all:
	.ci/run

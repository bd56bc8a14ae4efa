# The parts of the gate that one wants while working. .ci/run says what they are; without arguments it is all of them.

.PHONY: test race lint systems fuzz e2e all dist

test:
	go test ./...

race lint systems fuzz e2e:
	.ci/run $@

all:
	.ci/run

# What is downloaded of a version, of the commit that is checked out, in the folder dist.
dist:
	cd release && go run . -o ../dist

# The parts of the gate that one wants while working. .ci/run says what they are; without arguments it is all of them.

.PHONY: test race lint systems fuzz e2e all

test:
	go test ./...

race lint systems fuzz e2e:
	.ci/run $@

all:
	.ci/run

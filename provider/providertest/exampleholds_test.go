package providertest_test

import "testing"

func TestTheExampleHolds(t *testing.T) { testAcme(t) }

package edgeauthtest_test

import "testing"

func TestTheExamplesHold(t *testing.T) {
	t.Run("stories", testStories)
	t.Run("an outage", testAnOutage)
}

package lambdaedge_test

import (
	"runtime/debug"
	"testing"
)

// notUnderRace skips what counts memory where the race detector takes memory of its own.
func notUnderRace(t *testing.T) {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, setting := range info.Settings {
			if setting.Key == "-race" && setting.Value == "true" {
				t.Skip("the race detector takes memory of its own")
			}
		}
	}
}

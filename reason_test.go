package edgeauth_test

import (
	"errors"
	"os"
	"regexp"
	"testing"

	"github.com/edgeauth/edgeauth"
	"github.com/stretchr/testify/require"
)

func TestEveryReasonHasAPublicConstant(t *testing.T) {
	inside, err := os.ReadFile("internal/reason/reason.go")
	require.NoError(t, err)
	outside, err := os.ReadFile("reason.go")
	require.NoError(t, err)
	all := regexp.MustCompile(`(?m)^\t(\w+) +Reason = "`).FindAllStringSubmatch(string(inside), -1)
	require.NotEmpty(t, all)
	for _, one := range all {
		require.Regexp(t, `(?m)^\tReason`+one[1]+` +Reason = reason\.`+one[1]+`( |$)`, string(outside))
	}
}

func TestADecisionKnowsItsCode(t *testing.T) {
	for want, d := range map[string]edgeauth.Decision{
		"undecided":  {}, // it denies
		"allowed":    {Action: edgeauth.Allow},
		"seen_again": {Action: edgeauth.Redirect, Reason: edgeauth.ReasonSeenAgain},
		"internal":   {Reason: errors.New("something else")},
	} {
		require.Equal(t, want, d.Code())
	}
	require.Equal(t, "allowed", edgeauth.Code(nil), "programs build on it")
}

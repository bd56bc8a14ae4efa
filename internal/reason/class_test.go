package reason

import (
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestEveryReasonHasAClass(t *testing.T) {
	source, err := os.ReadFile("reason.go")
	require.NoError(t, err)
	codes := regexp.MustCompile(`Reason = "([a-z_]+)"`).FindAllStringSubmatch(string(source), -1)
	require.Len(t, classes, len(codes))
	for _, code := range codes {
		require.Contains(t, classes, Reason(code[1]))
	}
}

func TestTheClassOfAnErrorIsThatOfItsFirstReason(t *testing.T) {
	for name, test := range map[string]struct {
		err  error
		want Class
	}{
		"a reason":                            {Expired, SignIn},
		"a wrapped reason":                    {fmt.Errorf("discovery: %w", ProviderError), Fault},
		"the first of two":                    {fmt.Errorf("%w: %w", ForbiddenByCheck, ProviderDown), Refused},
		"time that ran out":                   {fmt.Errorf("reading: %w", context.DeadlineExceeded), Transient},
		"a viewer that went away":             {context.Canceled, Transient},
		"a program's check that took a while": {fmt.Errorf("%w: %w", ForbiddenByCheck, context.DeadlineExceeded), Refused},
		"anything else":                       {errors.New("something else"), Fault},
		"a code that is not ours":             {Reason("made_up"), Fault},
	} {
		require.Equal(t, test.want, ClassOf(test.err), name)
	}
}

package reason

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAPanicsTextIsOnlyShownWhereItIsTheRuntimesOwn(t *testing.T) {
	func() {
		defer func() { require.Contains(t, PanicText(recover()), "index out of range") }()
		var none []int
		_ = none[len(none)]
	}()
	require.Equal(t, "string", PanicText("a secret"))
	require.Equal(t, "*errors.errorString", PanicText(errors.New("a secret")))
}

func TestCodeIsThatOfTheFirstReason(t *testing.T) {
	require.Equal(t, "allowed", Code(nil))
	require.Equal(t, "expired", Code(fmt.Errorf("the session: %w", Expired)))
	require.Equal(t, "already_signed_in", Code(fmt.Errorf("%w: %w", AlreadySignedIn, StateMismatch)))
	require.Equal(t, "internal", Code(errors.New("something else")))
}

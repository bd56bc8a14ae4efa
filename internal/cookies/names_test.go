package cookies

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNamesSayWhoseCookieItIs(t *testing.T) {
	require.Regexp(t, `^__Host-edgeauth-[0-9a-f]{8}$`, NewNames("a", "", false, false).Session)
	require.Regexp(t, `^__Secure-edgeauth-[0-9a-f]{8}$`, NewNames("a", "example.com", false, false).Session, "__Host- forbids a Domain")
	require.Regexp(t, `^edgeauth-[0-9a-f]{8}$`, NewNames("a", "", true, false).Session, "both prefixes ask for Secure")
	require.NotEqual(t, NewNames("a", "", false, false).Session, NewNames("b", "", false, false).Session)
	require.NotEqual(t, NewNames("a", "", false, false).Session, NewNames("a", "", false, true).Session, "those of before stay in the browser")
}

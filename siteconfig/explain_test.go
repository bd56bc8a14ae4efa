package siteconfig

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/edgeauth/edgeauth"
)

func TestFaultsOfTheWholeNameTheMember(t *testing.T) {
	c, err := Parse("app", site(`"paths": {"signed_out": "/.auth/logout"}, "rules": [{"path": "/", "allow": "anyone"}]`), Options{})
	require.NoError(t, err)
	c.Locator = nil // as of a configuration that a program has put together
	_, err = edgeauth.New(c)
	text := Explain("app", err).Error()
	for _, member := range []string{"client_id", "hosts", "session.keys", "paths.signed_out", "rules[0].path"} {
		require.Contains(t, text, `site "app": `+member+": ")
	}
	require.Equal(t, strings.Count(text, "\n")+1, strings.Count(text, `site "app"`))
}

func TestMemberNames(t *testing.T) {
	for field, member := range map[string]string{
		"ClientID": "client_id", "OpenToEveryone": "open_to_everyone", "Session.Keys[0]": "session.keys[0]",
		"Cookie.SameSite": "cookie.same_site", "Index.SPA": "index.spa", "Provider.Endpoints.EndSession": "provider.endpoints.end_session",
		"Provider.JWKS": "provider.jwks", "Rules[3].Anyone": "rules[3].allow",
	} {
		got, exact := memberOf(field)
		require.Equal(t, member, got)
		require.True(t, exact)
	}
}

func TestOtherFailuresAreLeftAsTheyAre(t *testing.T) {
	require.Equal(t, io.EOF, Explain("app", io.EOF))
	joined := errors.Join(io.EOF)
	require.Equal(t, joined, Explain("app", joined))
}

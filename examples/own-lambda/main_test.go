package main

import (
	"context"
	"net/url"
	"testing"

	"github.com/edgeauth/edgeauth"
	"github.com/stretchr/testify/require"
)

func TestAVisitorIsSentToTheTenantsSignIn(t *testing.T) {
	const tenant, client = "37c156ce-36f2-4e30-ab8a-c9e8d79d09f4", "6476656c-9d24-4a7b-a8c6-ceb241f07113"
	guard, err := newGuard(tenant, client)
	require.NoError(t, err)
	d := guard.Check(context.Background(), &edgeauth.Request{
		Method: "GET", Host: "d111111abcdef8.cloudfront.net", Distribution: "d111111abcdef8.cloudfront.net", Path: "/reports",
		Header: func(name string) string { return map[string]string{"Accept": "text/html"}[name] },
	})
	require.Equal(t, edgeauth.Redirect, d.Action, "%v", d.Reason)
	u, err := url.Parse(d.Location)
	require.NoError(t, err)
	require.Equal(t, "login.microsoftonline.com", u.Host)
	require.Equal(t, "/"+tenant+"/oauth2/v2.0/authorize", u.Path)
	require.Equal(t, client, u.Query().Get("client_id"))
	require.Equal(t, "https://d111111abcdef8.cloudfront.net/.auth/callback", u.Query().Get("redirect_uri"))
}

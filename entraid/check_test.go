package entraid

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"maps"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/require"

	"github.com/edgeauth/edgeauth/internal/reason"
	"github.com/edgeauth/edgeauth/internal/token"
	"github.com/edgeauth/edgeauth/provider"
)

const (
	client = "5f0c2a51-9d0e-4f3b-8f0e-2b6a1f0d7c11"
	public = "https://login.microsoftonline.com/"
	sts    = "https://sts.windows.net/"
)

var now = time.Unix(1_800_000_000, 0)

type members map[string]any

// The tokens as Entra issues them; a case changes some members, and drops those set to nil.
var (
	idToken = members{
		"ver": "2.0", "iss": public + tenantA + "/v2.0", "tid": tenantA, "aud": client, "sub": "pairwise", "oid": tenantB,
		"iat": now.Unix(), "nbf": now.Unix(), "exp": now.Add(time.Hour).Unix(), "nonce": "n",
	}
	accessV2 = idToken.with(members{"nonce": nil, "azp": client, "azpacr": "0", "scp": "download read"})
	accessV1 = accessV2.with(members{
		"ver": "1.0", "iss": sts + tenantA + "/", "aud": "api://" + client, "azp": nil, "azpacr": nil,
		"appid": client, "appidacr": "0",
	})
	consumer = idToken.with(members{"iss": public + consumerTenant + "/v2.0", "tid": consumerTenant})
	one      = Config{Tenant: tenantA}
	oneV1    = Config{Tenant: tenantA, V1AccessTokens: true}
	several  = Config{Tenants: []string{tenantA, tenantB}}
	every    = Config{Tenant: organizations, AnyTenant: true}
)

func TestTokens(t *testing.T) {
	foreign := members{"iss": public + tenantB + "/v2.0", "tid": tenantB}
	for name, c := range map[string]struct {
		config Config
		kind   provider.Proof
		token  members
		header members
		key    members
		want   error // nil accepts
	}{
		"accepts one without email, name or preferred_username": {config: one, token: idToken},
		"accepts one with groups elsewhere":                     {config: one, token: idToken.with(members{"_claim_names": members{"groups": "src1"}})},
		"accepts one of a listed tenant":                        {config: several, token: idToken.with(foreign)},
		"accepts one of any tenant where all may enter":         {config: every, token: idToken.with(foreign)},
		"accepts a personal account where those may enter":      {config: Config{Tenant: common, AnyTenant: true}, token: consumer},
		"accepts a personal account at its own tenant":          {config: Config{Tenant: consumers, AnyTenant: true}, token: consumer},
		"accepts External ID's issuer":                          {config: Config{Tenant: tenantA, Issuer: "https://{tid}.ciamlogin.com/{tid}/v2.0"}, token: idToken.with(members{"iss": "https://" + tenantA + ".ciamlogin.com/" + tenantA + "/v2.0"})},
		"accepts an access token of version 2":                  {config: one, kind: provider.AccessToken, token: accessV2},
		"accepts an access token of version 1 where allowed":    {config: oneV1, kind: provider.AccessToken, token: accessV1},
		"accepts version 1 for the id alone":                    {config: oneV1, kind: provider.AccessToken, token: accessV1.with(members{"aud": client})},
		"accepts version 1 for the App ID URI with a slash":     {config: oneV1, kind: provider.AccessToken, token: accessV1.with(members{"aud": "api://" + client + "/"})},
		"accepts a key of every tenant":                         {config: one, token: idToken, key: members{"issuer": public + "{tenantid}/v2.0"}},
		"accepts a key of the tenant":                           {config: one, token: idToken, key: members{"issuer": public + tenantA + "/v2.0"}},
		"accepts version 1 under a key that names version 2":    {config: oneV1, kind: provider.AccessToken, token: accessV1, key: members{"issuer": public + tenantA + "/v2.0"}},

		"refuses another tenant":                                   {config: one, token: idToken.with(foreign), want: reason.WrongIssuer},
		"refuses a tenant that is not listed":                      {config: Config{Tenants: []string{tenantA}}, token: idToken.with(foreign), want: reason.WrongIssuer},
		"refuses another tenant under one issuer for all":          {config: Config{Tenant: tenantA, Issuer: "https://id.example"}, token: idToken.with(members{"iss": "https://id.example", "tid": tenantB}), want: reason.ClaimRefused},
		"refuses a token without tid":                              {config: one, token: idToken.with(members{"tid": nil}), want: reason.ClaimRefused},
		"refuses a token without tid where all may enter":          {config: every, token: idToken.with(members{"tid": nil}), want: reason.WrongIssuer},
		"refuses a tid that is a word":                             {config: every, token: idToken.with(members{"tid": "common", "iss": public + "common/v2.0"}), want: reason.WrongIssuer},
		"refuses a tid that is the placeholder":                    {config: every, token: idToken.with(members{"tid": "{tenantid}", "iss": public + "{tenantid}/v2.0"}), want: reason.WrongIssuer},
		"refuses a tid that is a path":                             {config: every, token: idToken.with(members{"tid": "../x", "iss": public + "../x/v2.0"}), want: reason.WrongIssuer},
		"refuses a tid in capitals":                                {config: one, token: idToken.with(members{"tid": "1B4E28BA-2FA1-41D2-883F-0016D3CCA427"}), want: reason.ClaimRefused},
		"refuses an issuer that is the template":                   {config: every, token: idToken.with(members{"iss": public + "{tenantid}/v2.0"}), want: reason.WrongIssuer},
		"refuses a tid that differs from the issuer's":             {config: several, token: idToken.with(members{"tid": tenantB}), want: reason.ClaimRefused},
		"refuses an issuer on another host":                        {config: one, token: idToken.with(members{"iss": "https://login.microsoftonline.com.evil.example/" + tenantA + "/v2.0"}), want: reason.WrongIssuer},
		"refuses an issuer on another host, all may enter":         {config: every, token: idToken.with(members{"iss": "https://login.microsoftonline.com.evil.example/" + tenantA + "/v2.0"}), want: reason.WrongIssuer},
		"refuses the issuer of another cloud":                      {config: Config{Tenant: tenantA, Cloud: USGov}, token: idToken, want: reason.WrongIssuer},
		"refuses External ID's issuer under the tenant name":       {config: Config{Tenant: tenantA, Issuer: "https://{tid}.ciamlogin.com/{tid}/v2.0"}, token: idToken.with(members{"iss": "https://customers.ciamlogin.com/" + tenantA + "/v2.0"}), want: reason.WrongIssuer},
		"refuses a personal account among work accounts":           {config: every, token: consumer, want: reason.ClaimRefused},
		"refuses an ID token of version 1":                         {config: oneV1, token: idToken.with(members{"ver": "1.0", "iss": sts + tenantA + "/"}), want: reason.ClaimRefused},
		"refuses version 2 from the issuer of version 1":           {config: oneV1, kind: provider.AccessToken, token: accessV2.with(members{"iss": sts + tenantA + "/"}), want: reason.ClaimRefused},
		"refuses version 1 from the issuer of version 2":           {config: oneV1, kind: provider.AccessToken, token: accessV1.with(members{"iss": public + tenantA + "/v2.0"}), want: reason.ClaimRefused},
		"refuses a token without ver":                              {config: one, token: idToken.with(members{"ver": nil}), want: reason.ClaimRefused},
		"refuses version 1 from its issuer without the slash, E24": {config: oneV1, kind: provider.AccessToken, token: accessV1.with(members{"iss": sts + tenantA}), want: reason.WrongIssuer},
		"refuses version 1 unless allowed":                         {config: one, kind: provider.AccessToken, token: accessV1, want: reason.WrongIssuer},
		"refuses a token without kid":                              {config: one, token: idToken, header: members{"kid": nil}, want: reason.UnknownKey},

		"refuses a key of another cloud":              {config: one, token: idToken, key: members{"cloud_instance_name": "microsoftonline.us"}, want: reason.ClaimRefused},
		"refuses a key of another tenant":             {config: several, token: idToken, key: members{"issuer": public + tenantB + "/v2.0"}, want: reason.ClaimRefused},
		"refuses the key of personal accounts":        {config: every, token: idToken, key: members{"issuer": public + consumerTenant + "/v2.0"}, want: reason.ClaimRefused},
		"refuses a key whose issuer is no text":       {config: one, token: idToken, key: members{"issuer": 1}, want: reason.ClaimRefused},
		"refuses a key of another cloud's every one":  {config: one, token: idToken, key: members{"issuer": "https://login.microsoftonline.us/{tenantid}/v2.0"}, want: reason.ClaimRefused},
		"refuses version 1 under a foreign key":       {config: oneV1, kind: provider.AccessToken, token: accessV1, key: members{"issuer": public + tenantB + "/v2.0"}, want: reason.ClaimRefused},
		"refuses an access token of another app":      {config: one, kind: provider.AccessToken, token: accessV2.with(members{"aud": tenantB}), want: reason.WrongAudience},
		"refuses an access token got by another app":  {config: one, kind: provider.AccessToken, token: accessV2.with(members{"azp": tenantB}), want: reason.WrongClient},
		"refuses version 1 got by another app":        {config: oneV1, kind: provider.AccessToken, token: accessV1.with(members{"appid": tenantB}), want: reason.WrongClient},
		"refuses an access token that names no app":   {config: one, kind: provider.AccessToken, token: accessV2.with(members{"azp": nil}), want: reason.WrongClient},
		"refuses an app's own access token":           {config: one, kind: provider.AccessToken, token: accessV2.with(members{"idtyp": "app", "roles": []string{"reader"}}), want: reason.ClaimRefused},
		"refuses an app's own token, not marked so":   {config: one, kind: provider.AccessToken, token: accessV2.with(members{"scp": nil, "roles": []string{"reader"}}), want: reason.ClaimRefused},
		"refuses an access token with an empty scope": {config: one, kind: provider.AccessToken, token: accessV2.with(members{"scp": ""}), want: reason.ClaimRefused},
		"refuses an ID token as access token":         {config: one, kind: provider.AccessToken, token: idToken, want: reason.WrongClient},
	} {
		t.Run(name, func(t *testing.T) {
			if c.kind == "" {
				c.kind = provider.IDToken
			}
			err := verify(t, c.config, c.kind, c.token, c.header, c.key)
			if c.want == nil {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, c.want)
		})
	}
}

// A site may list Graph as its audience, and must be told why that cannot work.
func TestAGraphTokenIsNamedAsSuch(t *testing.T) {
	p, err := New(one)
	require.NoError(t, err)
	for name, aud := range map[string]string{
		"by its id":  "00000003-0000-0000-c000-000000000000",
		"by its URL": "https://graph.microsoft.com",
	} {
		t.Run(name, func(t *testing.T) {
			claims := parse(t, accessV2.with(members{"aud": aud}))
			err := p.Check(provider.Token{Kind: provider.AccessToken, Header: parse(t, members{}), Claims: claims})
			require.ErrorContains(t, err, "let the ID token be the proof")
		})
	}
	hashed := provider.Token{Kind: provider.AccessToken, Header: parse(t, members{"nonce": "x"}), Claims: parse(t, accessV2)}
	require.ErrorContains(t, p.Check(hashed), "Microsoft Graph")
	hashed.Kind = provider.IDToken
	require.NoError(t, p.Check(hashed), "only access tokens are for Graph")
}

var signer = func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
}()

func verify(t *testing.T, c Config, kind provider.Proof, claims, header, key members) error {
	p, err := New(c)
	require.NoError(t, err)
	published := members{
		"kty": "RSA", "use": "sig", "kid": "k1", "e": "AQAB", "cloud_instance_name": cloudOf(c),
		"n": base64.RawURLEncoding.EncodeToString(signer.N.Bytes()),
	}.with(key)
	jwks, err := json.Marshal(map[string]any{"keys": []any{published}})
	require.NoError(t, err)
	keys, err := token.InlineKeys(jwks)
	require.NoError(t, err)
	v, err := token.New(token.Config{
		Provider: p, Kind: kind, ClientID: client, Keys: keys, Leeway: time.Minute, Now: func() time.Time { return now },
	})
	require.NoError(t, err)

	made := jwt.NewWithClaims(jwt.SigningMethodRS256, jwt.MapClaims(claims))
	made.Header = members{"typ": "JWT", "alg": "RS256", "kid": "k1"}.with(header)
	raw, err := made.SignedString(signer)
	require.NoError(t, err)
	want := token.Expect{}
	if kind == provider.IDToken {
		want.Nonce = "n"
	}
	_, err = v.Verify(context.Background(), raw, want)
	return err
}

// cloudOf is the cloud_instance_name that the cloud of c publishes.
func cloudOf(c Config) string {
	if c.Cloud == USGov {
		return "microsoftonline.us"
	}
	return "microsoftonline.com"
}

func (m members) with(changes members) members {
	all := maps.Clone(m)
	maps.Copy(all, changes)
	maps.DeleteFunc(all, func(_ string, value any) bool { return value == nil })
	return all
}

func parse(t *testing.T, m members) provider.Claims {
	raw, err := json.Marshal(m)
	require.NoError(t, err)
	claims, err := provider.ParseClaims(raw)
	require.NoError(t, err)
	return claims
}

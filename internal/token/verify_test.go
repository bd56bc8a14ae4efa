package token

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/require"

	"github.com/edgeauth/edgeauth/internal/reason"
	"github.com/edgeauth/edgeauth/provider"
)

// requireReason wants exactly one reason in the tree of err; "" wants no error.
func requireReason(t testing.TB, want reason.Reason, err error) {
	t.Helper()
	if want == "" {
		require.NoError(t, err)
		return
	}
	require.Equal(t, []reason.Reason{want}, reasons(err), "%v", err)
}

func reasons(err error) []reason.Reason {
	var list []reason.Reason
	if r, ok := err.(reason.Reason); ok {
		list = append(list, r)
	}
	switch e := err.(type) {
	case interface{ Unwrap() error }:
		return append(list, reasons(e.Unwrap())...)
	case interface{ Unwrap() []error }:
		for _, inner := range e.Unwrap() {
			list = append(list, reasons(inner)...)
		}
	}
	return list
}

// atHash is the at_hash of an access token (OIDC Core 3.1.3.6).
func atHash(access string) string {
	sum := sha256.Sum256([]byte(access))
	return base64.RawURLEncoding.EncodeToString(sum[:16])
}

func TestIDTokenClaims(t *testing.T) {
	now := theTime.Unix()
	for rule, c := range map[string]struct {
		payload object
		want    reason.Reason
	}{
		"accepts a good token":                        {payload(), ""},
		"accepts an audience array of one":            {payload().with("aud", []string{theClient}), ""},
		"accepts exp 30 s ago, P11":                   {payload().with("exp", now-30), ""},
		"accepts iat 30 s ahead, P11":                 {payload().with("iat", now+30), ""},
		"accepts nbf 30 s ahead":                      {payload().with("nbf", now+30), ""},
		"accepts azp of this client":                  {payload().with("azp", theClient), ""},
		"accepts two audiences with azp":              {payload().with("aud", []string{theClient, "other"}).with("azp", theClient), ""},
		"accepts the right at_hash":                   {payload().with("at_hash", atHash("access-1")), ""},
		"accepts a subject with | and @, P14":         {payload().with("sub", "auth0|a@b"), ""},
		"accepts fractions of seconds":                {payload().with("exp", json.Number("1790003600.5")).with("iat", json.Number("1.79e9")), ""},
		"accepts no profile claims at all, P15":       {payload(), ""},
		"accepts a subject of 255 bytes":              {payload().with("sub", strings.Repeat("x", 255)), ""},
		"refuses a foreign issuer":                    {payload().with("iss", "https://other.example"), reason.WrongIssuer},
		"refuses no issuer":                           {payload().with("iss", nil), reason.WrongIssuer},
		"refuses an issuer that is a number":          {payload().with("iss", 1), reason.WrongIssuer},
		"refuses an issuer in an array":               {payload().with("iss", []string{theIssuer}), reason.WrongIssuer},
		"refuses an issuer with a final slash":        {payload().with("iss", theIssuer+"/"), reason.WrongIssuer},
		"refuses an issuer with 1 appended":           {payload().with("iss", theIssuer+"1"), reason.WrongIssuer},
		"refuses the prefix trick, J34":               {payload().with("iss", theIssuer+".evil.test"), reason.WrongIssuer},
		"refuses no audience, J35":                    {payload().with("aud", nil), reason.WrongAudience},
		"refuses an audience that is a number, J35":   {payload().with("aud", 7), reason.WrongAudience},
		"refuses an empty audience array, J35":        {payload().with("aud", []string{}), reason.WrongAudience},
		"refuses another client's audience, J35":      {payload().with("aud", "other"), reason.WrongAudience},
		"refuses an audience with 1 appended":         {payload().with("aud", theClient+"1"), reason.WrongAudience},
		"refuses an audience array with a number":     {payload().with("aud", []any{theClient, 1}).with("azp", theClient), reason.WrongAudience},
		"refuses two audiences without azp, J36":      {payload().with("aud", []string{theClient, "other"}), reason.WrongClient},
		"refuses azp of another client, J37":          {payload().with("azp", "other"), reason.WrongClient},
		"refuses azp that is no text":                 {payload().with("azp", []string{theClient}), reason.WrongClient},
		"refuses no subject, J38":                     {payload().with("sub", nil), reason.TokenMalformed},
		"refuses an empty subject, J38":               {payload().with("sub", ""), reason.TokenMalformed},
		"refuses a subject that is a number, J38":     {payload().with("sub", 7), reason.TokenMalformed},
		"refuses a subject of 300 characters, J38":    {payload().with("sub", strings.Repeat("x", 300)), reason.TokenMalformed},
		"refuses no iat":                              {payload().with("iat", nil), reason.TokenMalformed},
		"refuses iat as text":                         {payload().with("iat", "1"), reason.TokenMalformed},
		"accepts iat an hour ahead":                   {payload().with("iat", now+3600), ""},
		"refuses no exp, J27":                         {payload().with("exp", nil), reason.TokenMalformed},
		"refuses exp as text, J29":                    {payload().with("exp", fmt.Sprint(now+3600)), reason.TokenMalformed},
		"refuses exp 1e300, J29":                      {payload().with("exp", json.Number("1e300")), reason.TokenMalformed},
		"refuses exp beyond the year 9999":            {payload().with("exp", maxTime+1), reason.TokenMalformed},
		"refuses a negative exp":                      {payload().with("exp", -1), reason.TokenMalformed},
		"refuses exp null":                            {payload().with("exp", json.RawMessage("null")), reason.TokenMalformed},
		"refuses exp 0":                               {payload().with("exp", 0), reason.Expired},
		"refuses exp an hour ago":                     {payload().with("exp", now-3600), reason.Expired},
		"refuses exp a leeway ago":                    {payload().with("exp", now-60), reason.Expired},
		"refuses nbf an hour ahead, J30":              {payload().with("nbf", now+3600), reason.NotYetValid},
		"refuses nbf as text":                         {payload().with("nbf", "1"), reason.TokenMalformed},
		"refuses no nonce at the callback, J39":       {payload().with("nonce", nil), reason.WrongNonce},
		"refuses the nonce of another sign-in, J40":   {payload().with("nonce", theNonce+"1"), reason.WrongNonce},
		"refuses a nonce that is no text":             {payload().with("nonce", []string{theNonce}), reason.WrongNonce},
		"refuses at_hash of another access token":     {payload().with("at_hash", atHash("access-2")), reason.WrongTokenHash},
		"refuses at_hash that is no text":             {payload().with("at_hash", 1), reason.WrongTokenHash},
		"refuses an empty at_hash":                    {payload().with("at_hash", ""), reason.WrongTokenHash},
		"refuses expiry with a wrong audience, alone": {payload().with("exp", now-3600).with("aud", "other"), reason.WrongAudience},
		"refuses expiry with a wrong nonce, alone":    {payload().with("exp", now-3600).with("nonce", "x"), reason.WrongNonce},
		"refuses expiry with a wrong issuer, alone":   {payload().with("exp", now-3600).with("iss", "x"), reason.WrongIssuer},
		"refuses expiry with no subject, alone":       {payload().with("exp", now-3600).with("sub", nil), reason.TokenMalformed},
	} {
		t.Run(rule, func(t *testing.T) {
			_, err := verify(t, config(), issue(c.payload), Expect{Nonce: theNonce, AccessToken: "access-1"})
			requireReason(t, c.want, err)
		})
	}
}

func TestVerifiedSaysWhatWasProven(t *testing.T) {
	p := payload().with("nbf", theTime.Unix()-10)
	want := Verified{
		Issued: theTime.Add(-time.Minute), Expiry: theTime.Add(time.Hour), Generation: 1,
		From: theTime.Add(-70 * time.Second), Until: theTime.Add(time.Hour + time.Minute),
	}
	got, err := verify(t, config(), issue(p), Expect{})
	require.NoError(t, err)
	require.Equal(t, p.String(), string(got.Claims.Raw()))
	want.Claims = got.Claims
	require.Equal(t, want, got)
}

func TestAnExpiredTokenComesBackForARefreshAndAnyOtherDoesNot(t *testing.T) {
	expired := payload().with("exp", theTime.Unix()-3600)
	got, err := verify(t, config(), issue(expired), Expect{})
	requireReason(t, reason.Expired, err)
	sub, _ := got.Claims.Text("sub")
	require.Equal(t, "user-1", sub)

	got, err = verify(t, config(), sign(goodHeader().String(), expired.String(), jwt.SigningMethodRS256, otherRSAKey()), Expect{})
	requireReason(t, reason.BadSignature, err)
	require.Zero(t, got)

	c := config()
	c.Provider.Check = func(provider.Token) error { return reason.Expired }
	got, err = verify(t, c, issue(payload()), Expect{})
	requireReason(t, reason.ClaimRefused, err)
	require.Zero(t, got)
}

func TestHeader(t *testing.T) {
	for rule, c := range map[string]struct {
		header object
		want   reason.Reason
	}{
		"accepts no typ, P08":                     {goodHeader().with("typ", nil), ""},
		"accepts typ in other letters":            {goodHeader().with("typ", "jwt"), ""},
		"accepts typ with its prefix":             {goodHeader().with("typ", "application/JWT"), ""},
		"ignores jwk, jku, x5u and x5c":           {goodHeader().with("jwk", jwk(otherRSAKey())).with("jku", "https://evil.test").with("x5u", "https://evil.test").with("x5c", []string{"AAAA"}), ""},
		"accepts members nobody knows":            {goodHeader().with("x5t", "abc").with("foo", 1), ""},
		"accepts no kid where it is not required": {goodHeader().with("kid", nil), ""},
		"refuses alg none, J01":                   {goodHeader().with("alg", "none"), reason.BadAlgorithm},
		"refuses alg None":                        {goodHeader().with("alg", "None"), reason.BadAlgorithm},
		"refuses HS256, J03":                      {goodHeader().with("alg", "HS256"), reason.BadAlgorithm},
		"refuses RS512 unless it is listed, J04":  {goodHeader().with("alg", "RS512"), reason.BadAlgorithm},
		"refuses PS256 unless it is listed, J04":  {goodHeader().with("alg", "PS256"), reason.BadAlgorithm},
		"refuses alg in small letters":            {goodHeader().with("alg", "rs256"), reason.BadAlgorithm},
		"refuses no alg":                          {goodHeader().with("alg", nil), reason.BadAlgorithm},
		"refuses alg that is no text":             {goodHeader().with("alg", []string{"RS256"}), reason.BadAlgorithm},
		"refuses crit, J12":                       {goodHeader().with("crit", []string{"x"}).with("x", 1), reason.TokenMalformed},
		"refuses an empty crit":                   {goodHeader().with("crit", []string{}), reason.TokenMalformed},
		"refuses b64 false, J13":                  {goodHeader().with("b64", false), reason.TokenMalformed},
		"refuses b64 true":                        {goodHeader().with("b64", true), reason.TokenMalformed},
		"refuses typ logout+jwt, J22":             {goodHeader().with("typ", "logout+jwt"), reason.BadType},
		"refuses typ at+jwt for an ID token, J23": {goodHeader().with("typ", "at+jwt"), reason.BadType},
		"refuses typ application/at+jwt":          {goodHeader().with("typ", "application/at+jwt"), reason.BadType},
		"refuses an empty typ":                    {goodHeader().with("typ", ""), reason.BadType},
		"refuses typ that is no text":             {goodHeader().with("typ", 1), reason.BadType},
		"refuses an empty kid":                    {goodHeader().with("kid", ""), reason.TokenMalformed},
		"refuses kid that is a number":            {goodHeader().with("kid", 1), reason.TokenMalformed},
		"refuses kid null":                        {goodHeader().with("kid", json.RawMessage("null")), reason.TokenMalformed},
		"refuses a kid of 257 bytes":              {goodHeader().with("kid", strings.Repeat("x", 257)), reason.TokenMalformed},
		"refuses a kid that no key has":           {goodHeader().with("kid", "k2"), reason.UnknownKey},
		"refuses the same kid in other letters":   {goodHeader().with("kid", "K1"), reason.UnknownKey},
	} {
		t.Run(rule, func(t *testing.T) {
			_, err := verify(t, config(), sign(c.header.String(), payload().String(), jwt.SigningMethodRS256, rsaKey()), Expect{})
			requireReason(t, c.want, err)
		})
	}
	t.Run("refuses no kid where it is required, J06", func(t *testing.T) {
		c := config()
		c.Provider.IDToken.KeyIDRequired = true
		_, err := verify(t, c, sign(goodHeader().with("kid", nil).String(), payload().String(), jwt.SigningMethodRS256, rsaKey()), Expect{})
		requireReason(t, reason.UnknownKey, err)
	})
	t.Run("a remembered header gives no other header a pass", func(t *testing.T) {
		v := must(New(config()))
		for range 2 {
			_, err := v.Verify(context.Background(), issue(payload()), Expect{})
			require.NoError(t, err)
			_, err = v.Verify(context.Background(), sign(goodHeader().with("crit", []string{"x"}).String(), payload().String(), jwt.SigningMethodRS256, rsaKey()), Expect{})
			requireReason(t, reason.TokenMalformed, err)
		}
	})
}

func TestForm(t *testing.T) {
	good := issue(payload())
	parts := strings.Split(good, ".")
	raw := func(header, payload string) string { return sign(header, payload, jwt.SigningMethodRS256, rsaKey()) }
	h, p := goodHeader().String(), payload().String()
	for rule, c := range map[string]struct {
		token string
		want  reason.Reason
	}{
		"refuses nothing":                           {"", reason.TokenMalformed},
		"refuses an opaque token":                   {"gho_16C7e42F292c6912E7710c838347Ae178B4a", reason.TokenMalformed},
		"refuses two parts":                         {parts[0] + "." + parts[1], reason.TokenMalformed},
		"refuses four parts, J15":                   {good + ".x", reason.TokenMalformed},
		"refuses five parts, J15":                   {good + ".x.y", reason.TokenMalformed},
		"refuses a thousand dots":                   {strings.Repeat(".", 1000), reason.TokenMalformed},
		"refuses three empty parts":                 {"..", reason.TokenMalformed},
		"refuses no signature":                      {parts[0] + "." + parts[1] + ".", reason.BadSignature},
		"refuses alg none without signature, J01":   {encode(`{"alg":"none"}`) + "." + parts[1] + ".", reason.BadAlgorithm},
		"refuses padding, J20":                      {parts[0] + "." + parts[1] + "." + parts[2] + "==", reason.TokenMalformed},
		"refuses the + and / alphabet, J20":         {parts[0] + "." + parts[1] + "." + "+/" + parts[2][2:], reason.TokenMalformed},
		"refuses a blank in front, J20":             {" " + good, reason.TokenMalformed},
		"refuses a line break at the end, J20":      {good + "\n", reason.TokenMalformed},
		"refuses a carriage return inside, J20":     {parts[0] + ".\r" + parts[1] + "." + parts[2], reason.TokenMalformed},
		"refuses a Bearer prefix, J20":              {"Bearer " + good, reason.TokenMalformed},
		"refuses a loose tail in the signature":     {loosen(good), reason.TokenMalformed},
		"refuses 200 kB, J21":                       {strings.Repeat("a", 200<<10), reason.TokenTooLarge},
		"refuses one byte above the limit":          {raw(h, payload().with("x", strings.Repeat("x", 62_000)).String()) + strings.Repeat("A", 5000), reason.TokenTooLarge},
		"accepts 16 kB of claims":                   {issue(payload().with("groups", strings.Repeat("x", 16_000))), ""},
		"refuses a payload of null, J16":            {raw(h, `null`), reason.TokenMalformed},
		"refuses a payload that is an array, J16":   {raw(h, `[`+p+`]`), reason.TokenMalformed},
		"refuses a payload that is a string, J16":   {raw(h, `"x"`), reason.TokenMalformed},
		"refuses a payload that is a number, J16":   {raw(h, `1`), reason.TokenMalformed},
		"refuses an empty payload":                  {raw(h, ``), reason.TokenMalformed},
		"refuses more JSON behind the payload, J17": {raw(h, p+`{}`), reason.TokenMalformed},
		"refuses iss twice, J18":                    {raw(h, `{"iss":"x",`+p[1:]), reason.TokenMalformed},
		"refuses ISS beside iss, J19":               {raw(h, `{"ISS":"`+theIssuer+`",`+p[1:]), reason.TokenMalformed},
		"refuses Aud beside aud, J19":               {raw(h, `{"Aud":"x",`+p[1:]), reason.TokenMalformed},
		"refuses Tid, J19":                          {raw(h, `{"Tid":"x",`+p[1:]), reason.TokenMalformed},
		"refuses Sub beside sub, J19":               {raw(h, `{"Sub":"x",`+p[1:]), reason.TokenMalformed},
		"refuses a payload of 33 levels":            {raw(h, strings.Repeat(`{"a":`, 33)+"1"+strings.Repeat("}", 33)), reason.TokenMalformed},
		"refuses a payload that is not UTF-8":       {raw(h, "{\"a\":\"\xff\"}"), reason.TokenMalformed},
		"refuses a header that is an array":         {raw(`[]`, p), reason.TokenMalformed},
		"refuses alg twice in the header":           {raw(`{"alg":"none",`+h[1:], p), reason.TokenMalformed},
		"refuses more JSON behind the header":       {raw(h+"{}", p), reason.TokenMalformed},
	} {
		t.Run(rule, func(t *testing.T) {
			got, err := verify(t, config(), c.token, Expect{})
			requireReason(t, c.want, err)
			if c.want != "" {
				require.Zero(t, got)
			}
		})
	}
}

// loosen sets bits of the last character that no byte holds, so that two texts decode to the same bytes.
func loosen(token string) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	last := strings.IndexByte(alphabet, token[len(token)-1])
	return token[:len(token)-1] + string(alphabet[last|1])
}

func TestSignature(t *testing.T) {
	good := issue(payload())
	cut := strings.LastIndexByte(good, '.') + 1
	flipped := []byte(good)
	flipped[cut+20] = map[bool]byte{true: 'B', false: 'A'}[flipped[cut+20] == 'A']
	publicPEM := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: must(x509.MarshalPKIXPublicKey(&rsaKey().PublicKey))})
	hs := func(secret []byte) string {
		return sign(goodHeader().with("alg", "HS256").String(), payload().String(), jwt.SigningMethodHS256, secret)
	}
	other := func(h object) string {
		return sign(h.String(), payload().String(), jwt.SigningMethodRS256, otherRSAKey())
	}
	for rule, c := range map[string]struct {
		token string
		want  reason.Reason
	}{
		"refuses a damaged signature":                      {string(flipped), reason.BadSignature},
		"refuses a foreign key under a known kid, J08":     {other(goodHeader()), reason.BadSignature},
		"refuses a key that the token brings, J09":         {other(goodHeader().with("jwk", jwk(otherRSAKey()))), reason.BadSignature},
		"refuses a key that the token points to, J10":      {other(goodHeader().with("jku", "https://evil.test/keys").with("x5u", "https://evil.test/x")), reason.BadSignature},
		"refuses a certificate that the token brings, J11": {other(goodHeader().with("x5c", []string{"MIIB"})), reason.BadSignature},
		"refuses HS256 with the public key as PEM, J03":    {hs(publicPEM), reason.BadAlgorithm},
		"refuses HS256 with the modulus as secret, J03":    {hs(rsaKey().N.Bytes()), reason.BadAlgorithm},
		"refuses the signature of another payload":         {good[:cut] + issue(payload().with("sub", "user-2"))[strings.LastIndexByte(issue(payload().with("sub", "user-2")), '.')+1:], reason.BadSignature},
		"refuses a changed payload":                        {strings.Join([]string{strings.Split(good, ".")[0], encode(payload().with("sub", "admin").String()), strings.Split(good, ".")[2]}, "."), reason.BadSignature},
	} {
		t.Run(rule, func(t *testing.T) {
			_, err := verify(t, config(), c.token, Expect{})
			requireReason(t, c.want, err)
		})
	}
}

func TestAlgorithms(t *testing.T) {
	keys := map[string]struct {
		method jwt.SigningMethod
		key    crypto.Signer
	}{
		"RS256": {jwt.SigningMethodRS256, rsaKey()}, "RS384": {jwt.SigningMethodRS384, rsaKey()}, "RS512": {jwt.SigningMethodRS512, rsaKey()},
		"PS256": {jwt.SigningMethodPS256, rsaKey()}, "PS384": {jwt.SigningMethodPS384, rsaKey()}, "PS512": {jwt.SigningMethodPS512, rsaKey()},
		"ES256": {jwt.SigningMethodES256, ecKey()}, "EdDSA": {jwt.SigningMethodEdDSA, edKey()},
	}
	for name, c := range keys {
		raw := sign(goodHeader().with("alg", name).String(), payload().String(), c.method, c.key)
		t.Run(name+" is accepted where it is listed", func(t *testing.T) {
			conf := config(jwk(c.key, "kid", "k1"))
			conf.Provider.IDToken.Algorithms = []string{"RS256", name}
			_, err := verify(t, conf, raw, Expect{})
			require.NoError(t, err)
		})
		t.Run(name+" is refused where it is not", func(t *testing.T) {
			conf := config(jwk(c.key, "kid", "k1"))
			conf.Provider.IDToken.Algorithms = slices.DeleteFunc([]string{"RS256", "ES256"}, func(n string) bool { return n == name })
			_, err := verify(t, conf, raw, Expect{})
			requireReason(t, reason.BadAlgorithm, err)
		})
		t.Run(name+" is refused with a damaged signature", func(t *testing.T) {
			conf := config(jwk(c.key, "kid", "k1"))
			conf.Provider.IDToken.Algorithms = []string{name}
			cut := strings.LastIndexByte(raw, '.') + 1
			damaged := []byte(raw)
			damaged[cut+20] = map[bool]byte{true: 'B', false: 'A'}[damaged[cut+20] == 'A']
			_, err := verify(t, conf, string(damaged), Expect{})
			requireReason(t, reason.BadSignature, err)
		})
		t.Run(name+" is refused with a key for another algorithm, J05 J26", func(t *testing.T) {
			bound := "RS384"
			if name == bound {
				bound = "RS256"
			}
			conf := config(jwk(rsaKey(), "kid", "k1", "alg", bound))
			conf.Provider.IDToken.Algorithms = []string{name}
			_, err := verify(t, conf, raw, Expect{})
			requireReason(t, reason.BadAlgorithm, err)
		})
	}
	t.Run("J26 kid of an EC key with RS256", func(t *testing.T) {
		_, err := verify(t, config(jwk(ecKey(), "kid", "k1"), jwk(rsaKey(), "kid", "k2")), issue(payload()), Expect{})
		requireReason(t, reason.BadAlgorithm, err)
	})
	t.Run("ES256 with a key of another curve is refused", func(t *testing.T) {
		conf := config(jwk(must(ecdsa.GenerateKey(elliptic.P384(), rand.Reader)), "kid", "k1"))
		conf.Provider.IDToken.Algorithms = []string{"ES256"}
		_, err := verify(t, conf, sign(goodHeader().with("alg", "ES256").String(), payload().String(), jwt.SigningMethodES256, ecKey()), Expect{})
		requireReason(t, reason.BadAlgorithm, err)
	})
	t.Run("PS256 with another salt length is refused (RFC 7518, 3.5)", func(t *testing.T) {
		long := &jwt.SigningMethodRSAPSS{SigningMethodRSA: jwt.SigningMethodPS256.SigningMethodRSA, Options: &rsa.PSSOptions{SaltLength: 64}}
		conf := config()
		conf.Provider.IDToken.Algorithms = []string{"PS256"}
		_, err := verify(t, conf, sign(goodHeader().with("alg", "PS256").String(), payload().String(), long, rsaKey()), Expect{})
		requireReason(t, reason.BadSignature, err)
	})
	t.Run("at_hash is of the algorithm's own hash", func(t *testing.T) {
		sum := sha512.Sum512([]byte("access-1"))
		p := payload().with("at_hash", base64.RawURLEncoding.EncodeToString(sum[:32]))
		conf := config()
		conf.Provider.IDToken.Algorithms = []string{"RS512"}
		_, err := verify(t, conf, sign(goodHeader().with("alg", "RS512").String(), p.String(), jwt.SigningMethodRS512, rsaKey()), Expect{AccessToken: "access-1"})
		require.NoError(t, err)
		_, err = verify(t, config(), issue(p), Expect{AccessToken: "access-1"})
		requireReason(t, reason.WrongTokenHash, err)
	})
}

// RFC 8725, 3.1: the caller says what is accepted; here it says that the provider's metadata does.
func TestAlgorithmsOfTheMetadata(t *testing.T) {
	raw := sign(goodHeader().with("alg", "ES256").String(), payload().String(), jwt.SigningMethodES256, ecKey())
	lists := func(names ...string) func(context.Context) ([]string, error) {
		return func(context.Context) ([]string, error) { return names, nil }
	}
	for name, c := range map[string]struct {
		rules  bool
		listed func(context.Context) ([]string, error)
		want   error
	}{
		"it is listed":                         {true, lists("RS256", "ES256", "HS256"), nil},
		"another is":                           {true, lists("RS256", "PS256"), reason.BadAlgorithm},
		"none is":                              {true, lists(), reason.BadAlgorithm},
		"the rules do not ask for it":          {false, lists("ES256"), reason.BadAlgorithm},
		"the metadata cannot be had right now": {true, func(context.Context) ([]string, error) { return nil, errors.New("down") }, reason.KeysUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			conf := config(jwk(ecKey(), "kid", "k1"))
			conf.Provider.IDToken.AlgorithmsListed, conf.Listed = c.rules, c.listed
			_, err := verify(t, conf, raw, Expect{})
			if c.want == nil {
				require.NoError(t, err)
				return
			}
			requireReason(t, c.want.(reason.Reason), err)
		})
	}
	for _, alg := range []string{"HS256", "none"} { // whatever the metadata says
		conf := config()
		conf.Provider.IDToken.AlgorithmsListed, conf.Listed = true, lists("HS256", "none")
		_, err := verify(t, conf, encode(goodHeader().with("alg", alg).String())+"."+encode(payload().String())+".", Expect{})
		requireReason(t, reason.BadAlgorithm, err)
	}
}

// RFC 9864, 2.2: EdDSA with Ed25519 has a name of its own.
func TestEd25519ByEitherName(t *testing.T) {
	for _, c := range []struct {
		header, key string
		want        bool
	}{
		{"EdDSA", "", true}, {"Ed25519", "", true}, {"Ed25519", "EdDSA", true}, {"EdDSA", "Ed25519", true}, {"EdDSA", "RS256", false},
	} {
		key := jwk(edKey(), "kid", "k1")
		if c.key != "" {
			key = jwk(edKey(), "kid", "k1", "alg", c.key)
		}
		conf := config(key, jwk(rsaKey(), "kid", "k2"))
		conf.Provider.IDToken.Algorithms = []string{"EdDSA", "Ed25519"}
		_, err := verify(t, conf, sign(goodHeader().with("alg", c.header).String(), payload().String(), jwt.SigningMethodEdDSA, edKey()), Expect{})
		require.Equal(t, c.want, err == nil, "%v: %v", c, err)
	}
}

func TestNewRefusesWhatCannotBe(t *testing.T) {
	for rule, c := range map[string]func(*Config){
		"alg none":                    func(c *Config) { c.Provider.IDToken.Algorithms = []string{"none"} },
		"alg HS256":                   func(c *Config) { c.Provider.IDToken.Algorithms = []string{"RS256", "HS256"} },
		"a leeway above five minutes": func(c *Config) { c.Leeway = 301 * time.Second },
		"a negative leeway":           func(c *Config) { c.Leeway = -1 },
		"a kind that is no token":     func(c *Config) { c.Kind = "id" },
		"no issuer":                   func(c *Config) { c.Provider.Issuer = "" },
		"an issuer with two claims":   func(c *Config) { c.Provider.TokenIssuers = []string{"https://{a}.example/{b}"} },
		"an issuer with half a brace": func(c *Config) { c.Provider.TokenIssuers = []string{"https://a.example/{tid"} },
		"an issuer without claim":     func(c *Config) { c.Provider.TokenIssuers = []string{"https://a.example/{}"} },
	} {
		t.Run(rule, func(t *testing.T) {
			conf := config()
			c(&conf)
			_, err := New(conf)
			require.Error(t, err)
		})
	}
	bad := config()
	bad.Leeway, bad.Kind = time.Hour, "x"
	_, err := New(bad)
	require.ErrorContains(t, err, "leeway is 1h0m0s")
	require.ErrorContains(t, err, `kind "x"`)
}

func TestIssuerTemplates(t *testing.T) {
	const tenant, second = "72f988bf-86f1-41af-91ab-2d7cd011db47", "9188040d-6c67-4c5b-b112-36a304b66dad"
	template := func(id string) string { return "https://login.example/" + id + "/v2.0" }
	for rule, c := range map[string]struct {
		iss  string
		tid  any
		want reason.Reason
	}{
		"accepts the tenant of the claim":             {template(tenant), tenant, ""},
		"accepts an exact entry beside the template":  {"https://exact.example", nil, ""},
		"refuses no tid, E05":                         {template(tenant), nil, reason.WrongIssuer},
		"refuses tid common, E06":                     {template("common"), "common", reason.WrongIssuer},
		"refuses tid {tenantid}, E06 E07":             {template("{tenantid}"), "{tenantid}", reason.WrongIssuer},
		"refuses tid ../x, E06":                       {template("../x"), "../x", reason.WrongIssuer},
		"refuses tid with a letter that is no digit":  {template("g" + tenant[1:]), "g" + tenant[1:], reason.WrongIssuer},
		"refuses the literal template, E07":           {template("{tid}"), tenant, reason.WrongIssuer},
		"refuses another tenant in iss than in tid":   {template(second), tenant, reason.WrongIssuer},
		"refuses another host, E12":                   {"https://login.example.evil.test/" + tenant + "/v2.0", tenant, reason.WrongIssuer},
		"refuses a final slash":                       {template(tenant) + "/", tenant, reason.WrongIssuer},
		"refuses tid in an array":                     {template(tenant), []string{tenant}, reason.WrongIssuer},
		"refuses other letters in iss than in tid":    {template(strings.ToUpper(tenant)), tenant, reason.WrongIssuer},
		"refuses the provider's issuer if not listed": {theIssuer, tenant, reason.WrongIssuer},
	} {
		t.Run(rule, func(t *testing.T) {
			conf := config()
			conf.Provider.TokenIssuers = []string{template("{tid}"), "https://exact.example"}
			_, err := verify(t, conf, issue(payload().with("iss", c.iss).with("tid", c.tid)), Expect{})
			requireReason(t, c.want, err)
		})
	}
}

func TestAccessTokenRules(t *testing.T) {
	rules := provider.TokenRules{
		Audience: []string{"api://{client_id}", "api-2"}, ClientClaims: []string{"azp", "client_id"},
		Equal: map[string][]string{"token_use": {"access", "a"}}, Forbidden: []string{"idtyp"}, ScopeRequired: true,
	}
	good := payload().with("nonce", nil).with("iat", nil).with("aud", "api://"+theClient).with("azp", theClient).
		with("token_use", "access").with("scope", "read")
	optional := func(c *Config) { c.Provider.AccessToken.AudienceOptional = true }
	for rule, c := range map[string]struct {
		payload object
		want    reason.Reason
		change  func(*Config)
	}{
		"accepts a good one":                                     {good, "", nil},
		"accepts one match among audiences, P03":                 {good.with("aud", []string{"x", "api-2"}), "", nil},
		"accepts scopes as an array, P13":                        {good.with("scope", []string{"read"}), "", nil},
		"accepts the second client claim where the first is not": {good.with("azp", nil).with("client_id", theClient), "", nil},
		"accepts the site's own audience":                        {good.with("aud", "mine"), "", func(c *Config) { c.Audience = []string{"mine"} }},
		"accepts no aud where it is optional":                    {good.with("aud", nil), "", optional},
		"refuses the provider's audience where the site has one": {good, reason.WrongAudience, func(c *Config) { c.Audience = []string{"mine"} }},
		"refuses the bare client id as audience, E14":            {good.with("aud", theClient), reason.WrongAudience, nil},
		"refuses another app's audience, E14":                    {good.with("aud", "api://other"), reason.WrongAudience, nil},
		"refuses an unfilled placeholder":                        {good.with("aud", "api://{client_id}"), reason.WrongAudience, nil},
		"refuses no aud where it is not optional":                {good.with("aud", nil), reason.WrongAudience, nil},
		"refuses a foreign aud where it is optional":             {good.with("aud", "x"), reason.WrongAudience, optional},
		"refuses aud null where it is optional":                  {good.with("aud", json.RawMessage("null")), reason.WrongAudience, optional},
		"refuses no aud and no client claim, G03":                {good.with("aud", nil).with("azp", nil), reason.WrongClient, optional},
		"refuses no aud where no rule names the client": {good.with("aud", nil), reason.WrongAudience, func(c *Config) {
			c.Provider.AccessToken.AudienceOptional, c.Provider.AccessToken.ClientClaims = true, nil
		}},
		"refuses another client, E15 G03":                  {good.with("azp", "other"), reason.WrongClient, nil},
		"refuses another client though the second is ours": {good.with("azp", "other").with("client_id", theClient), reason.WrongClient, nil},
		"refuses a client claim that is no text":           {good.with("azp", []string{theClient}), reason.WrongClient, nil},
		"refuses no client claim":                          {good.with("azp", nil), reason.WrongClient, nil},
		"refuses another kind of token, G01":               {good.with("token_use", "id"), reason.ClaimRefused, nil},
		"refuses no kind of token, G06":                    {good.with("token_use", nil), reason.ClaimRefused, nil},
		"refuses a kind in an array":                       {good.with("token_use", []string{"access"}), reason.ClaimRefused, nil},
		"refuses a forbidden claim, even null":             {good.with("idtyp", json.RawMessage("null")), reason.ClaimRefused, nil},
		"refuses no scope, E18":                            {good.with("scope", nil), reason.ClaimRefused, nil},
		"refuses an empty scope":                           {good.with("scope", " "), reason.ClaimRefused, nil},
		"refuses an empty scope array":                     {good.with("scope", []string{}), reason.ClaimRefused, nil},
		"refuses no subject":                               {good.with("sub", nil), reason.TokenMalformed, nil},
		"refuses iat as text though it may be missing":     {good.with("iat", "1"), reason.TokenMalformed, nil},
	} {
		t.Run(rule, func(t *testing.T) {
			conf := config()
			conf.Kind, conf.Provider.AccessToken = provider.AccessToken, rules
			if c.change != nil {
				c.change(&conf)
			}
			_, err := verify(t, conf, issue(c.payload), Expect{})
			requireReason(t, c.want, err)
		})
	}
	t.Run("accepts typ at+jwt and refuses logout+jwt", func(t *testing.T) {
		conf := config()
		conf.Kind, conf.Provider.AccessToken = provider.AccessToken, rules
		for typ, want := range map[string]reason.Reason{"at+jwt": "", "application/AT+JWT": "", "JWT": "", "logout+jwt": reason.BadType} {
			_, err := verify(t, conf, sign(goodHeader().with("typ", typ).String(), good.String(), jwt.SigningMethodRS256, rsaKey()), Expect{})
			requireReason(t, want, err)
		}
	})
}

func TestCheckSeesTheWholeTokenAndCanOnlyRefuse(t *testing.T) {
	var seen provider.Token
	calls := 0
	conf := config(jwk(rsaKey(), "kid", "k1", "issuer", theIssuer, "d", "secret"))
	conf.Params = map[string]string{"organization": "org-1"}
	conf.Provider.Check = func(token provider.Token) error { calls++; seen = token; return nil }
	_, err := verify(t, conf, issue(payload()), Expect{})
	require.NoError(t, err)
	require.Equal(t, provider.IDToken, seen.Kind)
	require.Equal(t, theClient, seen.ClientID)
	require.Equal(t, conf.Params, seen.Params)
	require.Equal(t, goodHeader().String(), string(seen.Header.Raw()))
	require.Equal(t, payload().String(), string(seen.Claims.Raw()))
	require.JSONEq(t, jwk(rsaKey(), "kid", "k1", "issuer", theIssuer).String(), string(seen.Key), "as published, without private members")

	conf.Provider.Check = func(provider.Token) error { calls++; return errors.New("no staff") }
	_, err = verify(t, conf, issue(payload()), Expect{})
	requireReason(t, reason.ClaimRefused, err)
	require.ErrorContains(t, err, "no staff")

	calls = 0
	for _, bad := range []string{issue(payload().with("aud", "x")), sign(goodHeader().String(), payload().String(), jwt.SigningMethodRS256, otherRSAKey())} {
		_, err = verify(t, conf, bad, Expect{})
		require.Error(t, err)
	}
	require.Zero(t, calls, "no check sees a token that another rule refuses")
}

func TestErrorsShowNoTokenAndNoSecret(t *testing.T) {
	secret := must(rsa.GenerateKey(rand.Reader, 2048))
	for _, raw := range []string{
		issue(payload().with("nonce", "s3cret")), issue(payload().with("sub", strings.Repeat("s3cret", 60))),
		issue(payload().with("at_hash", "s3cret")), issue(payload().with("exp", "s3cret")),
		sign(goodHeader().String(), payload().with("email", "s3cret").String(), jwt.SigningMethodRS256, secret),
		"s3cret", "s3cret.s3cret.s3cret", encode(`{"alg":"RS256","x":"s3cret`) + "." + encode("{}") + ".AA",
	} {
		_, err := verify(t, config(), raw, Expect{Nonce: theNonce, AccessToken: "access-s3cret"})
		require.Error(t, err)
		require.NotContains(t, err.Error(), "s3cret")
		for _, part := range strings.Split(raw, ".") {
			require.NotContains(t, err.Error(), part)
		}
	}
}

func TestNoTwoVerifiersShareACacheEntry(t *testing.T) {
	a, b := must(New(config())), must(New(config()))
	require.Equal(t, a.Digest("x"), a.Digest("x"))
	require.NotEqual(t, a.Digest("x"), a.Digest("y"))
	require.NotEqual(t, a.Digest("x"), b.Digest("x"))
	long := strings.Repeat("x", 10_000)
	require.NotEqual(t, a.Digest(long), a.Digest(long+"y"))
}

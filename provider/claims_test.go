package provider_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/edgeauth/edgeauth/provider"
)

func parse(t testing.TB, text string) provider.Claims {
	t.Helper()
	c, err := provider.ParseClaims([]byte(text))
	require.NoError(t, err)
	return c
}

func nested(levels int) string {
	return strings.Repeat(`{"a":`, levels) + "1" + strings.Repeat("}", levels)
}

func wide(members int) string {
	var b strings.Builder
	for i := range members {
		fmt.Fprintf(&b, `,"m%d":0`, i)
	}
	return "{" + strings.TrimPrefix(b.String(), ",") + "}"
}

func TestParseClaimsRefuses(t *testing.T) {
	for rule, text := range map[string]string{
		"nothing":                               ``,
		"J16 null":                              `null`,
		"J16 an array":                          `[{"a":1}]`,
		"J16 a string":                          `"a"`,
		"J16 a number":                          `7`,
		"J17 more JSON behind the object":       `{"a":1}{"b":2}`,
		"a stray byte behind the object":        `{"a":1} x`,
		"an object without end":                 `{"a":1`,
		"a name without value":                  `{"a":}`,
		"a name without colon":                  `{"a" 1}`,
		"a name without quotes":                 `{a:1}`,
		"a trailing comma":                      `{"a":1,}`,
		"a trailing comma in an array":          `{"a":[1,]}`,
		"an array without end":                  `{"a":[1`,
		"a string without end":                  `{"a":"b`,
		"a name without end":                    `{"a`,
		"a control character in a string":       "{\"a\":\"\n\"}",
		"an unknown escape":                     `{"a":"\x"}`,
		"an escape without end":                 `{"a":"\`,
		"a short unicode escape":                `{"a":"\u12"}`,
		"a signed unicode escape":               `{"a":"\u+123"}`,
		"a lone high surrogate":                 `{"a":"\ud800"}`,
		"a lone low surrogate":                  `{"a":"\udc00"}`,
		"two high surrogates":                   `{"a":"\ud800\ud800"}`,
		"invalid UTF-8 in a value":              "{\"a\":\"\xff\"}",
		"invalid UTF-8 in a name":               "{\"\xff\":1}",
		"a byte order mark":                     "\ufeff{}",
		"a literal in capitals":                 `{"a":True}`,
		"a number with a leading zero":          `{"a":01}`,
		"a number with a plus sign":             `{"a":+1}`,
		"a number without digits":               `{"a":-}`,
		"a number that ends with its point":     `{"a":1.}`,
		"a number that begins with its point":   `{"a":.5}`,
		"a number with an empty exponent":       `{"a":1e}`,
		"NaN":                                   `{"a":NaN}`,
		"J18 a name twice":                      `{"iss":"wrong","iss":"right"}`,
		"a name twice, once by escape":          `{"iss":"a","\u0069ss":"b"}`,
		"a name twice, first by escape":         `{"\u0069ss":"a","iss":"b"}`,
		"a name twice in an inner object":       `{"a":{"b":1,"b":2}}`,
		"a name twice in an object in an array": `{"a":[{"b":1,"b":2}]}`,
		"J19 ISS beside iss":                    `{"iss":"wrong","ISS":"right"}`,
		"J19 Aud alone":                         `{"Aud":"a"}`,
		"J19 Tid":                               `{"Tid":"a"}`,
		"J19 Sub":                               `{"Sub":"a"}`,
		"sub with the long s, which folds to s": `{"ſub":"a"}`,
		"EXP by escape":                         `{"\u0045XP":1}`,
		"33 levels":                             nested(33),
		"33 levels of arrays":                   `{"a":` + strings.Repeat("[", 32) + strings.Repeat("]", 32) + `}`,
		"more than 512 members":                 wide(513),
		"more than 64 KiB":                      `{"a":"` + strings.Repeat("x", 64<<10) + `"}`,
	} {
		t.Run(rule, func(t *testing.T) {
			c, err := provider.ParseClaims([]byte(text))
			require.Error(t, err)
			require.Empty(t, c.Raw())
		})
	}
}

func TestParseClaimsAccepts(t *testing.T) {
	for _, text := range []string{
		`{}`, " {\t\r\n} ", `{"a":[]}`, `{"a":{}}`, `{"a":[{},[1, 2 ],"x" , null]}`, `{"":1}`,
		`{"a":{"iss":1},"b":{"iss":2},"c":{"ISS":3}}`, // only the top level is the token's
		`{"a":-0.5e-3,"b":1E+2,"c":0}`, `{"a":"\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00"}`,
		`{"issuer":"a","Audience":"b"}`, nested(32), wide(512),
	} {
		require.Equal(t, text, string(parse(t, text).Raw()))
	}
}

func TestClaims(t *testing.T) {
	c := parse(t, `{"sub":"a|b","n\u0061me":"Zo\u00eb \ud83d\ude00","null":null,"empty":"","number":7,"yes":true,
		"aud":["a","b\n"],"mixed":["a",1],"none":[],"scope":" read  write ","scp":["x y","z"],
		"realm_access":{"roles":["r1","r2"],"a/b":"slash","m~n":"tilde","~1":"both"},"list":[{"x":1},["deep"]],
		"https://site.example/roles":["editor"],"":"nameless"}`)

	t.Run("Has", func(t *testing.T) {
		for name, want := range map[string]bool{
			"sub": true, "name": true, "null": true, "empty": true, "SUB": false, "su": false, "missing": false,
			"/realm_access/roles": true, "/realm_access/none": false, "/null": true, "": false, "/": true,
		} {
			require.Equal(t, want, c.Has(name), name)
		}
	})
	t.Run("Text", func(t *testing.T) {
		for name, want := range map[string]string{
			"sub": "a|b", "name": "Zoë 😀", "/sub": "a|b", "/aud/1": "b\n", "/list/1/0": "deep", "/": "nameless",
			"/realm_access/a~1b": "slash", "/realm_access/m~0n": "tilde", "/realm_access/~01": "both",
		} {
			got, ok := c.Text(name)
			require.True(t, ok, name)
			require.Equal(t, want, got, name)
		}
		got, ok := c.Text("empty")
		require.True(t, ok)
		require.Empty(t, got)
		for _, name := range []string{"number", "null", "yes", "aud", "realm_access", "missing", "", "/aud/2", "/aud/-1",
			"/aud/01", "/aud/+1", "/aud/-", "/sub/0", "/realm_access/m~n", "/realm_access/a~2b", "/realm_access/a~"} {
			_, ok := c.Text(name)
			require.False(t, ok, name)
		}
	})
	t.Run("Strings", func(t *testing.T) {
		for name, want := range map[string][]string{
			"aud": {"a", "b\n"}, "sub": {"a|b"}, "empty": {""}, "none": nil, "mixed": {"a"}, "number": nil, "null": nil,
			"realm_access": nil, "missing": nil, "/realm_access/roles": {"r1", "r2"}, "https://site.example/roles": {"editor"},
		} {
			require.Equal(t, want, slices.Collect(c.Strings(name)), name)
		}
	})
	t.Run("Words", func(t *testing.T) {
		require.Equal(t, []string{"read", "write"}, slices.Collect(c.Words("scope")))
		require.Equal(t, []string{"x", "y", "z"}, slices.Collect(c.Words("scp")))
		require.Empty(t, slices.Collect(c.Words("empty")))
		for word := range c.Words("scp") { // stopping early is fine
			require.Equal(t, "x", word)
			break
		}
	})
	t.Run("Value", func(t *testing.T) {
		require.Equal(t, json.Number("7"), c.Value("number"))
		require.Equal(t, []any{"a", "b\n"}, c.Value("aud"))
		require.Equal(t, map[string]any{"x": json.Number("1")}, c.Value("/list/0"))
		require.Nil(t, c.Value("null"))
		require.Nil(t, c.Value("missing"))
	})
	t.Run("zero Claims", func(t *testing.T) {
		var zero provider.Claims
		require.False(t, zero.Has("sub"))
		require.Nil(t, zero.Value("/a/b"))
		require.Empty(t, slices.Collect(zero.Strings("sub")))
	})
}

func TestNumberIsExactOrRefused(t *testing.T) {
	for text, want := range map[string]int64{
		"0": 0, "-0": 0, "1700000000": 1_700_000_000, "1.7e9": 1_700_000_000, "17E+8": 1_700_000_000,
		"1700000000.999": 1_700_000_000, "-1.9": -1, "0.00017e13": 1_700_000_000, "17000000000e-1": 1_700_000_000,
		"9223372036854775807": 1<<63 - 1, "-9223372036854775808": -1 << 63, "9.223372036854775807e18": 1<<63 - 1,
		"0e999999999999": 0, "1e-999999999999": 0, "0.000": 0, "9007199254740993": 1<<53 + 1, "5e-1": 0,
		"1" + strings.Repeat("0", 300) + "e-300": 1, "0." + strings.Repeat("0", 299) + "1e300": 1,
	} {
		got, ok := parse(t, `{"n":`+text+`}`).Number("n")
		require.True(t, ok, text)
		require.Equal(t, want, got, text)
	}
	for _, text := range []string{`"1700000000"`, "1e300", "1e999999999999", "9223372036854775808", "-9223372036854775809",
		"1e19", "null", "true", "[1]", `{"n":1}`, `""`} {
		_, ok := parse(t, `{"n":`+text+`}`).Number("n")
		require.False(t, ok, text)
	}
}

func TestClaimsAllocateLittle(t *testing.T) {
	raw := []byte(sample)
	require.LessOrEqual(t, testing.AllocsPerRun(100, func() { provider.ParseClaims(raw) }), 2.0)
	c := parse(t, sample)
	require.Zero(t, testing.AllocsPerRun(100, func() {
		c.Text("sub")
		c.Number("exp")
		c.Has("/realm_access/roles")
		for range c.Strings("groups") {
		}
		for range c.Words("scope") {
		}
	}))
}

// sample is of the shape and size of a usual ID token.
const sample = `{"iss":"https://login.shop.example/","aud":"V2Nc0Lsh2DXylPv_dYuxIpXrvUxMW7sD","sub":"auth0|bb82030dbc2bcaba",
	"iat":1789999940,"exp":1790035940,"nbf":1789999940,"nonce":"eCPb9CTgI6hHwIRX9uyHWyI0dMU6t64Bn0HzrWsWSWI",
	"name":"Robin Example","nickname":"robin","email":"robin@shop.example","email_verified":true,
	"picture":"https://cdn.example/r.png","scope":"openid profile","groups":["a","b","c"],"realm_access":{"roles":["r"]}}`

func BenchmarkParseClaims(b *testing.B) {
	raw := []byte(sample)
	b.ReportAllocs()
	b.SetBytes(int64(len(raw)))
	for b.Loop() {
		provider.ParseClaims(raw)
	}
}

// FuzzClaims holds the reader against encoding/json: what it accepts, both read alike, and what it refuses beyond
// encoding/json breaks one of its own rules.
func FuzzClaims(f *testing.F) {
	for _, text := range []string{sample, `{}`, `{"a":[1,"x",{"b":null}],"c":1.7e9}`, `{"a":"\ud83d\ude00","\u0062":"\/"}`,
		`{"a":1,"a":2}`, `{"ISS":1}`, nested(33), `{"a":"\ud800"}`, `[1]`, `{"iat":1789e99940}`, "{\"a\":\"\xff\"}"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		c, err := provider.ParseClaims(raw)
		var want map[string]any
		d := json.NewDecoder(bytes.NewReader(raw))
		d.UseNumber()
		wantErr := d.Decode(&want)
		valid := json.Valid(raw) && wantErr == nil && want != nil
		if err != nil {
			require.True(t, !valid || ownRule(raw), "refused without a rule: %v", err)
			return
		}
		require.True(t, valid)
		require.False(t, ownRule(raw))
		for name, value := range want {
			if name == "" || name[0] == '/' {
				continue
			}
			require.True(t, c.Has(name))
			require.Equal(t, value, c.Value(name))
			pointer := "/" + strings.ReplaceAll(strings.ReplaceAll(name, "~", "~0"), "/", "~1")
			require.Equal(t, value, c.Value(pointer))
			text, isText := value.(string)
			got, ok := c.Text(name)
			require.Equal(t, isText, ok)
			require.Equal(t, text, got)
			number, isNumber := value.(json.Number)
			n, ok := c.Number(name)
			require.False(t, ok && !isNumber)
			if want, err := number.Int64(); isNumber && err == nil {
				require.True(t, ok)
				require.Equal(t, want, n)
			}
		}
	})
}

// ownRule reports whether JSON that encoding/json takes breaks a rule beyond the grammar.
func ownRule(raw []byte) bool {
	if len(raw) > 64<<10 || !json.Valid(raw) || !bytes.Equal(raw, bytes.ToValidUTF8(raw, nil)) {
		return true
	}
	// Go reads a lone surrogate as U+FFFD; one that was written so is fine.
	var escaped any
	whole := json.NewDecoder(bytes.NewReader(raw))
	whole.UseNumber() // no rule says how large one may be, as long as nobody reads it
	if whole.Decode(&escaped) != nil || strings.Count(fmt.Sprintf("%q", escaped), "\ufffd") > 0 && bytes.Contains(bytes.ToLower(raw), []byte(`\ud`)) {
		return true
	}
	type frame struct {
		object, value bool
		names         []string
	}
	var open []frame
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	for {
		token, err := d.Token()
		if err != nil {
			return false
		}
		delim, isDelim := token.(json.Delim)
		if top := len(open) - 1; top >= 0 && open[top].object && delim != '}' {
			if name, ok := token.(string); ok && !open[top].value {
				if slices.Contains(open[top].names, name) || len(open[top].names) == 512 {
					return true
				}
				for _, r := range []string{"iss", "aud", "sub", "exp", "nbf", "iat", "nonce", "azp", "tid", "oid"} {
					if top == 0 && name != r && strings.EqualFold(name, r) {
						return true
					}
				}
				open[top].names, open[top].value = append(open[top].names, name), true
				continue
			}
			open[top].value = false
		}
		switch {
		case isDelim && (delim == '{' || delim == '['):
			if open = append(open, frame{object: delim == '{'}); len(open) > 32 {
				return true
			}
		case isDelim:
			open = open[:len(open)-1]
		}
	}
}

// Whoever has no key yet makes a token's payload as they like, and it is read before the signature.
func TestEscapedNamesAreReadOnceEach(t *testing.T) {
	var names []string
	for i := range 512 {
		names = append(names, fmt.Sprintf(`"\u0061\u0062\u0063\u0064%d":0`, i))
	}
	text := []byte("{" + strings.Join(names, ",") + "}")
	_, err := provider.ParseClaims(text)
	require.NoError(t, err)
	require.LessOrEqual(t, testing.AllocsPerRun(5, func() { _, _ = provider.ParseClaims(text) }), float64(4*512), "and not once for each other name")
}

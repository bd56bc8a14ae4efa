package reason

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

func TestADescriptionHoldsNothingThatWasSent(t *testing.T) {
	for text, want := range map[string]string{
		"AADSTS50011: The redirect URI 'https://app.example.com/.auth/callback' is not registered.\r\nTrace ID: 8ee73fba-d2c7-4d9a-9f8b-0f2d1f7b3a00": "AADSTS50011: The redirect URI 'https://app.example.com/.auth/callback' is not registered. Trace ID: 8ee73fba-d2c7-4d9a-9f8b-0f2d1f7b3a00",
		"the code SECRET is used up":                              "the code … is used up",
		"token=" + strings.Repeat("a", 65):                        "…",
		strings.Repeat("a", 30) + ".b." + strings.Repeat("c", 40): "…",
		"\u202eright to left\u2028new line":                       "right to left new line",
		"":                                                        "",
	} {
		require.Equal(t, want, Describe(text, "SECRET", ""))
	}
}

func FuzzDescribe(f *testing.F) {
	f.Add("a b c", "b")
	f.Add("AADSTS50011: \x00\u202e\xff eyJhbGciOiJSUzI1NiIsImtpZCI6ImsxIn0.eyJzdWIiOiJ1c2VyLTEifQ.c2ln", "sub")
	f.Add(strings.Repeat("x", 1000), "xx")
	f.Fuzz(func(t *testing.T, text, hidden string) {
		got := Describe(text, hidden)
		require.LessOrEqual(t, len(got), maxDescription)
		require.True(t, utf8.ValidString(got))
		require.False(t, strings.ContainsFunc(got, func(c rune) bool { return !unicode.IsPrint(c) }), "%q", got)
		for word := range strings.FieldsSeq(got) {
			require.LessOrEqual(t, longest(word), maxWord)
		}
	})
}

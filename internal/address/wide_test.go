package address

import (
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"
)

func TestAWideFormIsThatOfEveryWayOfWritingAPath(t *testing.T) {
	for rule, test := range map[string]struct{ path, form string }{
		"the root":                       {"/", ""},
		"a plain path":                   {"/a/b.html", "/a/b.html"},
		"a slash at the end":             {"/a/b/", "/a/b"},
		"case":                           {"/A/b.HTML", "/a/b.html"},
		"dots and spaces at the end":     {"/a. ./b ", "/a/b"},
		"spaces in front":                {"/ a/b", "/a/b"},
		"nothing but dots":               {"/a/.../b", "/a/b"},
		"a stream":                       {"/a::$DATA", "/a"},
		"the stream of a folder":         {"/a:$I30:$INDEX_ALLOCATION/b", "/a/b"},
		"a colon that is no stream":      {"/a:b", "/a:b"},
		"a dollar sign":                  {"/a$b", "/a$b"},
		"a letter with its mark":         {"/\u00c9", "/e"},
		"a letter before its mark":       {"/E\u0301", "/e"},
		"two letters in one":             {"/\u00df\ufb03", "/ssffi"},
		"a syllable":                     {"/\ud55c", "/\u1112\u1161\u11ab"},
		"what cannot be seen":            {"/a\u200bb\ufe0f\u00ad", "/ab"},
		"full width":                     {"/\uff21\uff0e\uff42", "/a.b"},
		"a letter with a stroke":         {"/\u00d8\u0142\u00c6", "/olae"},
		"a Greek one for a code page":    {"/\u03b1\u03ac\u03a3\u03c2", "/aass"},
		"a Greek one without another":    {"/\u03bb\u039b", "/\u039b\u039b"},
		"another slash":                  {"/a\u2215b", "/a/b"},
		"another space":                  {"/a\u3000", "/a"},
		"letters that have no other way": {"/\u65e5\u672c", "/\u65e5\u672c"},
	} {
		require.Equal(t, test.form, Wide(test.path), rule)
	}
}

func TestEveryCaseOfALetterHasOneForm(t *testing.T) {
	for r := rune(' '); r <= unicode.MaxRune; r++ {
		if unicode.Is(unicode.M, r) {
			continue
		}
		form := fold(string(r))
		if again := fold(form); again != form {
			t.Errorf("%q is %q, and that is %q", r, form, again)
		}
		for _, other := range []rune{unicode.SimpleFold(r), unicode.ToUpper(r), unicode.ToLower(r)} {
			if got := fold(string(other)); got != form && !unicode.Is(unicode.M, other) {
				t.Errorf("%q is %q, and %q is %q", r, form, other, got)
			}
		}
	}
}

func TestAPlaceHoldsWhatMayBeReadAsItOrBelowIt(t *testing.T) {
	for _, test := range []struct {
		place, path string
		holds       bool
	}{
		{"/", "/", true}, {"/", "/x", true},
		{"/a/", "/a", true}, {"/a", "/a/", true}, {"/a", "/a/b", true}, {"/a", "/a.json", true}, {"/a", "/a.x/b", true}, {"/a", "/a:b", true},
		{"/a/", "/ab", false}, {"/a/", "/a-b", false}, {"/a/", "/b/a", false}, {"/a/b", "/a", false},
		{"/a.html", "/a", true}, {"/a.html", "/a/", true}, {"/a.php", "/a/b", true}, {"/a.html.en", "/a.html", true}, {"/a.html", "/a.json", false},
		{"/a/", "/index.php/a/b", true}, {"/a/", "/x/app.phpx/index.PHP/A", true}, {"/a/", "/x.aspx/y/a", false}, {"/a/", "/x.js/a", false}, {"/index.html", "/x.php/", false},
		{"/a.b/", "/a", false}, {"/a.b/c", "/a", false}, {"/.env", "/", false}, {"/.env", "/x", false}, {"/x/.env", "/x", false},
		{"/a/index.html", "/a/", true}, {"/a/Default.aspx", "/a", true}, {"/index.php", "/", true}, {"/home.html", "/", false}, {"/a/index.html", "/a/b", false}, {"/a/index/", "/a", false}, {"/a/index", "/a", false},
	} {
		require.Equal(t, test.holds, NewPlace(test.place).Holds(Wide(test.path)), "%s and %s", test.place, test.path)
	}
}

func TestAPlainPathCostsNothing(t *testing.T) {
	place := NewPlace("/Admin/")
	for _, path := range []string{"/", "/assets/app-1.2.js", "/admin/x/", "/~a/b+c,d"} {
		require.Zero(t, testing.AllocsPerRun(10, func() { place.Holds(Wide(path)) }), path)
	}
}

func FuzzWide(f *testing.F) {
	for _, path := range []string{"/", "/A/b.", "/a:$b/c", "/\u00e9/\uff0e\uff0e/x", "/a\u2215..\u2215b", "/ . /", "/a;b", "/\uff1b/\uff05\uff12\uff45"} {
		f.Add(path)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		path, clean := CleanPath(raw)
		if !clean {
			return
		}
		form := Wide(path)
		require.Equal(t, form, Wide(form), "%q twice", path)
		require.NotRegexp(t, `//|/\.{1,2}(/|$)|[./ ]$|[A-Z;]`, form)
		require.True(t, NewPlace(path).Holds(form), "%q holds itself", path)
	})
}

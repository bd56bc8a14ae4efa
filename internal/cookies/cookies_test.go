package cookies

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const family = "edgeauth-"

func TestACookieIsReadLeniently(t *testing.T) {
	for _, test := range []struct {
		rule  string
		lines []string
		want  string
		found bool
	}{
		{"alone", []string{"n=v"}, "v", true},
		{"among others", []string{"a=b; n=v; c=d"}, "v", true},
		{"in the second line", []string{"a=b", "n=v"}, "v", true},
		{"the first of two", []string{"n=v; n=w"}, "v", true},
		{"the first of two lines", []string{"n=v", "n=w"}, "v", true},
		{"an equals sign in the value", []string{"n=v=w=="}, "v=w==", true},
		{"no space between", []string{"a=b;n=v;c=d"}, "v", true},
		{"spaces and tabs around", []string{"a=b;\t n = v \t;c=d"}, "v", true},
		{"an empty value", []string{"n="}, "", true},
		{"after bad percent-encoding", []string{"x=%FF; n=v"}, "v", true},
		{"after a pair without =", []string{"x; n=v"}, "v", true},
		{"after an empty pair", []string{";;; n=v"}, "v", true},
		{"after an empty name", []string{"=x; n=v"}, "v", true},
		{"after quotes", []string{`x="a b"; y="; n=v`}, "v", true},
		{"after control bytes", []string{"x=\x00\x01\x7f\r\n; n=v"}, "v", true},
		{"after invalid UTF-8", []string{"\xff\xfe=\xff; n=v"}, "v", true},
		{"after a comma", []string{"a=b,c=d; n=v"}, "v", true},
		{"after 8 KB", []string{"x=" + strings.Repeat("y", 8<<10) + "; n=v"}, "v", true},
		{"after a thousand pairs", []string{strings.Repeat("x=y; ", 1000) + "n=v"}, "v", true},
		{"none", nil, "", false},
		{"an empty line", []string{""}, "", false},
		{"another name", []string{"nn=v; m=n=v"}, "", false},
		{"another case", []string{"N=v"}, "", false},
		{"a name without value", []string{"n"}, "", false},
	} {
		t.Run(test.rule, func(t *testing.T) {
			value, found := First(test.lines, "n")
			require.Equal(t, test.found, found)
			require.Equal(t, test.want, value)
		})
	}
}

func TestForeignCookiesGoOnAndOursDoNot(t *testing.T) {
	for _, test := range []struct {
		rule  string
		lines []string
		want  string
	}{
		{"none", nil, ""},
		{"only foreign ones, untouched", []string{`a=b;c="d";;  x`}, `a=b;c="d";;  x`},
		{"several lines become one", []string{"a=b", "c=d"}, "a=b; c=d"},
		{"ours alone", []string{"__Host-edgeauth-01234567=x"}, ""},
		{"ours in the middle", []string{"a=b; __Host-edgeauth-01234567=x; c=d"}, "a=b; c=d"},
		{"chunks, refresh tokens and attempts", []string{"__Host-edgeauth-01234567-1=x; __Host-edgeauth-01234567-r=y", "a=b; __Host-edgeauth-01234567-s-0a=z"}, "a=b"},
		{"of another site or setting", []string{"edgeauth-89abcdef=x; __Secure-edgeauth-89abcdef=y; a=b"}, "a=b"},
		{"doubled", []string{"__Host-edgeauth-01234567=x; a=b; __Host-edgeauth-01234567=y"}, "a=b"},
		{"with spaces around", []string{"a=b;\t __Host-edgeauth-01234567=x ;c=d"}, "a=b; c=d"},
		{"without a value", []string{"a=b; __Host-edgeauth-01234567"}, "a=b"},
		{"odd ones stay", []string{"x=%FF; __Host-edgeauth-01234567=x; y; =z"}, "x=%FF; y; =z"},
		{"our name as somebody's value stays", []string{"a=__Host-edgeauth-01234567"}, "a=__Host-edgeauth-01234567"},
		{"our name inside another stays", []string{"my-edgeauth-x=1"}, "my-edgeauth-x=1"},
	} {
		t.Run(test.rule, func(t *testing.T) {
			require.Equal(t, test.want, Foreign(test.lines, family))
		})
	}
}

func TestChunksCountOnlyWhole(t *testing.T) {
	for _, test := range []struct {
		rule  string
		lines []string
		want  string // "" for refused
	}{
		{"one cookie", []string{"n=abc"}, "abc"},
		{"three in order", []string{"n=~3~a; n-1=b; n-2=c"}, "abc"},
		{"in any order and line", []string{"n-2=c", "x=y; n-1=b", "n=~3~a"}, "abc"},
		{"a stale one beside a single cookie", []string{"n=abc; n-1=b"}, "abc"},
		{"a stale one past the count", []string{"n=~2~a; n-1=b; n-2=c"}, "ab"},
		{"the first of a doubled chunk", []string{"n=~2~a; n-1=b; n-1=x"}, "ab"},
		{"a number that is written in another way", []string{"n=~2~a; n-+1=x; n-01=x; n-1=b"}, "ab"},
		{"the last is missing", []string{"n=~3~a; n-1=b"}, ""},
		{"one in the middle is missing", []string{"n=~3~a; n-2=c"}, ""},
		{"the first is missing", []string{"n-1=b; n-2=c"}, ""},
		{"the first is empty", []string{"n=; n-1=b"}, ""},
		{"one is empty", []string{"n=~2~a; n-1="}, ""},
		{"the first is doubled and the planted one comes first", []string{"n=~2~x; n=~2~a; n-1=b"}, "xb"},
		{"a count of one", []string{"n=~1~a"}, ""},
		{"a count of none", []string{"n=~0~a"}, ""},
		{"a count below none", []string{"n=~-2~a; n-1=b"}, ""},
		{"a count that is none", []string{"n=~x~a; n-1=b"}, ""},
		{"no count", []string{"n=~a"}, ""},
		{"a count alone", []string{"n=~2"}, ""},
		{"a huge count", []string{"n=~999999999999~a; n-1=b"}, ""},
		{"more than fit", []string{"n=~6~a; n-1=b; n-2=c; n-3=d; n-4=e; n-5=f"}, ""},
		{"chunks of another name", []string{"n=~2~a; m-1=b"}, ""},
		{"a chunk zero", []string{"n=~2~a; n-0=b"}, ""},
		{"a chunk below zero", []string{"n=~2~a; n--1=b"}, ""},
	} {
		t.Run(test.rule, func(t *testing.T) {
			got, ok := Whole(test.lines, "n")
			require.Equal(t, test.want != "", ok)
			require.Equal(t, test.want, got)
		})
	}
}

func TestARefreshTokenOfAnyFormFitsACookie(t *testing.T) {
	for _, text := range []string{"plain-Token_1.2~3", "1//0g+a/b=", `a b"c;d,e\f`, "ä\n\x00", "~starts", "~2~x", "!b64!AAAA", "0.AXoA!-._~|", ""} {
		value := Text(text)
		require.Regexp(t, `^[!#-+\--:<-\[\]-~]*$`, value, "RFC 6265, 4.1.1")
		whole, ok := Whole([]string{"r=" + value}, "r")
		require.True(t, ok, "%q is not taken for chunks", value)
		got, ok := FromText(whole)
		require.True(t, ok)
		require.Equal(t, text, got)
	}
	_, ok := FromText("!b64!!")
	require.False(t, ok)
}

func TestEveryValueThatDoubledCookiesCanMakeIsTried(t *testing.T) {
	for _, test := range []struct {
		rule  string
		lines []string
		want  []string
	}{
		{"one", []string{"n=a"}, []string{"a"}},
		{"a planted one before and behind", []string{"n=x; n=a; n=y"}, []string{"x", "a", "y"}},
		{"of two lines", []string{"n=x", "n=a"}, []string{"x", "a"}},
		{"a planted first chunk", []string{"n=~2~x; n=~2~a; n-1=b"}, []string{"xb", "ab"}},
		{"planted chunks in any order", []string{"n=~2~x; n-1=b; n=~2~a; n-1=y"}, []string{"xb", "xy", "ab", "ay"}},
		{"a planted single one before chunks", []string{"n=x; n=~2~a; n-1=b"}, []string{"x", "ab"}},
		{"a count that makes no sense", []string{"n=~9~x; n=~1~x; n=~x; n=a"}, []string{"a"}},
		{"a chunk that is missing", []string{"n=~3~a; n-1=b; n=c"}, []string{"c"}},
		{"empty ones", []string{"n=; n=a"}, []string{"a"}},
		{"none", []string{"m=a"}, nil},
	} {
		t.Run(test.rule, func(t *testing.T) {
			require.Equal(t, test.want, Others(test.lines, "n"))
		})
	}
	flood := strings.Repeat("n=~5~a; n-1=b; n-2=c; n-3=d; n-4=e; ", 100)
	require.Len(t, Others([]string{flood}, "n"), maxJoined)
}

// Whoever floods a site with cookies costs it little: long texts are made few times.
func TestDoubledChunksCostLittle(t *testing.T) {
	var line strings.Builder
	for range 200 {
		line.WriteString("n=~5~a; ")
	}
	for i := 1; i < MaxChunks; i++ {
		for twin := range 8 {
			line.WriteString(ChunkName("n", i) + "=" + strings.Repeat(string(rune('a'+twin)), chunkSize) + "; ")
		}
	}
	lines := []string{line.String()}
	total := 0
	for _, value := range Others(lines, "n") {
		total += len(value)
	}
	require.LessOrEqual(t, total, 2*maxJoined*MaxSize)
	require.LessOrEqual(t, testing.AllocsPerRun(5, func() { Others(lines, "n") }), float64(400))
}

func TestAValueIsSplitAndJoined(t *testing.T) {
	for _, size := range []int{0, 1, chunkSize, chunkSize + 1, MaxSize} {
		value := strings.Repeat("0123456789abcdef", size/16+1)[:size]
		var pairs []string
		for i, chunk := range Split(value) {
			pairs = append(pairs, ChunkName("n", i)+"="+chunk)
		}
		require.LessOrEqual(t, len(pairs), MaxChunks)
		got, ok := Whole([]string{strings.Join(pairs, "; ")}, "n")
		require.Equal(t, size > 0, ok)
		require.Equal(t, value, got)
	}
}

func FuzzCookies(f *testing.F) {
	for _, line := range []string{
		"", "n=v", "n=~2~a; n-1=b", "x=%FF; n=v", "n", ";;;", "n=~2~", "__Host-edgeauth-01234567=x; a=b", "=;=;n==", "\x00=\x01; n-1=\xff", "n=~2~a; n-+1=b; n-01=c; n-1=d",
	} {
		f.Add(line, line)
	}
	f.Fuzz(func(t *testing.T, one, two string) {
		lines := []string{one, two, "n=v"}
		_, found := First(lines, "n")
		require.True(t, found, "an odd line never hides the next")
		if whole, ok := Whole(lines, "n"); ok {
			others := Others(lines, "n")
			require.True(t, len(others) >= maxJoined || slices.Contains(others, whole), "%q lacks %q", others, whole)
		}
		for pair := range strings.SplitSeq(Foreign(append(lines, "__Host-edgeauth-01234567=secret; edgeauth-01234567-s-a=secret2"), family), ";") {
			require.False(t, ours(strings.Trim(pair, " \t"), family), "%q", pair)
		}
		FromText(one)
		got, ok := FromText(Text(one))
		require.True(t, ok)
		require.Equal(t, one, got)
	})
}

func TestPlantedChunksHideNoPersonsChunk(t *testing.T) {
	planted := strings.Repeat("s-1=planted; ", maxJoined-1)
	require.Contains(t, Others([]string{planted + "s=~2~real; s-1=REAL"}, "s"), "realREAL")
}

// A flood whose last chunk is missing makes no value, and none of the long texts on the way to one.
func TestAFloodThatMakesNoValueCostsNothing(t *testing.T) {
	for rule, last := range map[string]string{"no last chunk": "", "too long for a session": "s-4=" + strings.Repeat("a", MaxSize)} {
		t.Run(rule, func(t *testing.T) {
			flood := strings.Repeat("s=~5~; ", maxTries) + last
			for _, chunk := range []string{"s-1=", "s-2=", "s-3="} {
				flood += "; " + strings.Repeat(chunk+strings.Repeat("a", MaxSize/8)+"; ", 4)
			}
			lines := []string{flood}
			require.Empty(t, Others(lines, "s"))
			result := testing.Benchmark(func(b *testing.B) {
				for b.Loop() {
					Others(lines, "s")
				}
			})
			if last == "" {
				require.Less(t, result.AllocedBytesPerOp(), int64(16<<10))
			}
		})
	}
}

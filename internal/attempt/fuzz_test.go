package attempt

import (
	"encoding/base64"
	"iter"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/edgeauth/edgeauth/internal/seal"
	"github.com/stretchr/testify/require"
)

// everyCookie yields the cookies of a request that has only these.
func everyCookie(name, value string) iter.Seq2[string, string] {
	return maps.All(map[string]string{name: value})
}

func FuzzAttempt(f *testing.F) {
	box, err := seal.New([][]byte{make([]byte, seal.KeySize)}, "attempt", "site")
	require.NoError(f, err)
	sealed, readable := NewKeeper(box, "__Host-x-s-"), NewKeeper(nil, "__Host-x-s-")
	good := New("/a?b", time.Unix(1, 0))
	plain := good.encode()
	_, inBox := sealed.Encode(good)
	for _, value := range []string{
		base64.RawURLEncoding.EncodeToString(plain), inBox, "", "e30", "bnVsbA", "W10", "!", base64.RawURLEncoding.EncodeToString([]byte(`{"s":"a","n":"b","v":"` + strings.Repeat("x", 43) + `"}`)),
	} {
		f.Add(good.State, value)
		f.Add("a", value)
	}
	f.Fuzz(func(t *testing.T, state, value string) {
		for _, k := range []*Keeper{sealed, readable} {
			name := k.Name(state)
			require.NoError(t, (&http.Cookie{Name: name, Value: "x"}).Valid())
			if a, ok := k.Find(value, state); ok {
				require.Equal(t, state, a.State)
				require.NotEmpty(t, a.Nonce)
				require.GreaterOrEqual(t, len(a.Verifier), 43)
			}
			k.MakeRoom(everyCookie(name, value), time.Unix(2, 0), len(value)%2 == 0)
			Late(state, time.Unix(2, 0))
			fits, _ := Fit(value, state[:min(len(state), 64)])
			require.LessOrEqual(t, len(fits), maxTarget)
			unpack([]byte(value))
		}
	})
}

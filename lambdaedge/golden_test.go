package lambdaedge

import (
	"bytes"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/edgeauth/edgeauth/internal/seal"
)

// goldenKey was a key when the first version was: now no such key is taken.
var goldenKey = bytes.Repeat([]byte{1}, 32)

// goldenHandover was sealed by the first version under goldenKey for the request req-1. It is never made anew: functions
// of two versions run side by side while a deployment spreads.
const goldenHandover = "h5iqH8NNHIX79SSEzQDCAC9QqyKaqwLZLOvgbT1gosmSWhaB6XyyhHSwAXfTwj3nSQnLTNbP58PERPLyYYiX5C8kvUVzW4tetaEGvpSV-v75CSCbix_bvt7v--0Y71envAkNqotHXKk3y1-GKc_3v0qkNpPmgiTNUaFSkLBdwt4jT60nBzhVJlCgZpYEcw"

func TestAHandoverOfTheFirstVersionOpens(t *testing.T) {
	h, err := newHandover([][]byte{oldKey})
	require.NoError(t, err)
	h.box, err = seal.WithLabel([][]byte{oldKey, goldenKey}, handoverLabel)
	require.NoError(t, err)
	h.now = func() time.Time { return time.Unix(1_800_000_029, 0) }
	header, err := h.open("req-1", goldenHandover)
	require.NoError(t, err)
	require.Equal(t, http.Header{"Set-Cookie": {"session=new; Path=/; Secure"}, "Cache-Control": {"private, no-store"}}, header)
	_, err = h.open("req-2", goldenHandover)
	require.ErrorContains(t, err, "not ours")
	h.now = func() time.Time { return time.Unix(1_800_000_030, 0) }
	_, err = h.open("req-1", goldenHandover)
	require.ErrorContains(t, err, "too old")
}

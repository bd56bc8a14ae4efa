package lambdaedge

import (
	"encoding/base64"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/edgeauth/edgeauth/internal/answer"
)

// maxResponse is CloudFront's limit for a response made at viewer-request: 40 KB, headers and body together. We
// count the whole JSON, which is more.
const maxResponse = 40_000

// response writes an answer as CloudFront wants it, or says which rule it would break.
func response(a answer.Answer, method string) ([]byte, error) {
	out := append([]byte(nil), `{"status":`...)
	out = appendString(out, strconv.Itoa(a.Status))
	if text := http.StatusText(a.Status); text != "" {
		out = append(out, `,"statusDescription":`...)
		out = appendString(out, text)
	}
	out = append(out, `,"headers":{`...)
	for i, name := range slices.Sorted(maps.Keys(a.Header)) {
		if lower := strings.ToLower(name); disallowed(lower) || readOnly(lower) {
			return nil, fmt.Errorf("the answer has the header %s, which CloudFront does not let a function set", name)
		}
		if i > 0 {
			out = append(out, ',')
		}
		out = appendHeader(out, name, a.Header[name])
	}
	out = append(out, '}')
	if len(a.Body) > 0 && method != http.MethodHead {
		out = appendBody(out, a.Body)
	}
	out = append(out, '}')
	if len(out) > maxResponse {
		return nil, fmt.Errorf("the answer has %d bytes, and CloudFront takes %d: make its page or its cookies smaller", len(out), maxResponse)
	}
	return out, nil
}

func appendBody(out, body []byte) []byte {
	encoding, text := "text", string(body)
	if !utf8.Valid(body) {
		encoding, text = "base64", base64.StdEncoding.EncodeToString(body)
	}
	out = append(out, `,"bodyEncoding":`...)
	out = appendString(out, encoding)
	out = append(out, `,"body":`...)
	return appendString(out, text)
}

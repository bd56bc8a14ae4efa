package lambdaedge

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/edgeauth/edgeauth"
)

// CloudFront Developer Guide, "Accessing the request body by choosing the include body option".
func TestABodyIsReadWhereItIsIncluded(t *testing.T) {
	for name, c := range map[string]struct{ body, want, fault string }{
		"base64":    {`,"body":{"inputTruncated":false,"action":"read-only","encoding":"base64","data":"Y29kZT1hJnN0YXRlPWI="}`, "code=a&state=b", ""},
		"text":      {`,"body":{"encoding":"text","data":"code=\u0061"}`, "code=a", ""},
		"empty":     {`,"body":{"inputTruncated":false,"encoding":"base64","data":""}`, "", ""},
		"cut":       {`,"body":{"inputTruncated":true,"encoding":"base64","data":"YQ=="}`, "", "has cut the body"},
		"not there": {``, "", "register the function with IncludeBody"},
		"no data":   {`,"body":{"action":"read-only"}`, "", "register the function with IncludeBody"},
		"no base64": {`,"body":{"encoding":"base64","data":"%"}`, "", "illegal base64"},
	} {
		t.Run(name, func(t *testing.T) {
			var got []byte
			var err error
			checker := ask(func(r *edgeauth.Request) edgeauth.Decision {
				got, err = r.Body()
				return edgeauth.Decision{Action: edgeauth.Allow}
			})
			for range 2 { // events are used again
				invoke(t, checker, viewerRequest(`{"method":"POST","uri":"/.auth/callback","headers":{}`+c.body+`}`))
				if c.fault != "" {
					require.ErrorContains(t, err, c.fault)
					continue
				}
				require.NoError(t, err)
				require.Equal(t, c.want, string(got))
				invoke(t, ask(func(r *edgeauth.Request) edgeauth.Decision {
					_, err := r.Body()
					require.ErrorContains(t, err, "IncludeBody", "that of the event before")
					return edgeauth.Decision{Action: edgeauth.Allow}
				}), viewerRequest(`{"method":"GET","uri":"/","headers":{}}`))
			}
		})
	}
}

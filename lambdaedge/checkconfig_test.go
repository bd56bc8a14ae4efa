package lambdaedge

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/edgeauth/edgeauth"
)

func TestHeadersThatCloudFrontForbidsAreRefusedWhenAFunctionIsBuilt(t *testing.T) {
	with := func(name string) edgeauth.Config {
		return edgeauth.Config{Forward: edgeauth.ForwardRules{Headers: map[string]string{name: "sub"}}}
	}
	for _, name := range []string{
		"X-Amz-Subject", "x-amzn-subject", "X-Amz-Cf-Id", "X-Edge-Subject", "CloudFront-Viewer-Country", "X-Accel-Redirect", "X-Cache",
		"X-Real-IP", "X-Forwarded-Proto", "Connection", "Expect", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization",
		"Proxy-Connection", "Trailer", "Upgrade", "CDN-Loop", "Content-Length", "Host", "Transfer-Encoding", "Via",
		"Edgeauth-Handover", "edgeauth_handover",
	} {
		var fault *edgeauth.FieldError
		err := CheckConfig(with(name))
		require.ErrorAs(t, err, &fault, name)
		require.Equal(t, "Forward.Headers", fault.Field)
		require.ErrorContains(t, err, name)
	}
	for _, name := range []string{"X-Auth-Subject", "Authorization", "X-Forwarded-User", "X-Edgeauth-Subject", "Edgeauth-Subject"} {
		require.NoError(t, CheckConfig(with(name)), name)
	}
	require.NoError(t, CheckConfig(edgeauth.Config{}))
}

func TestEveryFaultOfAConfigurationIsReported(t *testing.T) {
	err := CheckConfig(edgeauth.Config{InsecureHTTP: true, Forward: edgeauth.ForwardRules{Headers: map[string]string{"Via": "sub", "Host": "sub"}}})
	require.EqualError(t, err, `Forward.Headers: "Host" is a header that CloudFront does not let a function set; choose another name, such as X-Auth-Subject`+"\n"+
		`Forward.Headers: "Via" is a header that CloudFront does not let a function set; choose another name, such as X-Auth-Subject`+"\n"+
		`InsecureHTTP: is set, and viewers reach CloudFront over https; leave it out`)
}

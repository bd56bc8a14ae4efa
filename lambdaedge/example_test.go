package lambdaedge_test

import (
	"context"
	"fmt"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/lambdaedge"
)

// guard stands for what edgeauth.New returns.
type guard struct{}

func (guard) Check(context.Context, *edgeauth.Request) edgeauth.Decision {
	return edgeauth.Decision{Action: edgeauth.Deny, Status: 403}
}

func ExampleNew() {
	event := `{"Records":[{"cf":{"config":{"eventType":"viewer-request"},"request":{"method":"GET","uri":"/"}}}]}`
	answer, err := lambdaedge.New(guard{}).Invoke(context.Background(), []byte(event))
	fmt.Println(string(answer), err)
	// Output: {"status":"403","statusDescription":"Forbidden","headers":{"cache-control":[{"key":"Cache-Control","value":"no-store"}]}} <nil>
}

func ExampleNewWithOptions() {
	_, err := lambdaedge.NewWithOptions(guard{}, lambdaedge.Options{ViewerResponse: true, Keys: [][]byte{[]byte("too short")}})
	fmt.Println(err)
	// Output: lambdaedge: Keys[0]: has 9 bytes, want 32; make one with: openssl rand -base64 32
}

func ExampleCheckConfig() {
	config := edgeauth.Config{Forward: edgeauth.ForwardRules{Headers: map[string]string{"CloudFront-User": "sub"}}}
	fmt.Println(lambdaedge.CheckConfig(config))
	// Output: Forward.Headers: "CloudFront-User" is a header that CloudFront does not let a function set; choose another name, such as X-Auth-Subject
}

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

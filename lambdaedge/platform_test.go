package lambdaedge_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/edgeauthtest/platformtest"
	"github.com/edgeauth/edgeauth/lambdaedge"
)

func TestPlatform(t *testing.T) {
	platformtest.Test(t, platformtest.Platform{Carry: carry})
}

type entry struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// carry plays CloudFront for one request.
func carry(checker edgeauth.Checker, in platformtest.Request) (platformtest.Result, error) {
	headers := map[string][]entry{"host": {{"Host", in.Host}}}
	for _, line := range in.Header {
		name := strings.ToLower(line.Name)
		headers[name] = append(headers[name], entry{line.Name, line.Value})
	}
	payload, err := json.Marshal(map[string]any{"Records": []any{map[string]any{"cf": map[string]any{
		"config": map[string]any{"eventType": "viewer-request", "requestId": "req-1"},
		"request": map[string]any{
			"clientIp": "192.0.2.1", "method": in.Method, "uri": in.Path, "querystring": in.RawQuery, "headers": headers,
		},
	}}}})
	if err != nil {
		return platformtest.Result{}, err
	}
	h, err := lambdaedge.NewWithOptions(checker, lambdaedge.Options{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return platformtest.Result{}, err
	}
	answer, err := h.Invoke(context.Background(), payload)
	if err != nil {
		return platformtest.Result{}, err
	}
	return result(answer)
}

// result reads what CloudFront reads: with a status it is a response, else a request.
func result(answer []byte) (res platformtest.Result, err error) {
	var out struct {
		Status, Body, Method, URI, QueryString string
		Headers                                map[string][]entry
	}
	if err := json.Unmarshal(answer, &out); err != nil {
		return res, err
	}
	if out.Status == "" {
		res.Passed = &platformtest.Request{Method: out.Method, Path: out.URI, RawQuery: out.QueryString}
	}
	res.Header = http.Header{}
	for name, entries := range out.Headers {
		if name != strings.ToLower(name) {
			return res, fmt.Errorf("the header %q is not in lower case", name)
		}
		for _, e := range entries {
			switch {
			case res.Passed == nil:
				res.Header.Add(name, e.Value)
			case name == "host":
				res.Passed.Host = e.Value
			default:
				res.Passed.Header = append(res.Passed.Header, platformtest.HeaderLine{Name: e.Key, Value: e.Value})
			}
		}
	}
	res.Body = out.Body
	if res.Passed == nil {
		res.Status, err = strconv.Atoi(out.Status)
	}
	return res, err
}

// Package e2e drives a real browser through a certified OpenID Provider to sites behind edgeauth.
//
// It holds tests only; README.md says how to run them.
package e2e

// Package edgeauthtest helps to test a site that edgeauth protects: a [Browser] with the real rules of cookies and
// request headers, and handlers in place of servers.
package edgeauthtest

// Package edgeauthtest helps to test a site that edgeauth protects, without a socket.
//
// [SignedIn] is for tests of handlers. [World] and [RunStories] are for whole journeys: a [browser.Browser] with the
// real rules of cookies and request headers, a fake identity provider and a clock that only moves when it is told to.
// Who writes an adapter for another platform tests it with the package platformtest.
//
//	edgeauthtest.RunStories(t, os.DirFS("stories"), func(t *testing.T) *edgeauthtest.World {
//		w := edgeauthtest.NewWorld(t, edgeauthtest.WorldOptions{})
//		config := w.Config("app.example.com")
//		config.Rules = rules
//		w.Protect(t, config, site)
//		return w
//	})
//
// # Stories
//
// A story is a text file with one step in each line; empty lines and lines that begin with # are skipped. A word in
// capitals stands for one word, with dots for the rest of the line; what is in brackets may be left out. A step that
// fails ends the story, unless the next line expects the error.
//
//	open ADDRESS                        type an address; a relative one belongs to the site
//	follow ADDRESS                      follow a link of this page to this address
//	click TEXT...                       follow the link or press the button with this text
//	submit FIELDS...                    send the form that has these fields, as in: submit name=Ann size=3
//	sign in as NAME                     on the provider's page
//	say no                              refuse to sign in, on the provider's page
//	reload                              repeat the request of this page, form included
//	fetch METHOD ADDRESS [BODY]...      fetch it as a script of this page
//	image ADDRESS                       load it as an image of this page
//	prefetch ADDRESS                    load it ahead of time, as a page that may be opened next
//	tab NUMBER                          switch to this tab; the story begins in tab 1
//	wait DURATION                       move the clock, as in: wait 61m
//	cookie drop NAME                    delete the cookies with this in their names
//	cookie set LINE...                  set a cookie as a script of this page
//	idp down                            the provider breaks every connection
//	idp up                              it answers again
//	idp rotate keys                     it signs with a new key; the old ones stay published
//	idp end sessions                    it signs everybody out and revokes all refresh tokens
//	expect sign-in page                 this page is the provider's sign-in
//	expect error TEXT...                the step before failed, and its error has this text
//	expect url ADDRESS                  this page has exactly this address
//	expect cookie NAME                  there is a cookie with this in its name
//	expect no cookie NAME               there is no such cookie
//	expect calls ENDPOINT NUMBER        the provider's endpoint, such as token, has had this many requests
//	expect STATUS [CHECKS]...           the last answer, to a page or a script; the checks are
//	                                    "text", no "text", json and json MEMBER, in any number
package edgeauthtest

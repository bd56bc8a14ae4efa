// Package edgeauthtest helps to test a site that edgeauth protects, without a socket.
//
// [SignedIn] is for tests of handlers. [World] and [RunStories] are for whole journeys: a [Browser] with the real
// rules of cookies and request headers, a fake identity provider and a clock that only moves when it is told to.
// [TestPlatform] is for those who write an adapter.
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
// A story is a text file with one step a line; empty lines and lines that begin with # say nothing. Words in
// capitals stand for one word, those with dots for the rest of the line, those in brackets may be left out. A step
// that fails ends the story, unless the next line expects the error.
//
//	open ADDRESS                        type an address; a relative one is the site's
//	follow ADDRESS                      follow a link of this page to it
//	click TEXT...                       follow the link or press the button that says so
//	submit FIELDS...                    send the form that has these, as in: submit name=Ann size=3
//	sign in as NAME                     on the provider's page
//	say no                              there, too
//	reload                              ask for the page again, as it was asked for
//	fetch METHOD ADDRESS [BODY]...      as a script of this page
//	image ADDRESS                       as an image on this page
//	prefetch ADDRESS                    as a page that may be wanted next
//	tab NUMBER                          go on in this tab; the story begins in tab 1
//	wait DURATION                       move the clock, as in: wait 61m
//	cookie drop NAME                    delete the cookies with this in their names
//	cookie set LINE...                  set one as a script of this page
//	idp down                            the provider breaks every connection
//	idp up                              no longer
//	idp rotate keys                     it signs with a new key; the old ones stay published
//	idp end sessions                    it signs everybody out and revokes all refresh tokens
//	expect sign-in page                 this page is the provider's sign-in
//	expect error TEXT...                the step before failed, and its error has this text
//	expect url ADDRESS                  this page's address, whole
//	expect cookie NAME                  there is a cookie with this in its name
//	expect no cookie NAME               there is none
//	expect calls ENDPOINT NUMBER        so many requests have come to the provider's token endpoint, say
//	expect STATUS [CHECKS]...           the last answer, to a page or a script; the checks are
//	                                    "text", no "text", json and json MEMBER, in any number
package edgeauthtest

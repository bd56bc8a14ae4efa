package page

import "net/http"

// Subject is what a page is about.
type Subject int

// The subjects.
const (
	Internal          Subject = iota // a fault of ours
	UnknownHost                      // no site has this host
	SiteUnavailable                  // the site's configuration cannot be had
	BadPath                          // a path that servers read in different ways
	MethodNotAllowed                 // a method that an own path does not take
	CookiesNotKept                   // the browser keeps no cookies
	AlreadySignedIn                  // a stale callback
	AccessDenied                     // the person or the provider said no
	AccountRefused                   // an account that the whole site is closed to
	Forbidden                        // a page that the account may not see
	SignInUnavailable                // the provider does not answer
	SignInFailed                     // one sign-in did not work out
	SignInBroken                     // no sign-in would
	SignInRequired                   // there is no session
	ChooseProvider                   // there is no session, and several providers
	SignInElsewhere                  // there is no session, and a page of another site around
	OpenInBrowser                    // a program looks what is behind a link
	ConfirmLogout                    // a logout that asks first
	SignedOut                        // a logout that is done
	subjects                         // how many there are
)

// facts are what is the same in every language.
type facts struct {
	code       string
	status     int
	retryAfter string // seconds
	reported   bool   // trouble that the viewer may want to report: the page shows the reference
}

var factsOf = [subjects]facts{
	Internal:          {"internal", http.StatusInternalServerError, "", true},
	UnknownHost:       {"unknown_host", http.StatusMisdirectedRequest, "", true},
	SiteUnavailable:   {"unavailable", http.StatusServiceUnavailable, "10", true},
	BadPath:           {"bad_path", http.StatusBadRequest, "", false},
	MethodNotAllowed:  {"method_not_allowed", http.StatusMethodNotAllowed, "", false},
	CookiesNotKept:    {"cookies_not_kept", http.StatusBadRequest, "", true},
	AlreadySignedIn:   {"already_signed_in", http.StatusBadRequest, "", false},
	AccessDenied:      {"access_denied", http.StatusForbidden, "", true},
	AccountRefused:    {"forbidden", http.StatusForbidden, "", true},
	Forbidden:         {"forbidden", http.StatusForbidden, "", true},
	SignInUnavailable: {"unavailable", http.StatusServiceUnavailable, "10", true},
	SignInFailed:      {"sign_in_failed", http.StatusBadRequest, "", true},
	SignInBroken:      {"sign_in_failed", http.StatusInternalServerError, "", true},
	SignInRequired:    {"sign_in_required", http.StatusUnauthorized, "", true},
	ChooseProvider:    {"sign_in_required", http.StatusUnauthorized, "", false},
	SignInElsewhere:   {"sign_in_required", http.StatusUnauthorized, "", false},
	OpenInBrowser:     {"open_in_browser", http.StatusOK, "", false},
	ConfirmLogout:     {"confirm_logout", http.StatusOK, "", false},
	SignedOut:         {"signed_out", http.StatusOK, "", false},
}

// Label is what a way on is called.
type Label int

// The labels.
const (
	SignIn Label = iota
	SignInAgain
	TryAgain
	StartPage
	SignOut
	AnotherAccount
	Email  // before the field for an address
	Next   // after it
	labels // how many there are
)

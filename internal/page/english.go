package page

var english = wording{
	language: "en", signedIn: "Signed in as", reference: "Reference", contact: "Questions?",
	labels: [labels]string{
		SignIn: "Sign in", SignInAgain: "Sign in again", TryAgain: "Try again", StartPage: "Go to the start page",
		SignOut: "Sign out", AnotherAccount: "Use another account", Email: "Or by your e-mail address", Next: "Next",
	},
	texts: [subjects]text{
		Internal:          {"Something went wrong", "Please try again later. If it happens again, tell the owner of this site, with this reference."},
		UnknownHost:       {"There is no site here", "Please check the address."},
		SiteUnavailable:   {"This site is not available right now", "Please try again in a moment."},
		BadPath:           {"This address does not work", "Please check the address, or go to the start page."},
		MethodNotAllowed:  {"This does not work here", "This address is not meant to be used that way."},
		CookiesNotKept:    {"Your browser does not keep the sign-in", "Please allow cookies for this site, or go on in the browser in which you began. Then try again."},
		AlreadySignedIn:   {"You are signed in already", "This sign-in was finished before. There is nothing more to do here."},
		AccessDenied:      {"You were not signed in", "The sign-in was cancelled or not allowed."},
		AccountRefused:    {"This site is not open to you", "The account that you signed in with has no access here."},
		Forbidden:         {"This page is not open to you", "You are signed in, but your account has no access here."},
		SignInUnavailable: {"Signing in is not possible right now", "The sign-in service does not answer. Please try again in a moment."},
		SignInFailed:      {"The sign-in did not work", "It took too long, was started in another browser, or its link was used before."},
		SignInBroken:      {"Signing in does not work", "Something about the sign-in of this site has to be repaired. Please tell its owner, with this reference."},
		SignInRequired:    {"Please sign in", "Sign in to go on."},
		ChooseProvider:    {"Choose how you sign in", "You will come back here."},
		SignInElsewhere:   {"Please sign in", "Signing in opens a window of its own. This page goes on by itself when you are done, or go on in that window."},
		OpenInBrowser:     {"This address asks for a sign-in", "Open it in your browser."},
		ConfirmLogout:     {"Sign out?", "You will be signed out of this site."},
		SignedOut:         {"You are signed out", "You can close this window, or sign in again."},
	},
}

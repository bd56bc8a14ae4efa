// Package reason is the one list of reasons for which a decision is made.
package reason

import "errors"

// Reason is a sentinel: its text is its stable code.
type Reason string

func (r Reason) Error() string { return string(r) }

// The reasons. Each is stable: logs, metrics and programs build on its text.
const (
	// Requests.
	UnknownHost    Reason = "unknown_host"    // no site has this host
	BadPath        Reason = "bad_path"        // a path that servers would read in different ways
	BadRequest     Reason = "bad_request"     // a method or a parameter that an own path does not take
	CrossSite      Reason = "cross_site"      // an own path called from another site
	ConfirmLogout  Reason = "confirm_logout"  // a logout that asks first
	LinkPreview    Reason = "link_preview"    // a program looks what is behind a link
	LoginStarted   Reason = "login_started"   // the login path was asked for
	SignedIn       Reason = "signed_in"       // a sign-in was finished
	SignedOut      Reason = "signed_out"      // a session was ended by its owner
	SignedOutPage  Reason = "signed_out_page" // the page that says so
	SessionInfo    Reason = "session_info"    // the session path answered
	Refreshed      Reason = "refreshed"       // the session was renewed; the request comes again
	SeenAgain      Reason = "seen_again"      // last-seen was stamped; the request comes again
	FolderSlash    Reason = "folder_slash"    // a folder was asked for without its slash; the request comes again with it
	CallbackPosted Reason = "callback_posted" // the provider had its answer posted; it comes again by GET
	ReloadOnce     Reason = "reload_once"     // another request renewed the session; the request comes again

	// Sessions.
	NoSession       Reason = "no_session"        // no session cookie
	BadSession      Reason = "bad_session"       // a session cookie that is not ours or is incomplete
	Expired         Reason = "expired"           // the evidence has expired
	IdleTooLong     Reason = "idle_too_long"     // not used for the idle time
	LifetimeOver    Reason = "lifetime_over"     // older than the absolute lifetime
	RefreshRefused  Reason = "refresh_refused"   // the provider ended the session
	SignedOutBefore Reason = "signed_out_before" // a session from before the person signed out
	SessionTooLarge Reason = "session_too_large" // the session does not fit the cookies
	Loop            Reason = "loop"              // the browser does not keep what it is given

	// Rules.
	ForbiddenGroup   Reason = "forbidden_group"    // none of the rule's groups
	UnknownGroups    Reason = "unknown_groups"     // the token does not say which groups
	ForbiddenRole    Reason = "forbidden_role"     // none of the rule's roles
	ForbiddenScope   Reason = "forbidden_scope"    // a scope of the rule is missing
	ForbiddenClaim   Reason = "forbidden_claim"    // a claim of the rule differs
	WeakSession      Reason = "weak_session"       // the sign-in is weaker or older than the rule asks for
	ForbiddenByCheck Reason = "forbidden_by_check" // the program's own check refused

	// The callback.
	StateMissing       Reason = "state_missing"         // no state, or none of a running attempt
	StateMismatch      Reason = "state_mismatch"        // a state of no attempt of this browser
	AttemptExpired     Reason = "attempt_expired"       // the sign-in took too long
	AttemptsPending    Reason = "attempts_pending"      // another site asks for a sign-in, and there are as many as fit
	AlreadySignedIn    Reason = "already_signed_in"     // a stale callback in a signed-in browser
	CallbackMalformed  Reason = "callback_malformed"    // doubled, missing or foreign parameters
	CallbackIssuer     Reason = "callback_issuer"       // RFC 9207: another issuer
	AccessDenied       Reason = "access_denied"         // the person or the provider said no
	SilentSignInFailed Reason = "silent_sign_in_failed" // prompt=none was not enough
	ProviderError      Reason = "provider_error"        // an error that the site's owner has to repair
	ProviderBusy       Reason = "provider_busy"         // an error that may pass
	ProviderDown       Reason = "provider_down"         // no usable answer in time
	CodeRefused        Reason = "code_refused"          // invalid_grant for the code
	TokenAnswer        Reason = "token_answer"          // a token answer that is not one
	WeakSignIn         Reason = "weak_sign_in"          // the sign-in is older or weaker than the site asks for
	NoEvidence         Reason = "no_evidence"           // the answer lacks what proves the sign-in

	// Tokens.
	TokenMalformed  Reason = "token_malformed"
	TokenTooLarge   Reason = "token_too_large"
	BadAlgorithm    Reason = "bad_algorithm"
	BadType         Reason = "bad_type"
	WrongIssuer     Reason = "wrong_issuer"
	NotYetValid     Reason = "not_yet_valid"
	UnknownKey      Reason = "unknown_key"
	KeysUnavailable Reason = "keys_unavailable"
	BadSignature    Reason = "bad_signature"
	WrongAudience   Reason = "wrong_audience"
	WrongClient     Reason = "wrong_client"
	WrongNonce      Reason = "wrong_nonce"
	WrongSubject    Reason = "wrong_subject"
	WrongTokenHash  Reason = "wrong_token_hash"
	ClaimRefused    Reason = "claim_refused" // a provider's own rule or check

	// The program.
	Internal      Reason = "internal"       // a fault of ours; the log has the rest
	Undecided     Reason = "undecided"      // the zero Decision
	ConfigFailure Reason = "config_failure" // a site's configuration could not be loaded
)

// Code returns the code of the first Reason in err's tree: "allowed" for nil, and "internal" where there is none.
func Code(err error) string {
	if err == nil {
		return "allowed"
	}
	return string(Of(err))
}

// Of returns the first Reason in err's tree, and [Internal] where there is none.
func Of(err error) Reason {
	var r Reason
	if errors.As(err, &r) {
		return r
	}
	return Internal
}

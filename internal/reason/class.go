package reason

import (
	"context"
	"errors"
)

// Class says what can be done about a reason, and so what the viewer is told.
type Class int

const (
	// Fault is for the site's owner to repair: signing in again would not help. It is the class of whatever is not
	// in the table.
	Fault Class = iota
	// SignIn: there is no session that counts. A person is sent to sign in.
	SignIn
	// Retry: one sign-in did not work out. The person may start another.
	Retry
	// Transient is likely to pass by itself.
	Transient
	// Refused: the person is known, and is not let in. Signing in again as the same person would not help.
	Refused
	// Misuse is a request that nothing here answers.
	Misuse
	// Done is no failure: an own path or a redirect did what it is for.
	Done
)

// classes is the table. A reason that is not listed here fails a test.
var classes = map[Reason]Class{
	UnknownHost: Misuse, BadPath: Misuse, BadRequest: Misuse, CrossSite: Misuse, Loop: Misuse,

	LinkPreview: Done, ConfirmLogout: Done, LoginStarted: Done, SignedIn: Done, SignedOut: Done, SignedOutPage: Done, SessionInfo: Done,
	Refreshed: Done, SeenAgain: Done, FolderSlash: Done, ReloadOnce: Done, CallbackPosted: Done, AlreadySignedIn: Done,

	NoSession: SignIn, BadSession: SignIn, Expired: SignIn, IdleTooLong: SignIn, LifetimeOver: SignIn,
	RefreshRefused: SignIn, SignedOutBefore: SignIn, NoEvidence: SignIn,

	TokenMalformed: SignIn, TokenTooLarge: SignIn, BadAlgorithm: SignIn, BadType: SignIn, WrongIssuer: SignIn,
	NotYetValid: SignIn, UnknownKey: SignIn, BadSignature: SignIn, WrongAudience: SignIn, WrongClient: SignIn,
	WrongNonce: SignIn, WrongSubject: SignIn, WrongTokenHash: SignIn, ClaimRefused: SignIn,

	StateMissing: Retry, StateMismatch: Retry, AttemptExpired: Retry, AttemptsPending: Retry, CallbackMalformed: Retry,
	CallbackIssuer: Retry, WeakSignIn: Retry, SilentSignInFailed: Retry, CodeRefused: Retry,

	ProviderBusy: Transient, ProviderDown: Transient, KeysUnavailable: Transient, ConfigFailure: Transient,

	ForbiddenGroup: Refused, UnknownGroups: Refused, ForbiddenRole: Refused, ForbiddenScope: Refused,
	ForbiddenClaim: Refused, WeakSession: Refused, ForbiddenByCheck: Refused, AccessDenied: Refused,

	ProviderError: Fault, TokenAnswer: Fault, SessionTooLarge: Fault, Internal: Fault, Undecided: Fault,
}

// ClassOf returns the class of the first Reason in err's tree. An error without one is a [Fault], unless time ran out.
func ClassOf(err error) Class {
	var r Reason
	if !errors.As(err, &r) && timeOut(err) {
		return Transient
	}
	return classes[Of(err)]
}

func timeOut(err error) bool {
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled)
}

// IsTransient reports whether an error is likely to pass by itself.
func IsTransient(err error) bool { return ClassOf(err) == Transient }

// IsRevoked reports whether the provider or the person has ended the session: what the session is renewed with is worth
// nothing any more.
func IsRevoked(err error) bool {
	return errors.Is(err, CodeRefused) || errors.Is(err, RefreshRefused) || errors.Is(err, SignedOutBefore)
}

// IsForOtherSession reports whether the answer to a renewal is about another sign-in, which ends the session (OIDC
// Core 12.2).
func IsForOtherSession(err error) bool {
	switch Of(err) {
	case WrongIssuer, WrongSubject, WrongAudience, WrongClient, WrongNonce:
		return true
	}
	return false
}

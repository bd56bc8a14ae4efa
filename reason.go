package edgeauth

import "github.com/edgeauth/edgeauth/internal/reason"

// Reason is why a decision was made, for errors.Is:
//
//	errors.Is(d.Reason, edgeauth.ReasonExpired)
//
// It is an error whose text is its stable code: logs, metrics and programs build on it. docs/reasons.md lists them all.
type Reason = reason.Reason

// The reasons.
const (
	// Requests.
	ReasonUnknownHost    Reason = reason.UnknownHost    // no site has this host
	ReasonBadPath        Reason = reason.BadPath        // a path that servers would read in different ways
	ReasonBadRequest     Reason = reason.BadRequest     // a method or a parameter that an own path does not take
	ReasonCrossSite      Reason = reason.CrossSite      // an own path called from another site
	ReasonLinkPreview    Reason = reason.LinkPreview    // a program looks what is behind a link
	ReasonConfirmLogout  Reason = reason.ConfirmLogout  // a logout that asks first
	ReasonLoginStarted   Reason = reason.LoginStarted   // the login path was asked for
	ReasonSignedIn       Reason = reason.SignedIn       // a sign-in was finished
	ReasonSignedOut      Reason = reason.SignedOut      // a session was ended by its owner
	ReasonSignedOutPage  Reason = reason.SignedOutPage  // the page that says so
	ReasonSessionInfo    Reason = reason.SessionInfo    // the session path answered
	ReasonRefreshed      Reason = reason.Refreshed      // the session was renewed; the request comes again
	ReasonSeenAgain      Reason = reason.SeenAgain      // last-seen was stamped; the request comes again
	ReasonFolderSlash    Reason = reason.FolderSlash    // a folder was asked for without its slash; the request comes again with it
	ReasonCallbackPosted Reason = reason.CallbackPosted // the provider had its answer posted; it comes again by GET
	ReasonReloadOnce     Reason = reason.ReloadOnce     // another request renewed the session; the request comes again

	// Sessions.
	ReasonNoSession       Reason = reason.NoSession       // no session cookie
	ReasonBadSession      Reason = reason.BadSession      // a session cookie that is not ours or is incomplete
	ReasonExpired         Reason = reason.Expired         // the evidence has expired
	ReasonIdleTooLong     Reason = reason.IdleTooLong     // not used for the idle time
	ReasonLifetimeOver    Reason = reason.LifetimeOver    // older than the absolute lifetime
	ReasonRefreshRefused  Reason = reason.RefreshRefused  // the provider ended the session
	ReasonSignedOutBefore Reason = reason.SignedOutBefore // a session from before the person signed out
	ReasonSessionTooLarge Reason = reason.SessionTooLarge // the session does not fit the cookies
	ReasonLoop            Reason = reason.Loop            // the browser does not keep what it is given

	// Rules.
	ReasonForbiddenGroup   Reason = reason.ForbiddenGroup   // none of the rule's groups
	ReasonUnknownGroups    Reason = reason.UnknownGroups    // the token does not say which groups
	ReasonForbiddenRole    Reason = reason.ForbiddenRole    // none of the rule's roles
	ReasonForbiddenScope   Reason = reason.ForbiddenScope   // a scope of the rule is missing
	ReasonForbiddenClaim   Reason = reason.ForbiddenClaim   // a claim of the rule differs
	ReasonWeakSession      Reason = reason.WeakSession      // the sign-in is weaker or older than the rule asks for
	ReasonForbiddenByCheck Reason = reason.ForbiddenByCheck // the program's own check refused

	// The callback.
	ReasonStateMissing       Reason = reason.StateMissing       // no state, or none of a running attempt
	ReasonStateMismatch      Reason = reason.StateMismatch      // a state of no attempt of this browser
	ReasonAttemptExpired     Reason = reason.AttemptExpired     // the sign-in took too long
	ReasonAttemptsPending    Reason = reason.AttemptsPending    // another site asks for a sign-in, and there are as many as fit
	ReasonAlreadySignedIn    Reason = reason.AlreadySignedIn    // a stale callback in a signed-in browser
	ReasonCallbackMalformed  Reason = reason.CallbackMalformed  // doubled, missing or foreign parameters
	ReasonCallbackIssuer     Reason = reason.CallbackIssuer     // RFC 9207: another issuer
	ReasonAccessDenied       Reason = reason.AccessDenied       // the person or the provider said no
	ReasonSilentSignInFailed Reason = reason.SilentSignInFailed // prompt=none was not enough
	ReasonProviderError      Reason = reason.ProviderError      // an error that the site's owner has to repair
	ReasonProviderBusy       Reason = reason.ProviderBusy       // an error that may pass
	ReasonProviderDown       Reason = reason.ProviderDown       // no usable answer in time
	ReasonCodeRefused        Reason = reason.CodeRefused        // invalid_grant for the code
	ReasonTokenAnswer        Reason = reason.TokenAnswer        // a token answer that is not one
	ReasonWeakSignIn         Reason = reason.WeakSignIn         // the sign-in is older or weaker than the site asks for
	ReasonNoEvidence         Reason = reason.NoEvidence         // the answer lacks what proves the sign-in

	// Tokens.
	ReasonTokenMalformed  Reason = reason.TokenMalformed
	ReasonTokenTooLarge   Reason = reason.TokenTooLarge
	ReasonBadAlgorithm    Reason = reason.BadAlgorithm
	ReasonBadType         Reason = reason.BadType
	ReasonWrongIssuer     Reason = reason.WrongIssuer
	ReasonNotYetValid     Reason = reason.NotYetValid
	ReasonUnknownKey      Reason = reason.UnknownKey
	ReasonKeysUnavailable Reason = reason.KeysUnavailable
	ReasonBadSignature    Reason = reason.BadSignature
	ReasonWrongAudience   Reason = reason.WrongAudience
	ReasonWrongClient     Reason = reason.WrongClient
	ReasonWrongNonce      Reason = reason.WrongNonce
	ReasonWrongSubject    Reason = reason.WrongSubject
	ReasonWrongTokenHash  Reason = reason.WrongTokenHash
	ReasonClaimRefused    Reason = reason.ClaimRefused // a provider's own rule or check

	// The program.
	ReasonInternal      Reason = reason.Internal      // a fault of ours; the log has the rest
	ReasonUndecided     Reason = reason.Undecided     // the zero Decision
	ReasonConfigFailure Reason = reason.ConfigFailure // a site's configuration could not be loaded
)

// Code is the stable code of an error's reason: "allowed" for nil, "internal" for an error that has none. For a
// decision ask [Decision.Code].
func Code(err error) string { return reason.Code(err) }

package edgeauth

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"slices"

	"github.com/edgeauth/edgeauth/internal/cookies"
	"github.com/edgeauth/edgeauth/internal/reason"
)

// report writes the one record of a decision and calls the hook. Of the person it holds
// the subject, and never a query, a cookie, a token or another claim.
func (g *Guard) report(ctx context.Context, v *visit, d *Decision) {
	defer func() { _ = recover() }() // a logger or hook that panics must not keep anybody out, or let anybody in
	logger, level, code := g.logger(), severity(d), d.Code()
	if d.Action == Allow && v.renewed {
		level, code = slog.LevelInfo, string(reason.Refreshed)
	}
	if logger.Enabled(ctx, level) {
		attrs := []slog.Attr{
			slog.String("code", code), slog.String("action", d.Action.String()), slog.Int("status", d.Status),
			slog.String("host", reason.Clip(v.r.Host)), slog.String("method", reason.Clip(v.r.Method)), slog.String("path", reason.Clip(v.r.Path)),
			slog.String("reference", v.reference()), slog.String("site", g.cfg.SiteID),
		}
		if d.Reason != nil {
			attrs = append(attrs, slog.String("reason", d.Reason.Error()))
		}
		if subject := d.Identity.Subject(); subject != "" {
			attrs = append(attrs, slog.String("subject", subject))
		}
		logger.LogAttrs(ctx, level, "edgeauth decision", attrs...)
	}
	if g.cfg.OnDecision != nil {
		seen := *d // a copy that is the hook's own
		seen.Header, seen.Body, seen.Cookies = d.Header.Clone(), slices.Clone(d.Body), cookies.Clone(d.Cookies)
		seen.Forward.Set, seen.Forward.Drop = d.Forward.Set.Clone(), slices.Clone(d.Forward.Drop)
		g.cfg.OnDecision(ctx, v.r, &seen)
	}
}

// trouble logs what went wrong on the way to a decision that it did not change.
func (g *Guard) trouble(ctx context.Context, v *visit, err error) {
	defer func() { _ = recover() }()
	g.logger().LogAttrs(ctx, slog.LevelWarn, "edgeauth trouble", slog.String("code", Code(err)),
		slog.String("reason", err.Error()), slog.String("reference", v.reference()), slog.String("site", g.cfg.SiteID))
}

func (g *Guard) logger() *slog.Logger { return cmp.Or(g.cfg.Logger, slog.Default()) }

// severity is Debug for what happens at every request, Info for what a person does, Warn for what is refused, and
// Error for what the site's owner has to repair.
func severity(d *Decision) slog.Level {
	switch {
	case d.Action == Allow || errors.Is(d.Reason, reason.SessionInfo):
		return slog.LevelDebug
	case d.Status >= 500:
		return slog.LevelError
	case d.Action == Deny && !errors.Is(d.Reason, reason.NoSession):
		return slog.LevelWarn
	}
	return slog.LevelInfo
}

// String names the action, for logs.
func (a Action) String() string {
	if a < Deny || a > Allow {
		return "unknown"
	}
	return [...]string{Deny: "deny", Redirect: "redirect", Respond: "respond", Allow: "allow"}[a]
}

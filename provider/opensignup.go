package provider

import (
	"net/url"
	"strings"
)

// openHosts are hosts of issuers where anybody can get an account, so that being signed in there restricts nothing.
var openHosts = map[string]bool{
	"accounts.google.com": true, "gitlab.com": true, "linkedin.com": true, "appleid.apple.com": true, "account.apple.com": true,
	"id.twitch.tv": true, "facebook.com": true, "limited.facebook.com": true, "login.live.com": true, "discord.com": true,
	"slack.com": true, "api.login.yahoo.com": true, "paypal.com": true, "login.salesforce.com": true, "access.line.me": true,
	"kauth.kakao.com": true,
}

// anyTenants are the tenants of Entra ID that stand for more than one organisation: personal accounts by their id and
// by name, and everybody's.
var anyTenants = map[string]bool{
	"9188040d-6c67-4c5b-b112-36a304b66dad": true, "consumers": true, "common": true, "organizations": true,
}

// opensToAnybody reports whether an issuer is known to give an account to whoever asks.
func opensToAnybody(issuer string) bool {
	u, err := url.Parse(strings.ToLower(issuer))
	if err != nil {
		return false
	}
	host := strings.TrimSuffix(strings.TrimPrefix(u.Hostname(), "www."), ".")
	tenant, _, _ := strings.Cut(strings.TrimPrefix(u.Path, "/"), "/")
	return openHosts[host] || (host == "login.microsoftonline.com" || host == "sts.windows.net") && anyTenants[tenant]
}

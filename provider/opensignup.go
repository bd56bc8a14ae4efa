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
	"kauth.kakao.com": true, "amazon.com": true, "api.amazon.com": true, "github.com": true, "bitbucket.org": true, "codeberg.org": true, "huggingface.co": true,
	"auth.atlassian.com": true, "accounts.spotify.com": true, "dropbox.com": true, "zoom.us": true, "reddit.com": true, "x.com": true, "tiktok.com": true,
	"auth.login.yahoo.co.jp": true, "login.yahoo.com": true, "nid.naver.com": true, "id.vk.com": true, "id.vk.ru": true, "login.yandex.ru": true, "oauth.yandex.ru": true,
	"test.salesforce.com": true, "oauth.platform.intuit.com": true, "ims-na1.adobelogin.com": true, "oauth.battle.net": true, "login.eveonline.com": true,
	"api.epicgames.dev": true, "apis.roblox.com": true, "orcid.org": true, "login.ubuntu.com": true, "id.fedoraproject.org": true, "secure.login.gov": true,
	"api.id.me": true, "secure.paypal.com": true,
}

// entraHosts are the hosts of issuers of Entra ID, in every cloud.
var entraHosts = map[string]bool{
	"login.microsoftonline.com": true, "sts.windows.net": true, "login.windows.net": true, "login.microsoft.com": true, "login.microsoftonline.us": true,
	"login.partner.microsoftonline.cn": true, "login.chinacloudapi.cn": true, "sts.chinacloudapi.cn": true,
}

// anyTenants are the tenants of Entra ID that stand for more than one organisation: personal accounts by their id and
// by name, and everybody's.
var anyTenants = map[string]bool{
	"9188040d-6c67-4c5b-b112-36a304b66dad": true, "consumers": true, "common": true, "organizations": true,
	"{tenantid}": true, // as the metadata of these writes its issuer
}

// opensToAnybody reports whether an issuer is known to give an account to whoever asks.
func opensToAnybody(issuer string) bool {
	u, err := url.Parse(strings.ToLower(issuer))
	if err != nil {
		return false
	}
	host := strings.TrimSuffix(strings.TrimPrefix(u.Hostname(), "www."), ".")
	tenant, _, _ := strings.Cut(strings.TrimPrefix(u.Path, "/"), "/")
	return openHosts[host] || entraHosts[host] && anyTenants[tenant]
}

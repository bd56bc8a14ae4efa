package edgeauth_test

import (
	"net/http"
	"testing"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/internal/devidp"
	"github.com/stretchr/testify/require"
)

// Whatever server stands behind: what it could read as a restricted path is restricted.
func TestWhatIsRestrictedIsSoInEveryWayOfWritingItsPath(t *testing.T) {
	w := ruled(t,
		edgeauth.Rule{Path: "/admin/help/"},
		edgeauth.Rule{Path: "/admin/public/", Anyone: true},
		edgeauth.Rule{Path: "/admin/", Groups: []string{"admins"}},
		edgeauth.Rule{Path: "/Reports/2024", Groups: []string{"admins"}},
		edgeauth.Rule{Path: "/docs/secret.html", Groups: []string{"admins"}},
		edgeauth.Rule{Path: "/docs/members/"},
		edgeauth.Rule{Path: "/docs/", Anyone: true},
		edgeauth.Rule{Path: "/stra\u00dfe/caf\u00e9/", Groups: []string{"admins"}},
		edgeauth.Rule{Path: "/\u30ab\u3099/", Groups: []string{"admins"}}, // decomposed
		edgeauth.Rule{Path: "/\ud55c\uae00/", Groups: []string{"admins"}},
		edgeauth.Rule{Path: "/old/default.aspx", Groups: []string{"admins"}},
		edgeauth.Rule{Path: "/tasks/", Groups: []string{"admins"}},
	)
	const refused, open, signedIn, bad = "forbidden_group", "open", "allowed", "bad_path"
	for _, test := range []struct{ server, target, want string }{
		{"as it is written", "/admin/x", refused},
		{"Express: case", "/Admin/x", refused},
		{"Express: case of all", "/ADMIN/X", refused},
		{"Express: case, and the slash at the end", "/ADMIN", refused},
		{"Express: case in an escape", "/%41dmin/x", refused},
		{"Express: a mount point ends at a dot", "/admin.x/y", refused},
		{"Rails: the format", "/admin.json", refused},
		{"Rails: the format of a file", "/reports/2024.json", refused},
		{"Spring: the slash at the end", "/Reports/2024/", refused},
		{"a rule without a slash covers what is below", "/Reports/2024/q1", refused},
		{"and in another case", "/reports/2024/q1", refused},
		{"Windows: a dot at the end", "/admin./x", refused},
		{"Windows: dots and spaces at the end", "/admin.%20.%20/x", refused},
		{"Windows: a space at the end of all", "/admin%20", refused},
		{"Windows: a stream", "/admin::$DATA", refused},
		{"Windows: the folder's stream", "/admin:$I30:$INDEX_ALLOCATION/x", refused},
		{"Windows: a stream of a file", "/docs/secret.html::$DATA", refused},
		{"Windows: a stream with a name", "/docs/secret.html:x", refused},
		{"Windows: a short name", "/SECRET~1.HTM", bad},
		{"Windows: signs of full width", "/\uff41dmin/x", refused},
		{"Windows: another slash", "/admin\u2215x", refused},
		{"Windows: another slash, escaped", "/admin%E2%81%84x", refused},
		{"Windows: dots of full width that climb", "/docs/\uff0e\uff0e/admin/x", bad},
		{"Windows: two dots in one sign", "/docs/\u2025/admin/x", bad},
		{"Windows: dots and a space that climb", "/docs/..%20/admin/x", bad},
		{"Windows: another slash that climbs", "/docs/x\uff0f..\uff0fadmin/x", bad},
		{"IIS: an escape of its own", "/%u0061dmin/x", bad},
		{"IIS: the same once more escaped", "/%25u0061dmin/x", bad},
		{"Unicode: the Kelvin sign is a k", "/tas\u212as/x", refused},
		{"Unicode: a long s", "/ta\u017fks/x", refused},
		{"Turkish: an i without its dot", "/adm\u0131n/x", refused},
		{"Turkish: an I with a dot", "/ADM\u0130N/x", refused},
		{"macOS: what cannot be seen", "/ad\u200cmin/x", refused},
		{"macOS: a soft hyphen", "/ad%C2%ADmin/x", refused},
		{"macOS: a decomposed letter", "/stra\u00dfe/cafe\u0301/x", refused},
		{"macOS: a composed one", "/\u30ac/x", refused},
		{"macOS: Hangul in its letters", "/\u1112\u1161\u11ab\u1100\u1173\u11af/x", refused},
		{"full case folding: two letters for one", "/strasse/CAF\u00c9/x", refused},
		{"a database that looks for letters only", "/strasse/cafe/x", refused},
		{"Apache: another parse after decoding", "/admin%3fx", refused},
		{"Apache: a page without its extension", "/docs/secret", refused},
		{"Apache: and something behind it", "/docs/secret/x", refused},
		{"IIS: the folder of an index", "/OLD/", refused},
		{"IIS: the folder of an index, without its slash", "/old", refused},
		{"nginx: two slashes", "/x//admin/", bad},
		{"Spring: a parameter of a segment", "/admin;x=1/y", bad},

		{"Symfony and others: what is behind the program's name", "/index.php/admin/x", refused},
		{"the same in another folder", "/app/Front.PHP/admin", refused},
		{"ASP.NET: a session without a cookie", "/(S(x))/admin/x", bad},
		{"ASP.NET: the same within a name", "/adm(A(x))in/x", bad},
		{"a line separator at the end", "/admin\u2028/x", refused},
		{"a control sign of eight bits", "/admin%C2%85/x", refused},
		{"what is opened within it", "/admin/public/x", open},
		{"but in no other way of writing it", "/Admin/public/x", refused},
		{"nor in part", "/admin/Public/x", refused},
		{"what is for all who have signed in within it", "/admin/help/x", signedIn},
		{"but in no other way", "/admin/HELP/x", refused},
		{"what is open around it", "/docs/x", open},
		{"what is open is so as it is written", "/Docs/x", signedIn},
		{"what only asks for a sign-in asks so in any case", "/docs/MEMBERS/x", signedIn},

		{"a name that begins alike", "/admin-x/y", signedIn},
		{"a longer name", "/administration/x", signedIn},
		{"other letters", "/\u30ad/x", signedIn},
		{"further on", "/x/admin/", signedIn},
		{"beside an index", "/old/other.aspx", signedIn},
		{"brackets", "/x_(y)/z(1)", signedIn},
		{"behind what is no program", "/app.js/admin/x", signedIn},
		{"a tilde", "/~user/x", signedIn},
	} {
		t.Run(test.server, func(t *testing.T) {
			require.Equal(t, test.want == open, w.public(http.MethodGet, test.target), "%s without a session", test.target)
			if test.want == open {
				return
			}
			if len(w.Jar) == 0 {
				w.signedIn("alice", "/")
			}
			require.Equal(t, test.want, w.code(test.target), test.target)
		})
	}
}

func TestTheServedPathIsRestrictedInEveryWayOfWritingIt(t *testing.T) {
	w := newWorld(t, func(c *edgeauth.Config, _ *devidp.Options) {
		c.Index.Folder = "Index.html"
		c.Rules = []edgeauth.Rule{{Path: "/team/index.html", Groups: []string{"admins"}}, {Path: "/team/", Anyone: true}}
	})
	require.False(t, w.public("GET", "/team/"))
	w.signedIn("alice", "/x.js")
	require.Equal(t, "forbidden_group", w.code("/team/"))
	require.Equal(t, "allowed", w.code("/x/"))
}

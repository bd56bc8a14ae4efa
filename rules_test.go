package edgeauth_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/internal/devidp"
	"github.com/stretchr/testify/require"
)

// ruled is a world with rules.
func ruled(t *testing.T, rules ...edgeauth.Rule) *world {
	return newWorld(t, func(c *edgeauth.Config, _ *devidp.Options) { c.Rules = rules })
}

// public reports whether a request without any cookie gets through.
func (w *world) public(method, target string) bool {
	jar := w.Jar
	w.Jar = map[string]string{}
	defer func() { w.Jar = jar }()
	return w.Guard.Check(context.Background(), w.request(method, target)).Action == edgeauth.Allow
}

func TestAPublicRuleCoversItsPathAndNothingElse(t *testing.T) {
	w := ruled(t,
		edgeauth.Rule{Path: "/robots.txt", Anyone: true},
		edgeauth.Rule{Path: "/favicons/", Anyone: true},
		edgeauth.Rule{Path: "/caf\u00e9/", Anyone: true},
		edgeauth.Rule{Path: "/api/", Methods: []string{"OPTIONS"}, Anyone: true},
	)
	for _, test := range []struct {
		rule, method, target string
		public               bool
	}{
		{"the exact path", "GET", "/robots.txt", true},
		{"with a query", "GET", "/robots.txt?x=/private/", true},
		{"by any method", "DELETE", "/robots.txt", true},
		{"an escaped letter of it", "GET", "/%72obots.txt", true},
		{"below a prefix", "GET", "/favicons/a/b.png", true},
		{"the prefix itself", "GET", "/favicons/", true},
		{"the prefix without its slash", "GET", "/favicons", true},
		{"another script, escaped", "GET", "/caf%C3%A9/x", true},
		{"a method that is named", "OPTIONS", "/api/x", true},

		{"a method that is not named", "GET", "/api/x", false},
		{"a method in lower case", "options", "/api/x", false},
		{"a method with our name in it", "OPTIONSX", "/api/x", false},
		{"no method", "", "/api/x", false},
		{"anything else", "GET", "/private/x", false},
		{"the home page", "GET", "/", false},
		{"B14 the public path further on", "GET", "/private/favicons/x", false},
		{"B14 climbing out", "GET", "/favicons/../private/x", false},
		{"climbing out, escaped", "GET", "/favicons/%2e%2e/private/x", false},
		{"climbing out, half escaped", "GET", "/favicons/.%2e/private/x", false},
		{"climbing out, escaped twice", "GET", "/favicons/%252e%252e/private/x", false},
		{"climbing out over an escaped slash", "GET", "/favicons/..%2fprivate/x", false},
		{"climbing out over an escaped backslash", "GET", "/favicons/..%5cprivate/x", false},
		{"a parameter that servers cut", "GET", "/favicons/..;/private/x", false},
		{"a parameter after an exact path", "GET", "/robots.txt;x", false},
		{"climbing in and out", "GET", "/private/../favicons/x", false},
		{"two slashes", "GET", "/favicons//x", false},
		{"an empty segment in front", "GET", "/./favicons/x", false},
		{"a NUL", "GET", "/robots.txt%00.html", false},
		{"a slash after an exact path", "GET", "/robots.txt/", false},
		{"more after an exact path", "GET", "/robots.txt.bak", false},
		{"a longer name than the prefix", "GET", "/faviconsx", false},
		{"B23 a name that begins alike", "GET", "/favicons-private/x", false},
		{"another case", "GET", "/ROBOTS.TXT", false},
		{"another case of a prefix", "GET", "/Favicons/x", false},
		{"CVE-2025-54576 the public path in the query", "GET", "/private?/favicons/", false},
		{"CVE-2025-54576 the public path as a parameter", "GET", "/private?x=/robots.txt", false},
		{"CVE-2026-41059 the public path as a fragment", "GET", "/private#/favicons/", false},
		{"CVE-2026-41059 an escaped fragment", "GET", "/private%23/favicons/", false},
		{"an escaped question mark", "GET", "/private%3f/favicons/", false},
		{"another form of the same letters", "GET", "/cafe%CC%81/x", false},
		{"overlong UTF-8", "GET", "/caf%C3%A9%c0%af/x", false},
		{"a full URL", "GET", "https://evil.example/robots.txt", false},
		{"no slash in front", "GET", "robots.txt", false},
	} {
		t.Run(test.rule, func(t *testing.T) {
			require.Equal(t, test.public, w.public(test.method, test.target))
		})
	}
}

func TestNoHeaderOpensADoor(t *testing.T) {
	w := ruled(t, edgeauth.Rule{Path: "/public/", Anyone: true})
	tricks := map[string]string{
		"X-Forwarded-Uri": "/public/x", "X-Original-Url": "/public/x", "X-Rewrite-Url": "/public/x", // CVE-2026-40575
		"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example;proto=http", "X-Forwarded-Proto": "http",
		"User-Agent": "GoogleHC/1.0", "X-Forwarded-For": "127.0.0.1", // CVE-2026-34457
		"X-HTTP-Method-Override": "OPTIONS", "X-Auth-Subject": "alice", "Authorization": "Bearer x",
	}
	asked := map[string]bool{}
	r := w.request("GET", "/private/x")
	r.Header = func(name string) string { asked[name] = true; return tricks[name] }
	d := w.Guard.Check(context.Background(), r)
	require.Equal(t, edgeauth.Deny, d.Action)
	for name := range tricks {
		require.NotContains(t, asked, name, "it is not even looked at")
	}
}

func TestAnUncleanPathIs400WhereARuleRestricts(t *testing.T) {
	for _, target := range []string{
		"/a/../admin/", "/a/%2e%2e/admin/", "/a%2f..%2fadmin", "/a//b", "/a;x/b", "/a/%252e%252e/b", "/a%5cb", "/%ff", "/a/.", "/a%00b", "/a%zz",
	} {
		open := ruled(t, edgeauth.Rule{Path: "/public/", Anyone: true})
		open.signedIn("alice", "/")
		require.Equal(t, edgeauth.Allow, open.get(target).Action, "%s: a sign-in is all that is asked anywhere", target)
		require.False(t, open.public("GET", target))

		restricted := ruled(t, edgeauth.Rule{Path: "/admin/", Groups: []string{"admins"}})
		restricted.signedIn("bob", "/")
		d := restricted.get(target)
		require.Equal(t, "bad_path", edgeauth.Code(d.Reason), target)
		require.Equal(t, http.StatusBadRequest, d.Status)
	}
}

func TestAHostilePathIs400BeforeAnythingElse(t *testing.T) {
	w := newWorld(t, nil)
	for _, target := range []string{"//evil.example", `/\evil.example`, "/a\\b", "/a b", "/a\x00", "/a\r\nSet-Cookie: x=y", "", "*", "a", "/a#b"} {
		r := w.request("GET", "/")
		r.Path = target
		d := w.Guard.Check(context.Background(), r)
		require.Equal(t, "bad_path", edgeauth.Code(d.Reason), "%q", target)
		require.Equal(t, http.StatusBadRequest, d.Status)
		require.Empty(t, d.Cookies)
	}
}

func TestTheFirstRuleThatMatchesHolds(t *testing.T) {
	w := ruled(t,
		edgeauth.Rule{Path: "/docs/internal/", Groups: []string{"staff"}},
		edgeauth.Rule{Path: "/docs/", Anyone: true},
		edgeauth.Rule{Path: "/api/", Methods: []string{"OPTIONS"}, Anyone: true},
		edgeauth.Rule{Path: "/api/", Groups: []string{"admins"}},
		edgeauth.Rule{Path: "/mine/"},
	)
	require.True(t, w.public("GET", "/docs/a"))
	require.False(t, w.public("GET", "/docs/internal/a"))
	require.False(t, w.public("GET", "/docs/internal"))
	require.False(t, w.public("GET", "/docs/internal/open/a"), "a later rule does not count")
	require.True(t, w.public("OPTIONS", "/api/a"))
	w.signedIn("alice", "/")
	require.Equal(t, edgeauth.Allow, w.get("/docs/internal/a").Action)
	require.Equal(t, "forbidden_group", w.code("/api/a"), "another method falls through to the next rule")
	require.Equal(t, edgeauth.Allow, w.get("/mine/a").Action)
	require.Equal(t, edgeauth.Allow, w.get("/else").Action, "a path without a rule asks for a sign-in")
}

// What an author may take for a pattern would be taken for a path that nobody asks for, and protect nothing.
func TestAPathThatLooksLikeAPatternIsRefused(t *testing.T) {
	for path, remedy := range map[string]string{
		"/admin/*": "%2A", "/admin/**": "%2A", "/*.map": "%2A", "/file?.txt": "%3F", "/{id}/edit": "%7B", "/a}": "%7D", "/(a|b)/": "%28",
		"/a)": "%29", "/a|b": "%7C", "/^admin": "%5E", "/admin$": "%24", "/[ab]/": "%5B", "/a]": "%5D", "/users/:id": "%3A", "/:tenant/": "%3A",
		"/admin/<id>/": "%3C", "/a>": "%3E", "/admin/.+": "%2B", "/admin/+/edit": "%2B",
	} {
		fault := onlyFault(t, edgeauth.Rule{Path: path, Groups: []string{"admins"}})
		require.Equal(t, "Rules[0].Path", fault.Field, path)
		require.Contains(t, fault.Problem, "looks like a pattern")
		require.Contains(t, fault.Remedy, remedy, path)
		require.Contains(t, fault.Remedy, `"/admin/"`)
	}
}

func TestAPathThatDoesHoldSuchASignIsWrittenEncoded(t *testing.T) {
	w := ruled(t, edgeauth.Rule{Path: "/a%2Ab/", Anyone: true}, edgeauth.Rule{Path: "/%3Ax", Anyone: true}, edgeauth.Rule{Path: "/%5e%24", Anyone: true},
		edgeauth.Rule{Path: "/time/10:30", Anyone: true}, edgeauth.Rule{Path: "/c++", Anyone: true}, edgeauth.Rule{Path: "/%2B/", Anyone: true})
	for path, public := range map[string]bool{
		"/c++": true, "/+/a": true, "/%2B/a": true, "/b/a": false,
		"/a*b/c": true, "/a%2Ab/c": true, "/a%2ab": true, "/axb/c": false, "/:x": true, "/%3Ax": true, "/x": false, "/%5E$": true, "/time/10:30": true,
	} {
		require.Equal(t, public, w.public("GET", path), path)
	}
	require.Contains(t, onlyFault(t, edgeauth.Rule{Path: "/a%41/", Anyone: true}).Problem, "not a plain path", "nothing else is written so")
}

func TestAMethodThatNoRequestHasIsRefused(t *testing.T) {
	for _, method := range []string{"get", "Get", "", "GET ", "GET,POST", "*"} {
		fault := onlyFault(t, edgeauth.Rule{Path: "/a", Anyone: true, Methods: []string{"POST", method}})
		require.Equal(t, "Rules[0].Methods", fault.Field, method)
		require.Contains(t, fault.Remedy, `"GET"`)
	}
}

// The first rule that matches holds, so a rule that an earlier one covers is never asked.
func TestARuleThatAnEarlierOneCoversIsRefused(t *testing.T) {
	anyone := func(path string, methods ...string) edgeauth.Rule {
		return edgeauth.Rule{Path: path, Anyone: true, Methods: methods}
	}
	staff := func(path string) edgeauth.Rule { return edgeauth.Rule{Path: path, Groups: []string{"staff"}} }
	for name, rules := range map[string][]edgeauth.Rule{
		"the narrower one after a prefix": {anyone("/docs/"), staff("/docs/internal/")},
		"a file after its folder":         {staff("/docs/"), anyone("/docs/logo.svg")},
		"the folder without its slash":    {anyone("/docs/"), staff("/docs")},
		"the same path again":             {staff("/docs/"), anyone("/docs/")},
		"the same file again":             {anyone("/a"), staff("/a")},
		"after a rule for everything":     {staff("/"), anyone("/public/")},
		"the same methods":                {anyone("/api/", "OPTIONS", "GET"), anyone("/api/v1/", "GET")},
		"some methods after all":          {anyone("/api/"), anyone("/api/v1/", "GET")},
		"written in another way":          {anyone("/a%2Ab/"), staff("/a%2ab/c")},
		"in another case after a prefix":  {anyone("/docs/"), staff("/Docs/internal/")},
		"in another case":                 {anyone("/docs"), staff("/DOCS")},
		"the restricting one in another":  {staff("/Docs/"), anyone("/docs/public/")},
		"below a path without a slash":    {staff("/docs"), anyone("/docs/public/")},
		"with an extension":               {staff("/docs/"), anyone("/docs.json")},
		"without the extension":           {staff("/docs.php"), anyone("/docs/a")},
	} {
		fault := onlyFault(t, rules...)
		require.Equal(t, "Rules[1]", fault.Field, name)
		require.Contains(t, fault.Problem, "Rules[0]", name)
		require.Contains(t, fault.Problem, rules[1].Path, name)
	}
	for name, rules := range map[string][]edgeauth.Rule{
		"the narrower one first": {staff("/docs/internal/"), anyone("/docs/")},
		"a file is no prefix":    {anyone("/docs"), staff("/docs/a")},
		"nor in another case":    {anyone("/docs"), staff("/Docs/")},
		"two ways of opening":    {anyone("/docs/"), anyone("/Docs/")},
		"an index and the rest":  {staff("/index.html"), staff("/")},
		"a neighbour":            {anyone("/docs/"), staff("/docs-internal/")},
		"all methods after some": {anyone("/api/", "OPTIONS"), staff("/api/")},
		"other methods":          {anyone("/api/", "OPTIONS"), anyone("/api/v1/", "GET")},
		"everything at the end":  {anyone("/public/"), staff("/")},
	} {
		require.NotNil(t, ruled(t, rules...), name)
	}
}

func onlyFault(t *testing.T, rules ...edgeauth.Rule) *edgeauth.FieldError {
	t.Helper()
	c := plainConfig()
	c.Rules = rules
	found := faultsOf(t, c)
	require.Len(t, found, 1, "%v", rules)
	for _, faults := range found {
		require.Len(t, faults, 1, "%v", rules)
		return faults[0]
	}
	return nil
}

func TestAllKeysOfARuleHold(t *testing.T) {
	claims := map[string]any{
		"department": "sales", "level": 7, "vip": true, "regions": []string{"north", "south"}, "email_verified": "true",
		"roles": []string{"reader", "writer"}, "nested": map[string]any{"team": "blue"}, "empty": "", "null": nil, "object": map[string]any{}, "matrix": [][]string{{"a"}},
	}
	want := func(name, value string) edgeauth.Rule {
		return edgeauth.Rule{Claims: map[string]string{name: value}}
	}
	for _, test := range []struct {
		rule  string
		asked edgeauth.Rule
		code  string
	}{
		{"one group", edgeauth.Rule{Groups: []string{"staff"}}, ""},
		{"any of the groups", edgeauth.Rule{Groups: []string{"admins", "staff"}}, ""},
		{"none of the groups", edgeauth.Rule{Groups: []string{"admins", "root"}}, "forbidden_group"},
		{"a group in another case", edgeauth.Rule{Groups: []string{"Staff"}}, "forbidden_group"},
		{"a part of a group's name", edgeauth.Rule{Groups: []string{"sta"}}, "forbidden_group"},
		{"an empty group", edgeauth.Rule{Groups: []string{""}}, "forbidden_group"},
		{"any of the roles", edgeauth.Rule{Roles: []string{"writer", "x"}}, ""},
		{"none of the roles", edgeauth.Rule{Roles: []string{"admin"}}, "forbidden_role"},
		{"a group is no role", edgeauth.Rule{Roles: []string{"staff"}}, "forbidden_role"},
		{"groups and roles", edgeauth.Rule{Groups: []string{"staff"}, Roles: []string{"reader"}}, ""},
		{"the group but not the role", edgeauth.Rule{Groups: []string{"staff"}, Roles: []string{"x"}}, "forbidden_role"},
		{"the role but not the group", edgeauth.Rule{Groups: []string{"x"}, Roles: []string{"reader"}}, "forbidden_group"},
		{"a claim", want("department", "sales"), ""},
		{"another value of the claim", want("department", "sale"), "forbidden_claim"},
		{"a number", want("level", "7"), ""},
		{"another number", want("level", "07"), "forbidden_claim"},
		{"a truth", want("vip", "true"), ""},
		{"another truth", want("vip", "false"), "forbidden_claim"},
		{"any entry of a list", want("regions", "south"), ""},
		{"no entry of a list", want("regions", "north,south"), "forbidden_claim"},
		{"an entry of a list in a list", want("matrix", "a"), "forbidden_claim"},
		{"inside an object", want("/nested/team", "blue"), ""},
		{"elsewhere in an object", want("/nested/other", "blue"), "forbidden_claim"},
		{"an object", want("object", "map[]"), "forbidden_claim"},
		{"an empty claim", want("empty", ""), ""},
		{"a claim that is not there", want("missing", ""), "forbidden_claim"},
		{"a claim that is null", want("null", ""), "forbidden_claim"},
		{"two claims", edgeauth.Rule{Claims: map[string]string{"department": "sales", "level": "7"}}, ""},
		{"one of two claims", edgeauth.Rule{Claims: map[string]string{"department": "sales", "level": "8"}}, "forbidden_claim"},
		{"everything", edgeauth.Rule{Groups: []string{"staff"}, Roles: []string{"reader"}, Claims: map[string]string{"vip": "true"}}, ""},
	} {
		t.Run(test.rule, func(t *testing.T) {
			rule := test.asked
			rule.Path = "/x/"
			with(t, func(c *edgeauth.Config, o *devidp.Options) {
				c.Rules = []edgeauth.Rule{rule}
				o.Users[0].Claims = claims
			}, func(t *testing.T, w *world) {
				w.signedIn("alice", "/")
				d := w.get("/x/")
				if test.code == "" {
					require.Equal(t, edgeauth.Allow, d.Action, "%v", d.Reason)
					return
				}
				require.Equal(t, test.code, edgeauth.Code(d.Reason))
				require.Equal(t, http.StatusForbidden, d.Status)
				require.Empty(t, d.Location, "signing in again would not help")
				require.Equal(t, edgeauth.Allow, w.get("/y").Action)
			})
		})
	}
}

func TestScopesAreComparedAsWholeWordsAndAllMustHold(t *testing.T) {
	for _, test := range []struct {
		rule  string
		scope any
		asked []string
		allow bool
	}{
		{"one of several", "read write", []string{"write"}, true},
		{"all", "read write", []string{"write", "read"}, true},
		{"one is missing", "read write", []string{"read", "admin"}, false},
		{"a part of a word", "read:all", []string{"read"}, false},
		{"a longer word", "read", []string{"read:all"}, false},
		{"another case", "Read", []string{"read"}, false},
		{"two words in one", "read write", []string{"read write"}, false},
		{"P13 a list", []string{"read", "write"}, []string{"write"}, true},
		{"nothing", "", []string{"read"}, false},
		{"an empty scope", "read", []string{""}, false},
		{"not there", nil, []string{"read"}, false},
		{"a number", 7, []string{"7"}, false},
	} {
		t.Run(test.rule, func(t *testing.T) {
			id, err := edgeauth.NewIdentity(idpURL, map[string]any{"sub": "alice", "scope": test.scope})
			require.NoError(t, err)
			err = edgeauth.Rule{Path: "/", Scopes: test.asked}.Permits(id)
			require.Equal(t, test.allow, err == nil, "%v", err)
			if err != nil {
				require.ErrorIs(t, err, edgeauth.Reason("forbidden_scope"))
			}
		})
	}
}

func TestUnknownGroupsAreNotNoGroups(t *testing.T) { // E19, E20
	for name, alter := range map[string]func(map[string]any){
		"the token points elsewhere":                func(c map[string]any) { delete(c, "groups"); c["_claim_names"] = map[string]any{"groups": "src1"} },
		"the token says there are some":             func(c map[string]any) { delete(c, "groups"); c["hasgroups"] = true },
		"the token points elsewhere and lists some": func(c map[string]any) { c["_claim_names"] = map[string]any{"groups": "src1"} },
		"the token says nothing":                    func(c map[string]any) { delete(c, "groups") },
	} {
		t.Run(name, func(t *testing.T) {
			with(t, func(c *edgeauth.Config, _ *devidp.Options) {
				c.Rules = []edgeauth.Rule{{Path: "/admin/", Groups: []string{"staff"}}}
				c.Provider.Mapping.GroupsElsewhere = []string{"_claim_names", "hasgroups"}
			}, func(t *testing.T, w *world) {
				w.IdP.Tamper(devidp.Tamper{IDToken: devidp.TokenTamper{Claims: alter}})
				w.signedIn("alice", "/")
				d := w.get("/admin/")
				require.Equal(t, "unknown_groups", edgeauth.Code(d.Reason))
				require.Equal(t, http.StatusForbidden, d.Status)
				d = w.get("/")
				require.Equal(t, edgeauth.Allow, d.Action, "P12: without a group rule the identity is fine")
				require.False(t, d.Identity.GroupsKnown())
				require.False(t, d.Identity.HasGroup("staff"))
			})
		})
	}
	t.Run("kept whole in a sealed session", func(t *testing.T) {
		w := newWorld(t, func(c *edgeauth.Config, _ *devidp.Options) {
			c.Rules = []edgeauth.Rule{{Path: "/admin/", Groups: []string{"staff"}}}
			c.Provider.Mapping.GroupsElsewhere = []string{"hasgroups"}
			c.Session.Claims = []string{"groups"}
		})
		w.IdP.Tamper(claims("hasgroups", true))
		w.signedIn("alice", "/")
		require.Equal(t, "unknown_groups", w.code("/admin/"), "unknown at the sign-in is unknown later")
	})
	t.Run("known to be none", func(t *testing.T) {
		with(t, func(c *edgeauth.Config, o *devidp.Options) {
			c.Rules = []edgeauth.Rule{{Path: "/admin/", Groups: []string{"staff"}}}
			o.Users[0].Groups = []string{}
		}, func(t *testing.T, w *world) {
			w.signedIn("alice", "/")
			require.Equal(t, "forbidden_group", w.code("/admin/"))
			require.True(t, w.get("/").Identity.GroupsKnown())
		})
	})
}

func TestAHundredAndEightyGroupsFit(t *testing.T) {
	var groups []string
	for i := range 180 {
		groups = append(groups, "00000000-0000-4000-8000-0000000"+strings.Repeat("0", 2)+string(rune('a'+i/26))+string(rune('a'+i%26))+"1")
	}
	many := func(keep ...string) func(*edgeauth.Config, *devidp.Options) {
		return func(c *edgeauth.Config, o *devidp.Options) {
			c.Rules = []edgeauth.Rule{{Path: "/admin/", Groups: []string{groups[179]}}, {Path: "/board/", Groups: []string{"board"}}}
			if keep != nil {
				c.Session.Claims = keep
			}
			o.Users[0].Groups = groups
		}
	}
	for name, change := range map[string]func(*edgeauth.Config, *devidp.Options){
		"sealed, of which rules name one": many(),
		"sealed, all of them":             many("groups"),
		"tokens":                          func(c *edgeauth.Config, o *devidp.Options) { tokensMode(c, o); many()(c, o) },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, change)
			w.signedIn("alice", "/")
			require.Equal(t, edgeauth.Allow, w.get("/admin/").Action)
			require.Equal(t, "forbidden_group", w.code("/board/"))
			count := 0
			for range w.get("/").Identity.Groups() {
				count++
			}
			require.Equal(t, map[bool]int{true: 1, false: 180}[name == "sealed, of which rules name one"], count)
			for name, value := range w.Jar {
				require.LessOrEqual(t, len(name)+len(value), 4096)
			}
		})
	}
}

func TestTheServedPathMeetsItsRulesToo(t *testing.T) {
	for _, test := range []struct {
		rule          string
		index         edgeauth.Index
		target, serve string
		public        bool
	}{
		{"a path without dot serves the app", edgeauth.Index{SPA: "/index.html"}, "/a", "/index.html", false},
		{"a file serves itself", edgeauth.Index{SPA: "/index.html"}, "/docs/a.js", "", true},
		{"a public path is what is asked for, where the app is not public", edgeauth.Index{SPA: "/index.html"}, "/docs/healthz", "", true},
		{"the app may be public", edgeauth.Index{SPA: "/docs/index.html"}, "/docs/a", "/docs/index.html", true},
		{"but not for a path that is not", edgeauth.Index{SPA: "/docs/index.html"}, "/private", "/docs/index.html", false},
		{"a folder serves its index", edgeauth.Index{Folder: "index.html"}, "/docs/a/", "/docs/a/index.html", true},
		{"the folder of the rule itself", edgeauth.Index{Folder: "index.html"}, "/docs/", "/docs/index.html", true},
		{"escapes stay as they came", edgeauth.Index{Folder: "index.html"}, "/docs/a%20b/", "/docs/a%20b/index.html", true},
		{"an index with a rule of its own is not served for a path that everybody may have", edgeauth.Index{Folder: "secret.html"}, "/docs/a/", "", true},
		{"an unclean path serves itself and is never public", edgeauth.Index{Folder: "index.html"}, "/docs/a;b", "", false},
	} {
		t.Run(test.rule, func(t *testing.T) {
			w := newWorld(t, func(c *edgeauth.Config, _ *devidp.Options) {
				c.Index = test.index
				c.Rules = []edgeauth.Rule{{Path: "/docs/a/secret.html"}, {Path: "/docs/", Anyone: true}}
			})
			require.Equal(t, test.public, w.public("GET", test.target))
			w.signedIn("alice", "/")
			d := w.get(test.target)
			require.Equal(t, edgeauth.Allow, d.Action, "%v", d.Reason)
			require.Equal(t, test.serve, d.Forward.Path)
			if test.serve != "" {
				require.Equal(t, test.serve, w.do("HEAD", test.target).Forward.Path)
			}
			require.Empty(t, w.do("POST", test.target).Forward.Path, "only what reads is rewritten")
		})
	}
	t.Run("a restricted index stays restricted", func(t *testing.T) {
		w := newWorld(t, func(c *edgeauth.Config, _ *devidp.Options) {
			c.Index.SPA = "/app/index.html"
			c.Rules = []edgeauth.Rule{{Path: "/app/", Groups: []string{"admins"}}}
		})
		w.signedIn("alice", "/x.js")
		require.Equal(t, "forbidden_group", w.code("/anything"))
	})
}

// What asks for no page gets what it asks for: data, and no index.html in its place.
func TestOnlyPagesAreServedByTheIndex(t *testing.T) {
	page := map[string]string{"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", "Accept": "text/html"}
	for _, test := range []struct {
		what, target string
		header       map[string]string
		index        edgeauth.Index
		serve        string
	}{
		{"a page", "/items", page, edgeauth.Index{SPA: "/index.html"}, "/index.html"},
		{"a page that a service worker keeps", "/items", map[string]string{"Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty", "Accept": "text/html"}, edgeauth.Index{SPA: "/index.html"}, "/index.html"},
		{"a page that is fetched ahead", "/items", map[string]string{"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", "Accept": "text/html", "Sec-Purpose": "prefetch"}, edgeauth.Index{SPA: "/index.html"}, "/index.html"},
		{"an old browser's page", "/items", map[string]string{"Accept": "text/html,*/*;q=0.8"}, edgeauth.Index{SPA: "/index.html"}, "/index.html"},
		{"a script's data", "/api/items", map[string]string{"Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty", "Accept": "application/json"}, edgeauth.Index{SPA: "/index.html"}, ""},
		{"a script that takes anything", "/api/items", script, edgeauth.Index{SPA: "/index.html"}, ""},
		{"a program's data", "/api/items", map[string]string{"Accept": "application/json"}, edgeauth.Index{SPA: "/index.html"}, ""},
		{"an old script's", "/api/items", map[string]string{"Accept": "*/*", "X-Requested-With": "XMLHttpRequest"}, edgeauth.Index{SPA: "/index.html"}, ""},
		{"a picture without a dot", "/avatar", map[string]string{"Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image", "Accept": "image/*"}, edgeauth.Index{SPA: "/index.html"}, ""},
		{"a script that asks for the start page", "/", script, edgeauth.Index{SPA: "/index.html"}, "/index.html"},
		{"a folder, whoever asks", "/docs/", script, edgeauth.Index{Folder: "index.html"}, "/docs/index.html"},
		{"a file without a dot", "/docs/LICENSE", script, edgeauth.Index{Folder: "index.html"}, ""},
	} {
		t.Run(test.what, func(t *testing.T) {
			w := newWorld(t, func(c *edgeauth.Config, _ *devidp.Options) { c.Index = test.index })
			w.signedIn("alice", "/x.js")
			w.Header = test.header
			d := w.get(test.target)
			require.Equal(t, edgeauth.Allow, d.Action, "%v", d.Reason)
			require.Equal(t, test.serve, d.Forward.Path)
		})
	}
}

func TestAFolderIsSentToItsSlashFirst(t *testing.T) {
	w := newWorld(t, func(c *edgeauth.Config, _ *devidp.Options) { c.Index.Folder = "index.html" })
	for target, want := range map[string]string{"/docs": "/docs/", "/docs/a%20b?c=d": "/docs/a%20b/?c=d"} {
		d := w.get(target)
		require.Equal(t, edgeauth.Redirect, d.Action)
		require.Equal(t, http.StatusFound, d.Status)
		require.Equal(t, appURL+want, d.Location)
		require.Equal(t, "folder_slash", edgeauth.Code(d.Reason))
		require.Equal(t, appURL+want, w.signIn("alice", want).Location, "and relative links on the page lead where they should")
		require.Equal(t, edgeauth.Allow, w.get(want).Action)
		require.Equal(t, edgeauth.Redirect, w.get(target).Action, "whoever is signed in too")
		require.Equal(t, edgeauth.Allow, w.do("POST", target).Action)
		w.Jar = map[string]string{}
	}
}

func TestACheckCanOnlyRefuse(t *testing.T) {
	no := errors.New("not on a sunday, said the owner of the_secret")
	calls := 0
	w := newWorld(t, func(c *edgeauth.Config, _ *devidp.Options) {
		c.Rules = []edgeauth.Rule{{Path: "/public/", Anyone: true}, {Path: "/admin/", Groups: []string{"admins"}}}
		c.Check = func(_ context.Context, r *edgeauth.Request, id edgeauth.Identity) error {
			calls++
			require.Equal(t, "alice", id.Subject())
			if r.Path == "/closed" {
				return no
			}
			return nil
		}
	})
	require.Equal(t, edgeauth.Redirect, w.get("/a").Action)
	require.True(t, w.public("GET", "/public/a"))
	require.Zero(t, calls, "nobody is asked about nobody")
	w.Jar = map[string]string{}
	w.signedIn("alice", "/")
	require.Equal(t, edgeauth.Allow, w.get("/a").Action)
	require.Equal(t, "forbidden_group", w.code("/admin/"), "it does not open what a rule closes")
	d := w.get("/closed")
	require.Equal(t, "forbidden_by_check", edgeauth.Code(d.Reason))
	require.ErrorIs(t, d.Reason, no)
	require.Equal(t, "forbidden_by_check", w.code("/%63los%65d"), "it is told the path decoded")
	require.NotContains(t, string(d.Body), "the_secret")
}

// A check compares paths too: what it would read differently from a server does not reach it.
func TestAnUncleanPathIs400WhereThereIsACheck(t *testing.T) {
	w := newWorld(t, func(c *edgeauth.Config, _ *devidp.Options) {
		c.Check = func(_ context.Context, r *edgeauth.Request, _ edgeauth.Identity) error {
			require.Equal(t, "/a b", r.Path)
			require.Equal(t, "x=%20", r.RawQuery, "the rest is as it was sent")
			return nil
		}
	})
	w.signIn("alice", "/a%20b?x=%20")
	for _, target := range []string{"/x/..%2fclosed", "/x//closed", "/closed;x", "/x/../closed", "/%2563losed", "/closed%00"} {
		require.Equal(t, "bad_path", w.code(target), target)
	}
	require.Equal(t, "allowed", w.code("/a%20b?x=%20"))
}

func TestEveryURLIsOnTheHostThatWasAskedFor(t *testing.T) {
	const second = "b.example.com:8443"
	w := newWorld(t, func(c *edgeauth.Config, o *devidp.Options) {
		c.Hosts = append(c.Hosts, second)
		o.Clients[0].RedirectURIs = append(o.Clients[0].RedirectURIs, "https://"+second+"/.auth/callback")
	})
	w.CookiesOnAllow = false
	ask := func(target string) edgeauth.Decision {
		r := w.request(http.MethodGet, strings.TrimPrefix(target, "https://"+second))
		r.Host = second
		d := w.Guard.Check(context.Background(), r)
		w.keep(d)
		return d
	}
	d := ask("/deep")
	require.Contains(t, d.Location, "redirect_uri=https%3A%2F%2Fb.example.com%3A8443%2F.auth%2Fcallback&")
	d = ask(w.atProvider(d.Location, "alice"))
	require.Equal(t, "https://"+second+"/deep", d.Location, "%v", d.Reason)
	w.Wait(2 * time.Hour)
	require.Equal(t, "https://"+second+"/deep", ask("/deep").Location)
	w.Header = own
	require.Contains(t, ask("/.auth/logout").Location, "post_logout_redirect_uri=https%3A%2F%2Fb.example.com%3A8443%2F.auth%2Fsigned-out")
}

func TestAnUnknownHostIs421BeforeCookiesAndPaths(t *testing.T) {
	modes(t, func(t *testing.T, w *world) {
		w.signedIn("alice", "/")
		for _, host := range []string{
			"", "evil.example", "app.example.com.evil.example", "evil.example:443", "app.example.com:8443", "app.example.com@evil.example",
			"app.example.com/x", "app.example.com\r\nX: y", "cloudfront", "d111111abcdef8.cloudfront.net", "127.0.0.1", "localhost",
		} {
			for _, target := range []string{"/", "/.auth/login", "/.auth/callback?code=x&state=y", "//", "/robots.txt"} {
				r := w.request("GET", target)
				r.Host, r.Distribution = host, "d111111abcdef8.cloudfront.net"
				d := w.Guard.Check(context.Background(), r)
				require.Equal(t, http.StatusMisdirectedRequest, d.Status, "%q %s", host, target)
				require.Empty(t, d.Location)
				require.Empty(t, d.Cookies)
				require.NotContains(t, string(d.Body), "evil")
			}
		}
		for _, host := range []string{"APP.Example.COM", "app.example.com.", "app.example.com:443"} {
			r := w.request("GET", "/x")
			r.Host, r.Cookie = host, nil
			d := w.Guard.Check(context.Background(), r)
			require.Contains(t, d.Location, "redirect_uri=https%3A%2F%2Fapp.example.com%2F.auth%2Fcallback&", "built from the entry")
		}
	})
}

func TestAPlusIsNotASpaceThatARuleMisses(t *testing.T) { // S3 reads a raw "+" as a space
	for _, test := range []struct {
		rule, path, want string
	}{
		{"/hr files/", "/hr%20files/pay.pdf", "forbidden_group"},
		{"/hr files/", "/hr+files/pay.pdf", "bad_path"},
		{"/hr files/", "/hr%2Bfiles/pay.pdf", "allowed"}, // another file
		{"/hr files/", "/other", "allowed"},
		{"/hr/pay roll.pdf", "/hr/pay+roll.pdf", "bad_path"},
		{"/hr/pay roll.pdf", "/hr/pay%20roll.pdf", "forbidden_group"},
		{"/hr files/", "/c++/x", "bad_path"},
		{"/hr/", "/c++/x", "allowed"},
		{"/hr/", "/hr/a+b", "forbidden_group"},
	} {
		t.Run(test.rule+" "+test.path, func(t *testing.T) {
			w := newWorld(t, func(c *edgeauth.Config, _ *devidp.Options) {
				c.Rules = []edgeauth.Rule{{Path: test.rule, Groups: []string{"hr"}}}
			})
			w.signedIn("alice", "/")
			require.Equal(t, test.want, w.code(test.path))
		})
	}
	t.Run("a public path with a space", func(t *testing.T) {
		w := newWorld(t, func(c *edgeauth.Config, _ *devidp.Options) {
			c.Rules = []edgeauth.Rule{{Path: "/open files/", Anyone: true}}
		})
		require.Equal(t, "allowed", w.code("/open%20files/x"))
		require.Equal(t, "no_session", w.code("/open+files/x"))
	})
}

func TestAFolderIsAlsoJudgedByTheRuleOfItsIndex(t *testing.T) {
	w := newWorld(t, func(c *edgeauth.Config, _ *devidp.Options) {
		c.Rules = []edgeauth.Rule{
			{Path: "/reports/index.html", Groups: []string{"admins"}},
			{Path: "/index.html", Groups: []string{"admins"}},
			{Path: "/reports/", Anyone: true},
		}
	})
	require.Equal(t, "no_session", w.code("/reports/"), "a file server gives the index for it")
	require.Equal(t, "allowed", w.code("/reports/other.html"))
	w.signIn("alice", "/x")
	require.Equal(t, "forbidden_group", w.code("/reports/"))
	require.Equal(t, "forbidden_group", w.code("/"))
	require.Equal(t, "allowed", w.code("/x"))
}

func TestAClaimThatEverybodyHasKeepsNobodyOut(t *testing.T) {
	w := newWorld(t, nil)
	for name, rule := range map[string]edgeauth.Rule{
		"claims":                 {Path: "/", Claims: map[string]string{"email_verified": "true"}},
		"any of":                 {Path: "/", ClaimsAnyOf: map[string][]string{"email_verified": {"true"}}},
		"any of, iss":            {Path: "/", ClaimsAnyOf: map[string][]string{"iss": {idpURL}}},
		"claims, iss":            {Path: "/", Claims: map[string]string{"iss": idpURL}},
		"claims, aud":            {Path: "/", Claims: map[string]string{"aud": "site"}},
		"suffix of the audience": {Path: "/", ClaimsSuffix: map[string][]string{"iss": {".example"}}},
	} {
		t.Run(name, func(t *testing.T) {
			c := w.config
			c.Provider.OpenSignup = true
			c.Rules = []edgeauth.Rule{rule}
			_, err := edgeauth.New(c)
			require.ErrorContains(t, err, "OpenToEveryone")
		})
	}
}

// A sign-in for the rule's path would count on every other path, too.
func TestARuleTakesNoWeakerClassThanTheSite(t *testing.T) {
	w := newWorld(t, nil)
	c := w.config
	c.AuthorizeParams = map[string]string{"acr_values": "mfa hwk"}
	c.Rules = []edgeauth.Rule{{Path: "/kiosk/", ACR: []string{"pwd", "mfa"}}}
	_, err := edgeauth.New(c)
	require.ErrorContains(t, err, `Rules[0].ACR: takes "pwd"`)
	c.Rules = []edgeauth.Rule{{Path: "/vault/", ACR: []string{"hwk"}}}
	_, err = edgeauth.New(c)
	require.NoError(t, err)
}

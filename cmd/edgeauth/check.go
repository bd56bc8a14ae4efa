package main

import (
	"context"
	"io"
	"net/http"
	"time"

	"github.com/edgeauth/edgeauth/cmd/edgeauth/internal/doctor"
)

const checkUsage = `Usage: edgeauth check -config FILE|DIR [-keys FILE] [-offline] [-json]

Tells whether the site document in FILE is right, whether its provider is there and agrees with it, what to register
at the provider, and which risks the settings carry. Lines begin with ok, note, risk or WRONG; the exit status is 1
where anything is WRONG. With DIR it looks at each *.json file in it, and at whether the sites get along; a document there
gets its own secrets alone, and only public providers are asked, as with serve -config DIR.

It signs nobody in, changes nothing and prints no secret. At the provider it reads the metadata and the keys, and it
redeems one made-up code, which the provider has to refuse: the refusal tells whether it knows the client. The client
secret, where there is one, goes to the token endpoint as it does at every sign-in.

With -json it prints one JSON document for programs, and exits with the same status: the numbers of what is "wrong" and
of "risks", and "findings" in the order of the lines. A finding has a "level" (ok, note, risk, wrong, or fact for a
"name" with its value, such as each redirect URI to register), its "document" and "section" (document, provider, client,
register, risks, together), a "text", and where there are any the "member" and "line" of the document and a "remedy".
Levels and sections stay; texts may change with any version.

Flags:
`

func runCheck(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	flags := newFlags("check", checkUsage, stderr)
	name := flags.String("config", "", "the site document, a JSON `file`, or a folder of them")
	keys := flags.String("keys", "", "master keys, a `file` with one in base64 per line, for documents without session.keys")
	var o doctor.Options
	flags.Func("secret-env", "with DIR: lets one document name one environment variable, as `DOCUMENT=VARIABLE`; may be repeated", list(&o.SecretEnv))
	flags.Func("provider-network", "with DIR: "+networkUsage, networks(&o.Networks))
	offline := flags.Bool("offline", false, "ask the provider nothing")
	asJSON := flags.Bool("json", false, "print one JSON document")
	if err := parse(flags, args); err != nil {
		return err
	}
	if *name == "" {
		return wrongUsage("-config is missing: name the site document")
	}
	o.Keys, o.Offline, o.Client = *keys, *offline, &http.Client{Timeout: 10 * time.Second}
	report, err := doctor.Check(ctx, *name, o)
	if err != nil {
		return err
	}
	if *asJSON {
		if err := report.WriteJSON(stdout); err != nil {
			return err
		}
	} else {
		report.Print(stdout)
	}
	return report.Err()
}

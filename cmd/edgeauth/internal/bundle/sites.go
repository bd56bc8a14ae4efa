package bundle

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"strings"

	"github.com/edgeauth/edgeauth/cmd/edgeauth/internal/packaged"
	"github.com/edgeauth/edgeauth/cmd/edgeauth/internal/sitefile"
)

// sitesMain is the whole program of a function whose sites' documents lie in a bucket.
const sitesMain = `package main

import (
	"encoding/json"
	"log"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/cmd/edgeauth/internal/packaged"
	"github.com/edgeauth/edgeauth/lambdaedge"
	"github.com/edgeauth/edgeauth/s3sites"
)

func main() {
	checker, err := sites()
	if err != nil {
		log.Fatal(err)
	}
	lambdaedge.Start(checker)
}

func sites() (edgeauth.Checker, error) {
	data, err := packaged.Data()
	if err != nil {
		return nil, err
	}
	var sites packaged.Sites
	if err := json.Unmarshal(data, &sites); err != nil {
		return nil, err
	}
	config, err := s3sites.ParseURL(sites.Source)
	if err != nil {
		return nil, err
	}
	source, err := s3sites.New(config)
	if err != nil {
		return nil, err
	}
	return sites.Checker(source)
}
`

// packageSites builds a function for many sites. It learns them as it runs.
func (o Options) packageSites(ctx context.Context, stdout io.Writer) error {
	sites := packaged.Sites{Source: o.Source, TTL: o.TTL, Stale: o.Stale, Networks: o.Networks}
	if o.Keys != "" {
		var err error
		if sites.Keys, err = sitefile.Keys(o.Keys); err != nil {
			return err
		}
	}
	data, err := json.Marshal(sites)
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "building the function of the sites in %s for linux/amd64 …\n", o.Source)
	binary, err := buildProgram(ctx, sitesMain, "s3sites")
	if err != nil {
		return err
	}
	size, err := saveFunctionZip(o.Out, binary, data)
	if err != nil {
		return err
	}
	report{out: o.Out, size: size, source: &sites}.print(stdout)
	return nil
}

func (r report) printSource(w io.Writer) {
	if len(r.source.Keys) == 0 {
		fmt.Fprintln(w, "No key lies in it: each document with sealed sessions needs session.keys of its own.")
	} else {
		fmt.Fprintln(w, "Secrets lie in it: the master keys. Whoever may read the function's code has them.")
	}
	u, _ := url.Parse(r.source.Source) // it has been checked
	prefix := strings.Trim(u.Path, "/")
	if prefix != "" {
		prefix += "/"
	}
	fmt.Fprintf(w, "\nThe function's role may:\n"+
		"  s3:GetObject    arn:aws:s3:::%s/%s*\n"+
		"  s3:ListBucket   arn:aws:s3:::%s, where s3:prefix is like %q\n", u.Host, prefix, u.Host, prefix+"*")
	fmt.Fprintf(w, "Add a site:     aws s3 cp app.example.com.json s3://%s/%sapp.example.com.json\n", u.Host, prefix)
	fmt.Fprintf(w, "Register at each site's provider:\n  redirect URI  https://HOST%s\n  sign-out URL  https://HOST%s, unless its document says otherwise\n",
		defaultPaths.Callback, defaultPaths.SignedOut)
}

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"strings"

	"github.com/edgeauth/edgeauth/internal/packaged"
	"github.com/edgeauth/edgeauth/siteconfig"
)

// sitesMain is the whole program of a function whose sites' documents lie in a bucket.
const sitesMain = `package main

import (
	"encoding/json"
	"log"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/internal/packaged"
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

func (o *packageOptions) checkSource() error {
	switch u, err := url.Parse(o.source); {
	case o.config != "" || o.main != "" || o.snapshot != "" || o.noFetch:
		return wrongUsage("-source goes with -keys, -ttl, -stale and -o alone")
	case err != nil || u.Scheme != "s3" || u.Host == "" || u.Query().Get("region") == "":
		return wrongUsage("-source is like s3://my-sites/prefix/?region=eu-central-1, with the bucket's own region; not like %q", o.source)
	case o.ttl < 0 || o.stale < 0:
		return wrongUsage("-ttl and -stale are not below zero")
	}
	return nil
}

// packageSource builds a function for many sites. What they are it learns as it runs.
func (o *packageOptions) packageSource(ctx context.Context, stdout io.Writer) error {
	sites := packaged.Sites{Source: o.source, TTL: o.ttl, Stale: o.stale}
	if o.keys != "" {
		content, err := readFile(o.keys)
		if err != nil {
			return err
		}
		if sites.Keys, err = siteconfig.ParseKeys(content); err != nil {
			return fmt.Errorf("%s:\n%w", o.keys, err)
		}
	}
	data, err := json.Marshal(sites)
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "building the function of the sites in %s for linux/amd64 …\n", o.source)
	binary, err := buildProgram(ctx, sitesMain, "s3sites")
	if err != nil {
		return err
	}
	size, err := saveFunctionZip(o.out, binary, data)
	if err != nil {
		return err
	}
	packageReport{out: o.out, size: size, source: &sites}.print(stdout)
	return nil
}

func (r packageReport) printSource(w io.Writer) {
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
		defaultCallback, defaultSignedOut)
}

package main

import (
	"context"
	"io"

	"github.com/edgeauth/edgeauth/siteconfig"
)

const schemaUsage = `Usage: edgeauth schema

Prints the JSON Schema of site documents. An editor that is given it completes and explains members, and marks what is wrong:

  edgeauth schema > edgeauth.schema.json      and in the document: "$schema": "./edgeauth.schema.json"
`

func runSchema(_ context.Context, args []string, stdout, stderr io.Writer) error {
	if err := parse(newFlags("schema", schemaUsage, stderr), args); err != nil {
		return err
	}
	_, err := io.WriteString(stdout, siteconfig.Schema())
	return err
}

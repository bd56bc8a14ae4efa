package siteconfig

import _ "embed"

//go:embed schema.json
var schema string

// Schema is the JSON Schema (draft 2020-12) of a document with a built-in provider type. What it accepts has the
// right members of the right types; what they mean together only edgeauth.New can tell.
func Schema() string { return schema }

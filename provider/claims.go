package provider

import "iter"

// Claims is a JSON object that has been read strictly and indexed. It is read-only.
type Claims struct{ raw []byte }

// ParseClaims reads a JSON object.
func ParseClaims(raw []byte) (Claims, error) { panic("stub") }

// Raw is the object as it came. It must not be changed.
func (c Claims) Raw() []byte { return c.raw }

// Has reports whether there is such a member, null included.
func (c Claims) Has(name string) bool { panic("stub") }

// Text is a member that is a JSON string.
func (c Claims) Text(name string) (string, bool) { panic("stub") }

// Number is a member that is a JSON number, as Unix seconds and the like; fractions are cut.
func (c Claims) Number(name string) (int64, bool) { panic("stub") }

// Strings are the texts of an array of texts, or the one text of a string.
func (c Claims) Strings(name string) iter.Seq[string] { panic("stub") }

// Words are the same, with each text split at spaces.
func (c Claims) Words(name string) iter.Seq[string] { panic("stub") }

// Value is a member as encoding/json reads it, with numbers as json.Number; nil where there is none.
func (c Claims) Value(name string) any { panic("stub") }

package strictjson

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// read reads a document with one member of each type.
func read(doc string) (values []any, err error) {
	faults := NewFaults("the document")
	o := Parse([]byte(doc), 1000, faults)
	if o == nil {
		return nil, faults.Err()
	}
	child := o.Object("object")
	values = []any{
		o.String("string"), o.Bool("flag"), o.Strings("list"), o.Map("map"), o.Duration("time"),
		Choice(o, "choice", map[string]int{"one": 1, "two": 2}), child.String("inner"),
	}
	child.Close()
	for _, item := range o.Objects("objects") {
		item.NotEmpty("name", "list")
		values = append(values, item.String("name"), item.Strings("list"))
		item.Close()
	}
	o.Close()
	return values, faults.Err()
}

func TestEveryTypeIsRead(t *testing.T) {
	values, err := read(`{"string": "s", "flag": true, "list": ["a"], "map": {"k": "v"}, "time": "90m", "choice": "two",
		"object": {"inner": "i"}, "objects": [{"name": "n"}, {"list": ["b"]}]}`)
	require.NoError(t, err)
	require.Equal(t, []any{
		"s", true, []string{"a"}, map[string]string{"k": "v"}, 90 * time.Minute, 2, "i", "n", []string(nil), "", []string{"b"},
	}, values)
	values, err = read(`{}`)
	require.NoError(t, err)
	require.Equal(t, []any{"", false, []string(nil), map[string]string(nil), time.Duration(0), 0, ""}, values)
}

func TestAFaultNamesTheLineTheMemberAndTheRemedy(t *testing.T) {
	for doc, want := range map[string]string{
		`{`:                       `the document: line 1: this is not JSON`,
		"{\"a\":\n\n]":            `the document: line 3: this is not JSON`,
		`[]`:                      `the document: line 1: the document must be an object; it is a list`,
		"{\"string\": \"\xff\"}":  `the document: line 1: the document is not UTF-8`,
		strings.Repeat(" ", 1001): `the document: line 1: the document has 1001 bytes; at most 1000 are read`,
		strings.Repeat(`{"a":`, 20) + "1" + strings.Repeat("}", 20): `nested too deep`,
		"{\n\"strin\": 1}":                       `the document: line 2: strin: unknown member; did you mean "string"?`,
		`{"zebra": 1}`:                           `line 1: zebra: unknown member`,
		"{\"flag\": true,\n\"flag\": true}":      `line 2: flag: given twice, first on line 1; leave one`,
		`{"string": 7}`:                          `line 1: string: must be a text; it is a number`,
		`{"flag": "yes"}`:                        `line 1: flag: must be true or false; it is a text`,
		"{\"list\": [\"a\",\nnull]}":             `line 2: list[1]: must be a text; it is null`,
		`{"map": {"k": []}}`:                     `line 1: map.k: must be a text; it is a list`,
		`{"time": "1"}`:                          `line 1: time: "1" is no duration`,
		`{"choice": "three"}`:                    `line 1: choice: "three" is unknown; take "one" or "two"`,
		`{"object": true}`:                       `line 1: object: must be an object; it is true or false`,
		`{"object": {"outer": 1}}`:               `line 1: object.outer: unknown member`,
		"{\"objects\": [{},\n{\"name\": \"\"}]}": `line 2: objects[1].name: empty`,
	} {
		_, err := read(doc)
		require.ErrorContains(t, err, want, "%q", doc)
	}
}

func TestFaultsOfOthersKeepTheirPlaceAndTheirIdentity(t *testing.T) {
	faults := NewFaults("d")
	o := Parse([]byte("{\n\"a\":\n{\"list\":\n[1]}}"), 1000, faults)
	one, two := errors.New("one"), errors.New("two")
	o.Object("a").FaultSelf(errors.Join(one, two))
	o.Object("a").FaultAt("list", 3, one)
	o.FaultError("absent", two)
	require.EqualError(t, faults.Err(), "d: line 1: absent: two\nd: line 3: a: one\nd: line 3: a: two\nd: line 3: a.list[3]: one")
	require.ErrorIs(t, faults.Err(), one)
	require.ErrorIs(t, faults.Err(), two)
}

func TestLinesSayWhereEveryMemberStands(t *testing.T) {
	o := Parse([]byte("{\"a\": 1,\n\"b\": [\n2,\n{\"c\":\n{\"d\": 3}}]}"), 1000, NewFaults("d"))
	require.Equal(t, map[string]int{"a": 1, "b": 2, "b[0]": 3, "b[1]": 4, "b[1].c": 4}, o.Lines(3))
	require.Equal(t, map[string]int{"a": 1, "b": 2}, o.Lines(1))
	require.Empty(t, o.Object("none").Lines(3))
}

func FuzzParse(f *testing.F) {
	f.Add(`{"string": "s", "list": ["a"], "objects": [{"name": "n"}, null], "object": {"inner": {}}}`)
	f.Add("{\"a\": 1, \"a\": [\n]}")
	f.Fuzz(func(t *testing.T, doc string) {
		faults := NewFaults("d")
		o := Parse([]byte(doc), 1000, faults)
		if (o == nil) && faults.Err() == nil {
			t.Error("no object and no fault")
		}
		if o == nil {
			return
		}
		last := 1 + strings.Count(doc, "\n")
		for member, line := range o.Lines(3) {
			if line < 1 || line > last {
				t.Errorf("%q is on line %d of %d", member, line, last)
			}
		}
	})
}

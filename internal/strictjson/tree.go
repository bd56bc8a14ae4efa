package strictjson

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"
)

// node is a JSON value with its place in the document.
type node struct {
	kind    kind
	line    int
	raw     json.RawMessage
	text    string // of a string or a number
	yes     bool   // of true
	items   []*node
	members []member
}

type member struct {
	name string
	line int
	node *node
}

// kind names a type of JSON value as a sentence would.
type kind string

const (
	isObject kind = "an object"
	isList   kind = "a list"
	isString kind = "a text"
	isNumber kind = "a number"
	isFlag   kind = "true or false"
	isNull   kind = "null"
)

// maxDepth is more than any member needs; a key set inside a provider has depth 5.
const maxDepth = 16

var errDeep = errors.New("nested too deep")

// Parse reads a document of at most maxSize bytes that is an object. It returns nil where the document cannot be read,
// and then faults says why.
func Parse(doc []byte, maxSize int, faults *Faults) *Object {
	root := parse(doc, maxSize, faults)
	if root == nil {
		return nil
	}
	return &Object{faults: faults, node: root}
}

func parse(doc []byte, maxSize int, f *Faults) *node {
	if len(doc) > maxSize {
		f.add(1, "", "the document has %d bytes; at most %d are read", len(doc), maxSize)
		return nil
	}
	var syntax *json.SyntaxError
	switch err := json.Unmarshal(doc, new(json.RawMessage)); {
	case !utf8.Valid(doc):
		f.add(1, "", "the document is not UTF-8; save it as UTF-8")
		return nil
	case errors.As(err, &syntax):
		f.add(lineAt(doc, syntax.Offset), "", "this is not JSON: %w", err)
		return nil
	}
	t := treeReader{doc: doc, dec: json.NewDecoder(bytes.NewReader(doc)), faults: f, counted: 1}
	t.dec.UseNumber()
	root, err := t.value("", 0)
	switch {
	case err != nil:
		f.add(t.line(), "", "%w", err)
		return nil
	case root.kind != isObject:
		f.add(root.line, "", "the document must be an object; it is %s", root.kind)
		return nil
	}
	return root
}

func lineAt(doc []byte, offset int64) int {
	return 1 + bytes.Count(doc[:min(int(offset), len(doc))], []byte("\n"))
}

type treeReader struct {
	doc     []byte
	dec     *json.Decoder
	faults  *Faults
	counted int   // the line at
	upTo    int64 // this offset
}

// line is where the last token ended. It counts only the lines since it was last asked.
func (t *treeReader) line() int {
	next := t.dec.InputOffset()
	t.counted += bytes.Count(t.doc[t.upTo:next], []byte("\n"))
	t.upTo = next
	return t.counted
}

func (t *treeReader) value(path string, depth int) (*node, error) {
	token, err := t.dec.Token()
	if err != nil {
		return nil, err
	}
	if depth > maxDepth {
		return nil, errDeep
	}
	n := &node{line: t.line()}
	start := t.dec.InputOffset() - 1
	switch token := token.(type) {
	case json.Delim:
		if token == '{' {
			n.kind, err = isObject, t.object(n, path, depth)
		} else {
			n.kind, err = isList, t.list(n, path, depth)
		}
		n.raw = t.doc[start:t.dec.InputOffset()]
	case string:
		n.kind, n.text = isString, token
	case json.Number:
		n.kind, n.text = isNumber, token.String()
	case bool:
		n.kind, n.yes = isFlag, token
	default:
		n.kind = isNull
	}
	return n, err
}

func (t *treeReader) object(n *node, path string, depth int) error {
	seen := map[string]int{}
	for t.dec.More() {
		token, err := t.dec.Token()
		if err != nil {
			return err
		}
		name, line := token.(string), t.line()
		child, err := t.value(Join(path, name), depth+1)
		if err != nil {
			return err
		}
		if first, twice := seen[name]; twice {
			t.faults.add(line, Join(path, name), "given twice, first on line %d; leave one", first)
			continue
		}
		seen[name] = line
		n.members = append(n.members, member{name, line, child})
	}
	_, err := t.dec.Token()
	return err
}

func (t *treeReader) list(n *node, path string, depth int) error {
	for t.dec.More() {
		item, err := t.value(At(path, len(n.items)), depth+1)
		if err != nil {
			return err
		}
		n.items = append(n.items, item)
	}
	_, err := t.dec.Token()
	return err
}

// Join is the path of a member of the object at path.
func Join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// At is the path of an item of the list at path.
func At(path string, i int) string { return fmt.Sprintf("%s[%d]", path, i) }

package strictjson

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Object reads the members of one JSON object. A member that is asked for is known; [Object.Close] reports all others.
// Where the document has no such object every member is absent.
type Object struct {
	faults *Faults
	path   string
	node   *node // nil where the document has no such object
	known  []string
}

// Exists reports whether the document has this object.
func (o *Object) Exists() bool { return o.node != nil }

// Raw is the object as it is written.
func (o *Object) Raw() json.RawMessage { return o.node.raw }

// Has reports whether the object has a member, of whatever type.
func (o *Object) Has(name string) bool {
	_, ok := o.member(name)
	return ok
}

// Filled reports whether a member is a string that is not empty.
func (o *Object) Filled(name string) bool {
	m, ok := o.member(name)
	return ok && m.node.kind == isString && m.node.text != ""
}

func (o *Object) member(name string) (member, bool) {
	if o.node == nil {
		return member{}, false
	}
	i := slices.IndexFunc(o.node.members, func(m member) bool { return m.name == name })
	if i < 0 {
		return member{}, false
	}
	return o.node.members[i], true
}

// get returns a member of the kind wanted, or nil where it is absent or, which is a fault, of another kind.
func (o *Object) get(name string, want kind, example string) *node {
	o.known = append(o.known, name)
	m, ok := o.member(name)
	if !ok || !o.is(m.node, Join(o.path, name), want, example) {
		return nil
	}
	return m.node
}

// is reports whether n is of the kind wanted. The value seen is not shown: it may be a secret in a wrong place.
func (o *Object) is(n *node, path string, want kind, example string) bool {
	if n.kind == want {
		return true
	}
	if example != "" {
		example = ", such as " + example
	}
	o.faults.add(n.line, path, "must be %s%s; it is %s", want, example, n.kind)
	return false
}

// Fault reports what is wrong with a member. An absent member is reported where its object begins.
func (o *Object) Fault(name, format string, args ...any) {
	o.FaultError(name, fmt.Errorf(format, args...))
}

// FaultError reports err, or each of the errors that it joins, as faults of a member.
func (o *Object) FaultError(name string, err error) {
	line := o.node.line
	if m, ok := o.member(name); ok {
		line = m.line
	}
	o.faults.addError(line, Join(o.path, name), err)
}

// FaultAt reports err as a fault of the list item i of a member.
func (o *Object) FaultAt(name string, i int, err error) {
	m, _ := o.member(name)
	o.faults.addError(m.line, At(Join(o.path, name), i), err)
}

// FaultSelf reports err, or each of the errors that it joins, as faults of the object.
func (o *Object) FaultSelf(err error) { o.faults.addError(o.node.line, o.path, err) }

// String reads a string. An absent one is "".
func (o *Object) String(name string) string {
	value, _ := o.StringLike(name, "")
	return value
}

// StringLike reads a string, and shows example to whoever has written something else. It reports whether there is a
// string.
func (o *Object) StringLike(name, example string) (value string, ok bool) {
	n := o.get(name, isString, example)
	if n == nil {
		return "", false
	}
	return n.text, true
}

// Bool reads true or false. An absent one is false.
func (o *Object) Bool(name string) bool {
	n := o.get(name, isFlag, "")
	return n != nil && n.yes
}

// Strings reads a list of strings. An absent one is nil, an empty one is not.
func (o *Object) Strings(name string) []string {
	n := o.get(name, isList, `["…"]`)
	if n == nil {
		return nil
	}
	list := []string{}
	for i, item := range n.items {
		if o.is(item, At(Join(o.path, name), i), isString, "") {
			list = append(list, item.text)
		}
	}
	return list
}

// Map reads an object whose members are strings, whatever their names. An absent one is nil.
func (o *Object) Map(name string) map[string]string {
	child := o.Object(name)
	if child.node == nil {
		return nil
	}
	pairs := map[string]string{}
	for _, m := range child.node.members {
		if o.is(m.node, Join(child.path, m.name), isString, "") {
			pairs[m.name] = m.node.text
		}
	}
	return pairs
}

// Lists reads an object whose members are lists of strings, whatever their names. An absent one is nil.
func (o *Object) Lists(name string) map[string][]string {
	child := o.Object(name)
	if child.node == nil {
		return nil
	}
	lists := map[string][]string{}
	for _, m := range child.node.members {
		lists[m.name] = child.Strings(m.name)
	}
	return lists
}

// Duration reads a duration as time.ParseDuration does; it cannot be negative. An absent one is 0, and so is "".
func (o *Object) Duration(name string) time.Duration {
	text, _ := o.StringLike(name, `"12h" or "90m"`)
	if text == "" {
		return 0
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 {
		o.Fault(name, `%q is no duration; write it as "12h", "90m" or "1h30m"`, text)
	}
	return d
}

// Choice reads a string that is one of a few. An absent one is the zero value, and so is "".
func Choice[T any](o *Object, name string, values map[string]T) (value T) {
	text := o.String(name)
	if text == "" {
		return value
	}
	value, ok := values[text]
	if !ok {
		o.Unknown(name, text, slices.Sorted(maps.Keys(values)))
	}
	return value
}

// Unknown reports that a member has none of the values that are known.
func (o *Object) Unknown(name, seen string, known []string) {
	o.Fault(name, "%q is unknown; take %s%s", seen, alternatives(known), didYouMean(seen, known))
}

// Object reads a member that is an object.
func (o *Object) Object(name string) *Object { return o.ObjectLike(name, "") }

// ObjectLike reads a member that is an object, and shows example to whoever has written something else.
func (o *Object) ObjectLike(name, example string) *Object {
	return &Object{faults: o.faults, path: Join(o.path, name), node: o.get(name, isObject, example)}
}

// Objects reads a list of objects.
func (o *Object) Objects(name string) []*Object {
	n := o.get(name, isList, "")
	if n == nil {
		return nil
	}
	var children []*Object
	for i, item := range n.items {
		path := At(Join(o.path, name), i)
		if o.is(item, path, isObject, "") {
			children = append(children, &Object{faults: o.faults, path: path, node: item})
		}
	}
	return children
}

// NotEmpty reports members that are there and hold nothing.
func (o *Object) NotEmpty(names ...string) {
	for _, m := range o.node.members {
		filled := len(m.node.items)+len(m.node.members)+len(m.node.text) > 0 || m.node.kind == isFlag
		if slices.Contains(names, m.name) && !filled {
			o.Fault(m.name, "empty; leave it out or fill it")
		}
	}
}

// Close reports every member that nobody has asked for.
func (o *Object) Close() {
	if o.node == nil {
		return
	}
	for _, m := range o.node.members {
		if !slices.Contains(o.known, m.name) && !o.faults.full() {
			o.faults.add(m.line, Join(o.path, m.name), "unknown member%s", didYouMean(m.name, o.known))
		}
	}
}

// alternatives writes names as a sentence does: "a", "b" or "c".
func alternatives(names []string) string {
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = fmt.Sprintf("%q", name)
	}
	if last := len(quoted) - 1; last > 0 {
		return strings.Join(quoted[:last], ", ") + " or " + quoted[last]
	}
	return strings.Join(quoted, "")
}

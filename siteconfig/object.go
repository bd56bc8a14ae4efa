package siteconfig

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// object reads the members of one JSON object. A member that is asked for is known; close reports all others.
type object struct {
	faults *faults
	path   string
	node   *node // nil where there is none: every member is then absent
	known  []string
}

// get returns a member of the kind wanted, or nil where it is absent or, which is a fault, of another kind.
func (o *object) get(name string, want kind, example string) *node {
	o.known = append(o.known, name)
	if o.node == nil {
		return nil
	}
	for _, m := range o.node.members {
		if m.name == name && o.is(m.node, join(o.path, name), want, example) {
			return m.node
		}
	}
	return nil
}

// is reports whether n is of the kind wanted. The value seen is not shown: it may be a secret in a wrong place.
func (o *object) is(n *node, path string, want kind, example string) bool {
	if n.kind == want {
		return true
	}
	if example != "" {
		example = ", such as " + example
	}
	o.faults.add(n.line, path, "must be %s%s; it is %s", want, example, n.kind)
	return false
}

func (o *object) has(name string) bool {
	return o.node != nil && slices.ContainsFunc(o.node.members, func(m member) bool { return m.name == name })
}

// filled reports whether a member is there and is a text that says something.
func (o *object) filled(name string) bool {
	return o.node != nil && slices.ContainsFunc(o.node.members, func(m member) bool { return m.name == name && m.node.text != "" })
}

// line is where a member is, for faults that are found later; an absent one is where it should be.
func (o *object) line(name string) int {
	for _, m := range o.node.members {
		if m.name == name {
			return m.line
		}
	}
	return o.node.line
}

func (o *object) fault(name, format string, args ...any) {
	o.faults.add(o.line(name), join(o.path, name), format, args...)
}

func (o *object) text(name string) string {
	if n := o.get(name, isText, ""); n != nil {
		return n.text
	}
	return ""
}

func (o *object) flag(name string) bool {
	n := o.get(name, isFlag, "")
	return n != nil && n.yes
}

func (o *object) texts(name string) []string {
	n := o.get(name, isList, `["…"]`)
	if n == nil {
		return nil
	}
	list := []string{}
	for i, item := range n.items {
		if o.is(item, at(join(o.path, name), i), isText, "") {
			list = append(list, item.text)
		}
	}
	return list
}

// full reports a member that is there and empty: a rule that lists nothing would ask for nothing.
func (o *object) full(names ...string) {
	for _, m := range o.node.members {
		filled := len(m.node.items)+len(m.node.members)+len(m.node.text) > 0 || m.node.kind == isFlag
		if slices.Contains(names, m.name) && !filled {
			o.fault(m.name, "empty; leave it out or fill it")
		}
	}
}

// pairs reads an object whose members are texts.
func (o *object) pairs(name string) map[string]string {
	child := o.child(name)
	if child.node == nil {
		return nil
	}
	pairs := map[string]string{}
	for _, m := range child.node.members {
		if o.is(m.node, join(child.path, m.name), isText, "") {
			pairs[m.name] = m.node.text
		}
	}
	return pairs
}

func (o *object) duration(name string) time.Duration {
	n := o.get(name, isText, `"12h" or "90m"`)
	if n == nil || n.text == "" {
		return 0
	}
	d, err := time.ParseDuration(n.text)
	if err != nil || d < 0 {
		o.fault(name, `%q is no duration; write it as "12h", "90m" or "1h30m"`, n.text)
	}
	return d
}

// choice reads a text that is one of a few. The empty text and an absent member are the zero value.
func choice[T any](o *object, name string, values map[string]T) (value T) {
	text := o.text(name)
	if text == "" {
		return value
	}
	value, ok := values[text]
	if !ok {
		names := slices.Sorted(maps.Keys(values))
		o.fault(name, "%q is unknown; take %s%s", text, list(names), didYouMean(text, names))
	}
	return value
}

func (o *object) child(name string) *object {
	return &object{faults: o.faults, path: join(o.path, name), node: o.get(name, isObject, "")}
}

func (o *object) children(name string) []*object {
	n := o.get(name, isList, "")
	if n == nil {
		return nil
	}
	var children []*object
	for i, item := range n.items {
		path := at(join(o.path, name), i)
		if o.is(item, path, isObject, "") {
			children = append(children, &object{faults: o.faults, path: path, node: item})
		}
	}
	return children
}

// close reports every member that nobody asked for.
func (o *object) close() {
	if o.node == nil {
		return
	}
	for _, m := range o.node.members {
		if !slices.Contains(o.known, m.name) && !o.faults.enough() {
			o.faults.add(m.line, join(o.path, m.name), "unknown member%s", didYouMean(m.name, o.known))
		}
	}
}

// list writes names as a sentence would: "a", "b" or "c".
func list(names []string) string {
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = fmt.Sprintf("%q", name)
	}
	if last := len(quoted) - 1; last > 0 {
		return strings.Join(quoted[:last], ", ") + " or " + quoted[last]
	}
	return strings.Join(quoted, "")
}

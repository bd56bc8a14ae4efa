package strictjson

// Lines says on which line each member and list item stands, by its path, such as "rules[2].groups". It does not look
// into what is nested deeper than depth.
func (o *Object) Lines(depth int) map[string]int {
	lines := map[string]int{}
	if o.node != nil {
		o.node.lines(o.path, depth, lines)
	}
	return lines
}

func (n *node) lines(path string, depth int, lines map[string]int) {
	if depth == 0 {
		return
	}
	for _, m := range n.members {
		lines[Join(path, m.name)] = m.line
		m.node.lines(Join(path, m.name), depth-1, lines)
	}
	for i, item := range n.items {
		lines[At(path, i)] = item.line
		item.lines(At(path, i), depth-1, lines)
	}
}

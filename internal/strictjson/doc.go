// Package strictjson reads a JSON document that people write: every member has to be known, of the right type and given
// once. Each fault names the document, the line, the member and what to do about it, and all faults are reported
// together.
//
//	faults := strictjson.NewFaults(`site "app"`)
//	if o := strictjson.Parse(doc, maxSize, faults); o != nil {
//		name, hosts := o.String("name"), o.Strings("hosts")
//		o.Close() // reports the members that nobody has asked for
//	}
//	return faults.Err()
//
// It reads a whole document into a tree, which is right for configuration and wrong for tokens: those have readers of
// their own, see docs/decisions.
package strictjson

package address

import (
	_ "embed"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// Wide is a clean path in the form that all ways of writing it share: what any server that we know of reads as one path
// has one wide form. It begins with a slash, or is "" for the root, and does not end with one. Where the path is plain
// it is returned as it is.
func Wide(path string) string {
	path = strings.TrimSuffix(path, "/")
	if plain(path) {
		return path
	}
	var b strings.Builder
	for segment := range strings.SplitSeq(fold(path), "/") {
		if strings.Contains(segment, ":$") { // NTFS: /admin::$DATA is /admin, /admin:$I30:$INDEX_ALLOCATION/ is /admin/
			segment, _, _ = strings.Cut(segment, ":")
		}
		segment, _, _ = strings.Cut(segment, ";") // one that was no ASCII sign: with the others no path is clean
		// Windows ignores dots and spaces at the end, and databases pad with spaces.
		segment = strings.TrimRight(strings.TrimLeft(segment, " "), " .")
		if segment != "" {
			b.WriteByte('/')
			b.WriteString(segment)
		}
	}
	return b.String()
}

// plain reports whether a path without a slash at its end is its own wide form, as nearly every path is.
func plain(path string) bool {
	for i := 0; i < len(path); i++ {
		switch c := path[i]; {
		case c >= utf8.RuneSelf || c >= 'A' && c <= 'Z' || c == ' ' || c == '$':
			return false
		case c == '.' && (i+1 == len(path) || path[i+1] == '/'):
			return false
		}
	}
	return true
}

// folds.txt has a line for each text that others are read as, and the others: letters with marks as the letter alone,
// as in decomposed file names (Unicode, canonical decomposition) and databases that look for letters only; letters of
// two letters (full case folding); and what Windows takes for an ASCII sign where a program asks for one.
//
//go:embed folds.txt
var foldLines string

var folds = sync.OnceValue(func() map[rune]string {
	table := make(map[rune]string)
	for line := range strings.Lines(foldLines) {
		base, variants, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		base = strings.Map(oneCase, base)
		for _, r := range variants {
			table[r] = base
		}
	}
	return table
})

// oneCase is the one of a letter's cases that is compared.
func oneCase(r rune) rune {
	if r < utf8.RuneSelf {
		return unicode.ToLower(r)
	}
	least := r
	for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
		if f < least && !unicode.Is(unicode.M, f) { // a Greek mark counts as an iota
			least = f
		}
	}
	if least < utf8.RuneSelf { // the Kelvin sign is a k
		return unicode.ToLower(least)
	}
	return least
}

// fold takes case, marks, invisible signs and the width of letters out of a text.
func fold(text string) string {
	var b strings.Builder
	b.Grow(len(text))
	for _, r := range text {
		switch {
		case r < utf8.RuneSelf:
			b.WriteRune(oneCase(r))
		case unicode.In(r, unicode.Z, unicode.Cc):
			b.WriteByte(' ')
		case unicode.In(r, unicode.M, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point):
			// HFS+ ignores what cannot be seen; marks stand alone in decomposed names.
		case r >= hangul && r < hangul+19*21*28: // Unicode, 3.12: a syllable is its two or three letters
			i := r - hangul
			b.WriteRune(0x1100 + i/(21*28))
			b.WriteRune(0x1161 + i%(21*28)/28)
			if i%28 != 0 {
				b.WriteRune(0x11A7 + i%28)
			}
		default:
			table := folds()
			if base, ok := table[r]; ok {
				b.WriteString(base)
			} else if base, ok := table[unicode.ToLower(r)]; ok {
				b.WriteString(base)
			} else {
				b.WriteRune(oneCase(r))
			}
		}
	}
	return b.String()
}

const hangul = 0xAC00

// misread reports whether some server would read another path than a decoded one says: one with dot segments, one that
// is still to be decoded, or another file by its short name.
func misread(path string) bool {
	path = fold(path)
	for rest := path; ; {
		var found bool
		if _, rest, found = strings.Cut(rest, "%"); !found {
			break
		}
		if octets := strings.TrimPrefix(rest, "u"); len(octets) > 1 && isHex(octets[0]) && isHex(octets[1]) {
			return true // what is encoded twice; IIS decodes %u0061 too
		}
	}
	for rest := path; ; {
		var found bool
		if _, rest, found = strings.Cut(rest, "("); !found {
			break
		}
		if len(rest) > 1 && rest[1] == '(' && strings.Contains(rest, "))") {
			return true // ASP.NET takes (S(…)) out, wherever it stands: it may be a session without a cookie
		}
	}
	for segment := range strings.SplitSeq(path, "/") {
		if shortName(segment) {
			return true
		}
		if dots := strings.ReplaceAll(segment, " ", ""); len(segment) > 0 && strings.Trim(dots, ".") == "" && (dots != segment || len(dots) < 3) {
			return true // Windows takes "..  " for ".."
		}
	}
	return false
}

// shortName reports whether a segment looks like the short name that Windows gives to a file beside its own, such as
// ADMINI~1 or SECRET~1.HTM.
func shortName(segment string) bool {
	name, extension, _ := strings.Cut(segment, ".")
	before, number, found := strings.Cut(name, "~")
	return found && before != "" && number != "" && len(name) <= 8 && len(extension) <= 3 && strings.Trim(number, "0123456789") == ""
}

// Place is a path that is restricted, with everything that a server may give in its name.
type Place struct {
	form   string // the wide form of the path
	file   bool   // the path was written without a slash at its end
	folder string // of which the file is the index
	index  bool
}

// NewPlace is the place of a rule's path.
func NewPlace(path string) Place {
	p := Place{form: Wide(path), file: !strings.HasSuffix(path, "/")}
	slash := strings.LastIndexByte(p.form, '/')
	if name, _, found := strings.Cut(p.form[slash+1:], "."); found && p.file {
		switch name {
		case "index", "default", "iisstart":
			p.folder, p.index = p.form[:slash], true
		}
	}
	return p
}

// Holds reports whether a path, in its wide form, may be read as the place itself or as something below it.
func (p Place) Holds(form string) bool {
	for i := 0; i < len(form); i++ {
		if form[i] == '/' && (i == 0 || script(form[:i])) && (p.holdsAll(form[i:]) || p.index && form[i:] == p.folder) {
			return true
		}
	}
	return form == "" && (p.form == "" || p.index && p.folder == "")
}

// script reports whether a path ends with the name of a program, which may get what follows for its path:
// /index.php/admin is /admin to Symfony.
func script(path string) bool {
	switch path[strings.LastIndexAny(path, "./")+1:] {
	case "php", "cgi", "fcgi", "pl", "py", "cfm", "asp", "aspx", "ashx":
		return true
	}
	return false
}

// HoldsAll reports whether the place holds another place with all that is below that.
func (p Place) HoldsAll(other Place) bool { return p.holdsAll(other.form) }

// holdsAll compares with and without an extension: Rails and Spring serve /admin as /admin.json, Express hands /admin.x/y
// to what is mounted at /admin, and Apache serves /admin/x by the file admin.php.
func (p Place) holdsAll(form string) bool {
	n := 0
	for n < len(form) && n < len(p.form) && form[n] == p.form[n] {
		n++
	}
	switch rest := p.form[n:]; {
	case rest == "":
		return n == len(form) || strings.IndexByte("/.:;?#", form[n]) >= 0
	case p.file && rest[0] == '.' && n > 0 && form[n-1] != '/' && !strings.Contains(rest, "/"):
		return n == len(form) || form[n] == '/'
	}
	return false
}

// Within reports whether the place, as written but for its case and the like, is the other or lies below it.
func (p Place) Within(other Place) bool {
	rest, found := strings.CutPrefix(p.form, other.form)
	return found && (other.file && p.file && rest == "" || !other.file && (rest == "" || rest[0] == '/'))
}

package page

import (
	"slices"
	"strconv"
	"strings"
)

// wording is one language.
type wording struct {
	language  string // RFC 5646
	texts     [subjects]text
	labels    [labels]string
	signedIn  string // stands before the account
	reference string // stands before the reference
	contact   string // stands before whom to ask
}

type text struct{ title, text string }

// wordings are all languages. English is the first: it is spoken where none of them is asked for.
var wordings = []*wording{&english, &german, &french, &spanish, &portuguese, &japanese}

// Languages are the languages that there are texts in.
func Languages() []string {
	var names []string
	for _, w := range wordings {
		names = append(names, w.language)
	}
	return names
}

func wordingOf(language string) *wording {
	for _, w := range wordings {
		if w.language == language {
			return w
		}
	}
	return nil
}

// choose returns the offered language that an Accept-Language header prefers, by its first subtag: "pt-BR" gets "pt"
// (RFC 9110, 12.5.4; RFC 4647, 3.4). The first one offered is for everybody else.
func choose(accept string, offered []*wording) *wording {
	best, weight := offered[0], 0.0
	for range maxLanguages {
		var entry string
		entry, accept, _ = strings.Cut(accept, ",")
		tag, parameter, _ := strings.Cut(entry, ";")
		q := 1.0
		if value, ok := strings.CutPrefix(strings.ReplaceAll(parameter, " ", ""), "q="); ok {
			q, _ = strconv.ParseFloat(value, 64) // what is no number is 0, and not wanted
		}
		primary, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(tag)), "-")
		i := slices.IndexFunc(offered, func(w *wording) bool { return w.language == primary })
		if i >= 0 && q > weight {
			best, weight = offered[i], q
		}
		if accept == "" {
			break
		}
	}
	return best
}

// maxLanguages bounds what a header of any length costs. Browsers send up to ten.
const maxLanguages = 32

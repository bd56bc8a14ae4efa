package cookies

import (
	"slices"
	"strconv"
	"strings"
)

const (
	// chunkSize keeps a cookie's name and value together below the 4096 bytes that browsers keep (RFC 6265bis, 5.6).
	chunkSize = 3800
	// MaxSize is the most bytes that one value may have: CloudFront passes 20 KB of headers.
	MaxSize = 16 << 10
	// MaxChunks is the most cookies that one value may take.
	MaxChunks = MaxSize/chunkSize + 1
)

// ChunkName is the name of the i-th cookie of a value.
func ChunkName(name string, i int) string {
	if i == 0 {
		return name
	}
	return name + "-" + strconv.Itoa(i)
}

// Split spreads a value over cookies. The first of several starts with their number.
func Split(value string) (chunks []string) {
	n := max(1, (len(value)+chunkSize-1)/chunkSize)
	for i := range n {
		chunks = append(chunks, value[i*chunkSize:min((i+1)*chunkSize, len(value))])
	}
	if n > 1 {
		chunks[0] = "~" + strconv.Itoa(n) + "~" + chunks[0]
	}
	return chunks
}

// Whole reads a value that may be spread over several cookies: the first one then starts with their number. Only
// the first cookie of a name counts, because browsers send a name twice only where somebody else planted one, and a
// planted one fails at the seal.
func Whole(lines []string, name string) (string, bool) {
	first, ok := First(lines, name)
	if !ok || first == "" {
		return "", false
	}
	if first[0] != '~' {
		return first, true
	}
	count, data, ok := strings.Cut(first[1:], "~")
	n, err := strconv.Atoi(count)
	if !ok || err != nil || n < 2 || n > MaxChunks {
		return "", false
	}
	parts := make([]string, n)
	parts[0] = data
	found := 1
	for name2, value := range All(lines) {
		suffix, ok := strings.CutPrefix(name2, name+"-")
		if !ok {
			continue
		}
		if i, _ := strconv.Atoi(suffix); i > 0 && i < n && suffix == strconv.Itoa(i) && parts[i] == "" && value != "" {
			parts[i] = value
			found++
		}
	}
	if found != n {
		return "", false
	}
	return strings.Join(parts, ""), true
}

const (
	maxTries  = 64 // values that are made of them
	maxJoined = 16 // of these, values of several cookies, each a long text of its own; and later chunks of one name
)

// Others returns every value that cookies of one name can make where they come more than once, up to a bound. The one
// that Whole returns is among them.
func Others(lines []string, name string) (values []string) {
	var twins [MaxChunks][]string
	for i := range twins {
		chunk, most := ChunkName(name, i), maxJoined
		if i == 0 {
			most = maxTries
		}
		for n, value := range All(lines) {
			if n == chunk && value != "" && len(twins[i]) < most {
				twins[i] = append(twins[i], value)
			}
		}
	}
	joined := 0
	for _, first := range twins[0] {
		if first[0] != '~' {
			values = append(values, first)
			continue
		}
		count, data, _ := strings.Cut(first[1:], "~")
		n, _ := strconv.Atoi(count)
		if n < 2 || n > MaxChunks || joined >= maxJoined || slices.ContainsFunc(twins[1:n], func(chunks []string) bool { return chunks == nil }) {
			continue
		}
		begun := []string{data}
		for _, chunks := range twins[1:n] {
			var longer []string
			for _, text := range begun {
				for _, chunk := range chunks[:min(len(chunks), maxJoined-joined-len(longer))] {
					if len(text)+len(chunk) <= MaxSize {
						longer = append(longer, text+chunk)
					}
				}
			}
			begun = longer
		}
		joined += len(begun)
		values = append(values, begun...)
	}
	return values[:min(len(values), maxTries)]
}

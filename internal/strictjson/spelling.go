package strictjson

import (
	"fmt"
	"strings"
)

// didYouMean ends a sentence with the known name that is closest to the one seen, where one is close.
func didYouMean(seen string, known []string) string {
	best, name := 1+max(1, len(seen)/3), ""
	for _, k := range known {
		if d := distance(plain(seen), plain(k)); d < best {
			best, name = d, k
		}
	}
	if name == "" {
		return ""
	}
	return fmt.Sprintf("; did you mean %q?", name)
}

// plain takes away what differs between camelCase, kebab-case and snake_case.
func plain(name string) string {
	return strings.NewReplacer("_", "", "-", "").Replace(strings.ToLower(name))
}

// distance is the number of bytes to insert, drop or replace to turn a into b (Levenshtein).
func distance(a, b string) int {
	if len(a) > 64 { // no known name is as long
		return len(a)
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

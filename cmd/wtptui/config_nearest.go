package main

import "strings"

// didYouMean returns the end of a message about an unknown word: it suggests the nearest known word, or tells how to
// list all.
func didYouMean(word string, known []string) string {
	if suggestion, near := nearest(word, known); near {
		return ": did you mean " + suggestion + "?"
	}
	return ": `wtptui config show` lists all"
}

// nearest returns the known word that is most similar, and reports whether it is similar enough to be suggested.
func nearest(word string, known []string) (best string, near bool) {
	distance := len(word)
	plain := normalizeKey(word)
	for _, k := range known {
		if d := editDistance(plain, normalizeKey(k)); d < distance {
			best, distance = k, d
		}
	}
	// A third of the letters may differ: beyond that, a suggestion misleads.
	return best, best != "" && distance <= max(1, len(word)/3)
}

// normalizeKey removes what people confuse: cache_ttl, cacheTTL and Cache-TTL all stand for cache-ttl.
func normalizeKey(s string) string {
	return strings.NewReplacer("-", "", "_", "", ".", "", " ", "").Replace(strings.ToLower(s))
}

// editDistance returns the number of letters that have to be added, removed, replaced or swapped with their neighbour
// to turn a into b (Damerau–Levenshtein). Long words are cut, since they are never similar enough.
func editDistance(a, b string) int {
	const maxLength = 64
	a, b = a[:min(len(a), maxLength)], b[:min(len(b), maxLength)]
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			substitution := rows[i-1][j-1]
			if a[i-1] != b[j-1] {
				substitution++
			}
			rows[i][j] = min(substitution, rows[i-1][j]+1, rows[i][j-1]+1)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(a)][len(b)]
}

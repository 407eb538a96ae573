package main

import "strings"

// didYouMean ends a message about a word that is not known: it names the nearest one, or all of them where none is
// near.
func didYouMean(word string, known []string) string {
	if meant, near := nearest(word, known); near {
		return ": did you mean " + meant + "?"
	}
	return ": `wtptui config show` lists all"
}

// nearest returns the known word that is most like another one, and whether that is near.
func nearest(word string, known []string) (best string, near bool) {
	distance := len(word)
	plain := normalizeKey(word)
	for _, k := range known {
		if d := editDistance(plain, normalizeKey(k)); d < distance {
			best, distance = k, d
		}
	}
	// A third of the letters may be wrong: beyond that, a guess misleads.
	return best, best != "" && distance <= max(1, len(word)/3)
}

// normalizeKey leaves out what people confuse: cache_ttl, cacheTTL and Cache-TTL are meant to be cache-ttl.
func normalizeKey(s string) string {
	return strings.NewReplacer("-", "", "_", "", ".", "", " ", "").Replace(strings.ToLower(s))
}

// editDistance is how many letters have to be added, left out, exchanged or swapped with their neighbour to make a of b
// (Damerau and Levenshtein). Long words are cut: they are no near miss.
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

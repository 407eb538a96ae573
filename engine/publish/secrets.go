package publish

import (
	"bytes"
	"regexp"
)

// secretShape is a kind of secret that can be told by its shape.
type secretShape struct {
	what string
	// anchors are texts one of which is in every secret of the kind: they are looked for first, since that is quick.
	anchors []string
	shape   *regexp.Regexp
}

// The shapes are those that their issuers document, so that a scanner can find them.
var secretShapes = []secretShape{
	// A documented header alone is no key: some lines of base64 have to follow. In JSON the line ends are escaped.
	{"a private key", []string{"PRIVATE KEY"}, regexp.MustCompile(`-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----(?:\s|\\n|\\r)+(?:[A-Za-z-]+: [^\n]*\s+)*[A-Za-z0-9+/=]{40,}`)},
	{"a private key of age", []string{"AGE-SECRET-KEY-1"}, regexp.MustCompile(`AGE-SECRET-KEY-1[0-9A-Z]{58}`)},
	{"an AWS access key", []string{"AKIA"}, regexp.MustCompile(`\bAKIA[0-9A-Z]{16}\b`)},
	{"an AWS access key", []string{"ASIA"}, regexp.MustCompile(`\bASIA[0-9A-Z]{16}\b`)},
	{"a GitHub token", []string{"ghp_", "gho_", "ghu_", "ghs_", "ghr_"}, regexp.MustCompile(`\bgh[pousr]_[A-Za-z0-9]{36,}\b`)},
	{"a GitHub token", []string{"github_pat_"}, regexp.MustCompile(`\bgithub_pat_[A-Za-z0-9_]{22,}\b`)},
	{"a GitLab token", []string{"glpat-"}, regexp.MustCompile(`\bglpat-[A-Za-z0-9_-]{20,}`)},
	{"a Slack token", []string{"xoxa-", "xoxb-", "xoxe-", "xoxo-", "xoxp-", "xoxr-", "xoxs-"}, regexp.MustCompile(`\bxox[abeoprs]-[A-Za-z0-9-]{10,}`)},
	{"a Slack webhook", []string{"hooks.slack.com"}, regexp.MustCompile(`hooks\.slack\.com/services/T[A-Z0-9]{6,}/B[A-Z0-9]{6,}/[A-Za-z0-9]{16,}`)},
	{"a Stripe key", []string{"sk_live_", "rk_live_"}, regexp.MustCompile(`\b[rs]k_live_[A-Za-z0-9]{20,}`)},
	{"an npm token", []string{"npm_"}, regexp.MustCompile(`\bnpm_[A-Za-z0-9]{36}\b`)},
	{"an npm token", []string{"_authToken"}, regexp.MustCompile(`_authToken\s*=\s*[A-Za-z0-9+/=_-]{16,}`)},
	{"a PyPI token", []string{"pypi-AgEI"}, regexp.MustCompile(`\bpypi-AgEI[A-Za-z0-9_-]{50,}`)},
	{"a SendGrid key", []string{"SG."}, regexp.MustCompile(`\bSG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}`)},
	{"an API key", []string{"sk-ant-", "sk-proj-", "sk-svcacct-"}, regexp.MustCompile(`\bsk-(?:ant|proj|svcacct)-[A-Za-z0-9_-]{20,}`)},
}

// anchor is one of the texts of secretShapes, and the place of its shape there.
type anchor struct {
	text  []byte
	shape int
}

// anchors are all anchors by the pair of bytes that they begin with.
var anchors = listAnchors()

type anchorList struct {
	byPair map[uint16][]anchor
	// pairs has a bit for each pair. One pass over a text finds all anchors with it; it is small enough for the processor's
	// cache.
	pairs [1 << 16 / 64]uint64
}

func listAnchors() *anchorList {
	l := &anchorList{byPair: map[uint16][]anchor{}}
	for i, s := range secretShapes {
		for _, text := range s.anchors {
			pair := uint16(text[0])<<8 | uint16(text[1])
			l.byPair[pair] = append(l.byPair[pair], anchor{[]byte(text), i})
			l.pairs[pair/64] |= 1 << (pair % 64)
		}
	}
	return l
}

// example ends the key that AWS uses in its manuals.
var example = []byte("EXAMPLE")

// findSecret says what kind of secret a text holds, or nothing.
func findSecret(text []byte) string {
	possible := findAnchors(text)
	for i, s := range secretShapes {
		if possible&(1<<i) == 0 {
			continue
		}
		for _, match := range s.shape.FindAll(text, 20) {
			if !bytes.HasSuffix(match, example) {
				return s.what
			}
		}
	}
	return ""
}

// findAnchors returns which of secretShapes may be in a text, one bit each.
func findAnchors(text []byte) (possible uint32) {
	var pair uint16
	for i, b := range text {
		pair = pair<<8 | uint16(b)
		if anchors.pairs[pair/64]&(1<<(pair%64)) == 0 {
			continue
		}
		for _, a := range anchors.byPair[pair] {
			if i > 0 && bytes.HasPrefix(text[i-1:], a.text) {
				possible |= 1 << a.shape
			}
		}
	}
	return possible
}

package publish

import (
	"bytes"
	"regexp"
)

// secretShape is a kind of secret that can be told by its shape.
type secretShape struct {
	what string
	// anchor is in every secret of the kind: it is looked for first, since that is quick.
	anchor string
	shape  *regexp.Regexp
}

// The shapes are those that their issuers document, so that a scanner can find them.
var secretShapes = []secretShape{
	// A documented header alone is no key: some lines of base64 have to follow. In JSON the line ends are escaped.
	{"a private key", "PRIVATE KEY", regexp.MustCompile(`-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----(?:\s|\\n|\\r)+(?:[A-Za-z-]+: [^\n]*\s+)*[A-Za-z0-9+/=]{40,}`)},
	{"a private key of age", "AGE-SECRET-KEY-1", regexp.MustCompile(`AGE-SECRET-KEY-1[0-9A-Z]{58}`)},
	{"an AWS access key", "AKIA", regexp.MustCompile(`\bAKIA[0-9A-Z]{16}\b`)},
	{"an AWS access key", "ASIA", regexp.MustCompile(`\bASIA[0-9A-Z]{16}\b`)},
	{"a GitHub token", "gh", regexp.MustCompile(`\bgh[pousr]_[A-Za-z0-9]{36,}\b`)},
	{"a GitHub token", "github_pat_", regexp.MustCompile(`\bgithub_pat_[A-Za-z0-9_]{22,}\b`)},
	{"a GitLab token", "glpat-", regexp.MustCompile(`\bglpat-[A-Za-z0-9_-]{20,}`)},
	{"a Slack token", "xox", regexp.MustCompile(`\bxox[abeoprs]-[A-Za-z0-9-]{10,}`)},
	{"a Slack webhook", "hooks.slack.com", regexp.MustCompile(`hooks\.slack\.com/services/T[A-Z0-9]{6,}/B[A-Z0-9]{6,}/[A-Za-z0-9]{16,}`)},
	{"a Stripe key", "k_live_", regexp.MustCompile(`\b[rs]k_live_[A-Za-z0-9]{20,}`)},
	{"an npm token", "npm_", regexp.MustCompile(`\bnpm_[A-Za-z0-9]{36}\b`)},
	{"an npm token", "_authToken", regexp.MustCompile(`_authToken\s*=\s*[A-Za-z0-9+/=_-]{16,}`)},
	{"a PyPI token", "pypi-AgEI", regexp.MustCompile(`\bpypi-AgEI[A-Za-z0-9_-]{50,}`)},
	{"a SendGrid key", "SG.", regexp.MustCompile(`\bSG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}`)},
	{"an API key", "sk-", regexp.MustCompile(`\bsk-(?:ant|proj|svcacct)-[A-Za-z0-9_-]{20,}`)},
}

// example ends the key that AWS uses in its manuals.
var example = []byte("EXAMPLE")

// findSecret says what kind of secret a text holds, or nothing.
func findSecret(text []byte) string {
	for _, s := range secretShapes {
		if !bytes.Contains(text, []byte(s.anchor)) {
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

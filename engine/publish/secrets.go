package publish

import (
	"bytes"
	"regexp"
	"sync"
)

// secretShape is a kind of secret that is recognized by its shape.
type secretShape struct {
	what string
	// anchors are the possible beginnings of a secret of the kind, of at least 3 bytes. They are searched first, which
	// is quick.
	anchors []string
	// before is matched with what precedes the anchor, up to lookBack bytes. If it is nil, a word has to begin with the
	// anchor.
	before func() *regexp.Regexp
	// shape is matched with the text from the anchor on, up to lookAhead bytes.
	shape func() *regexp.Regexp
	// real reports whether a text of that shape is none that manuals and templates have; nil stands for isNoExample.
	real func(match []byte) bool
	role shapeRole
}

// lazyRegexp returns a regular expression that is compiled at its first use: only those who publish need any of them,
// and compiling all takes longer than most commands of the program.
func lazyRegexp(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}

// shapeRole says what a text of a shape means for the file that holds it.
type shapeRole int

const (
	// isSecret is what nobody else may have.
	isSecret shapeRole = iota
	// isVisible is a key that pages have to show to every visitor, and that is harmless if it is restricted.
	isVisible
	// isDump matches the beginning of a database dump, which is not a secret by itself.
	isDump
	// isSecretInDump is a secret in a file that is a dump. Elsewhere, a manual may show how it looks.
	isSecretInDump
)

var (
	anywhere  = lazyRegexp(`\z`)
	fileStart = lazyRegexp(`\A\z`)
	lineStart = lazyRegexp(`(?:\A|\n)\z`)
	// A file in an archive follows zeros.
	account    = lazyRegexp(`(?:\A|[\n\x00])[a-z_][a-z0-9_.-]{0,31}\z`)
	login      = lazyRegexp(`(?:\A|\n)[^\s:]{1,64}\z`)
	botNumber  = lazyRegexp(`(?:\A|[^0-9])[0-9]{8,10}\z`)
	tokenStart = lazyRegexp(`(?:\A|[^A-Za-z0-9])[A-Za-z0-9]{14}\z`)
	openAI     = lazyRegexp(`(?:\A|[^A-Za-z0-9])sk-[A-Za-z0-9_-]{20,80}\z`)
)

// The hashes of passwords that crypt(3) and similar functions make.
const (
	bcrypt   = `\$2[abxy]\$\d\d\$[./A-Za-z0-9]{53}`
	md5Crypt = `\$(?:apr)?1\$[./A-Za-z0-9]{1,8}\$[./A-Za-z0-9]{22}`
	shaCrypt = `\$[56]\$(?:rounds=\d+\$)?[./A-Za-z0-9]{1,16}\$[./A-Za-z0-9]{43,86}`
	yescrypt = `\$g?y\$[./A-Za-z0-9]+\$[./A-Za-z0-9]{1,86}\$[./A-Za-z0-9]{43}`
)

// The shapes are those that their issuers document for scanners. Secrets without a characteristic text, such as 32 hex
// digits, are not included: they would be found in every second file.
var secretShapes = []secretShape{
	{
		// A documented header alone is no key: some lines of base64 have to follow. In JSON the line ends are escaped.
		what: "a private key", anchors: []string{"-----BEGIN "}, before: anywhere, real: isAnything,
		shape: lazyRegexp(`^-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----(?:\s|\\n|\\r)+` +
			`(?:[A-Za-z-]+: [^\n]*\s+)*[A-Za-z0-9+/=]{40}`),
	},
	{
		what: "a private key of age", anchors: []string{"AGE-SECRET-KEY-1"}, before: anywhere,
		shape: lazyRegexp(`^AGE-SECRET-KEY-1[0-9A-Z]{58}`),
	},
	{
		what: "an AWS access key", anchors: []string{"AKIA", "ASIA"},
		shape: lazyRegexp(`^A[KS]IA[0-9A-Z]{16}\b`),
	},
	{
		what: "an AWS secret key", before: anywhere,
		anchors: []string{
			"aws_secret_access_key", "AWS_SECRET_ACCESS_KEY", "SecretAccessKey", "secretAccessKey", "secret_access_key",
			"aws_secret_key", "AWS_SECRET_KEY",
		},
		shape: lazyRegexp(`^[A-Za-z_]+["']?\s*(?:=>|[:=>])\s*["']?[A-Za-z0-9/+]{40}(?:[^A-Za-z0-9/+=]|\z)`),
	},
	{
		what: "a GitHub token", anchors: []string{"ghp_", "gho_", "ghu_", "ghs_", "ghr_"},
		shape: lazyRegexp(`^gh[pousr]_[A-Za-z0-9]{36,}\b`),
	},
	{
		what: "a GitHub token", anchors: []string{"github_pat_"},
		shape: lazyRegexp(`^github_pat_[A-Za-z0-9_]{22,}\b`),
	},
	{what: "a GitLab token", anchors: []string{"glpat-"}, shape: lazyRegexp(`^glpat-[A-Za-z0-9_-]{20,}`)},
	{
		what: "a Slack token", anchors: []string{"xoxa-", "xoxb-", "xoxe-", "xoxo-", "xoxp-", "xoxr-", "xoxs-"},
		shape: lazyRegexp(`^xox[abeoprs]-[A-Za-z0-9-]{10,}`),
	},
	{
		what: "a Slack webhook", anchors: []string{"hooks.slack.com/services/T"}, before: anywhere,
		shape: lazyRegexp(`^hooks\.slack\.com/services/T[A-Z0-9]{6,}/B[A-Z0-9]{6,}/[A-Za-z0-9]{16,}`),
	},
	{
		what: "a Discord webhook", anchors: []string{"/api/webhooks/"}, before: lazyRegexp(`discord(?:app)?\.com\z`),
		shape: lazyRegexp(`^/api/webhooks/[0-9]{17,20}/[A-Za-z0-9_-]{60,}`),
	},
	{
		what: "a Telegram bot's token", anchors: []string{":AA"}, before: botNumber,
		shape: lazyRegexp(`^:AA[A-Za-z0-9_-]{33}(?:[^A-Za-z0-9_-]|\z)`),
	},
	{
		what: "a Stripe key", anchors: []string{"sk_live_", "rk_live_"},
		shape: lazyRegexp(`^[rs]k_live_[A-Za-z0-9]{20,}`),
	},
	{
		what: "a Shopify token", anchors: []string{"shpat_", "shpca_", "shppa_", "shpss_"},
		shape: lazyRegexp(`^shp(?:at|ca|pa|ss)_[A-Fa-f0-9]{32}\b`),
	},
	{what: "an npm token", anchors: []string{"npm_"}, shape: lazyRegexp(`^npm_[A-Za-z0-9]{36}\b`)},
	{
		what: "an npm token", anchors: []string{"_authToken"}, before: anywhere,
		shape: lazyRegexp(`^_authToken\s*=\s*[A-Za-z0-9+/=_-]{16,}`),
	},
	{what: "a PyPI token", anchors: []string{"pypi-AgEI"}, shape: lazyRegexp(`^pypi-AgEI[A-Za-z0-9_-]{50,}`)},
	{
		what: "a Docker Hub token", anchors: []string{"dckr_pat_", "dckr_oat_"},
		shape: lazyRegexp(`^dckr_[po]at_[A-Za-z0-9_-]{27,}`),
	},
	{
		what: "a SendGrid key", anchors: []string{"SG."},
		shape: lazyRegexp(`^SG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}`),
	},
	{
		what: "an API key", anchors: []string{"sk-ant-", "sk-proj-", "sk-svcacct-"},
		shape: lazyRegexp(`^sk-(?:ant|proj|svcacct)-[A-Za-z0-9_-]{20,}`),
	},
	{
		// The mark in the middle is "OpenAI" in base64.
		what: "an API key", anchors: []string{"T3BlbkFJ"}, before: openAI,
		shape: lazyRegexp(`^T3BlbkFJ[A-Za-z0-9_-]{20,}`),
	},
	{what: "a Hugging Face token", anchors: []string{"hf_"}, shape: lazyRegexp(`^hf_[A-Za-z]{34}\b`)},
	{
		// Names of variables may end in hvs, and their fields may have long names.
		what: "a Vault token", anchors: []string{"hvs.", "hvb.", "hvr."}, real: isRandom,
		shape: lazyRegexp(`^hv[sbr]\.[A-Za-z0-9_-]{24,}`),
	},
	{
		what: "a Terraform token", anchors: []string{".atlasv1."}, before: tokenStart,
		shape: lazyRegexp(`^\.atlasv1\.[A-Za-z0-9_=-]{60,}`),
	},
	{
		what: "a DigitalOcean token", anchors: []string{"dop_v1_", "doo_v1_", "dor_v1_"},
		shape: lazyRegexp(`^do[opr]_v1_[a-f0-9]{64}\b`),
	},
	{what: "a Heroku key", anchors: []string{"HRKU-AA"}, shape: lazyRegexp(`^HRKU-AA[A-Za-z0-9_-]{58}`)},
	{
		what: "a Cloudflare key", anchors: []string{"v1.0-"},
		shape: lazyRegexp(`^v1\.0-[a-f0-9]{24}-[a-f0-9]{146}\b`),
	},
	{
		what: "a Databricks token", anchors: []string{"dapi"},
		shape: lazyRegexp(`^dapi[a-f0-9]{32}(?:-[0-9])?\b`),
	},
	{
		what: "an Azure key", anchors: []string{"AccountKey="},
		shape: lazyRegexp(`^AccountKey=[A-Za-z0-9+/]{86}==`),
	},
	{
		what: "an Azure key", anchors: []string{"SharedAccessKey="},
		shape: lazyRegexp(`^SharedAccessKey=[A-Za-z0-9+/]{43}=`),
	},
	{
		what: "a Google client secret", anchors: []string{"GOCSPX-"},
		shape: lazyRegexp(`^GOCSPX-[A-Za-z0-9_-]{28}`),
	},
	{
		what: "a Google API key", anchors: []string{"AIza"}, role: isVisible,
		shape: lazyRegexp(`^AIza[A-Za-z0-9_-]{35}(?:[^A-Za-z0-9_-]|\z)`),
	},
	{
		what: "a database's address with its password", real: isRealDatabase,
		anchors: []string{
			"postgres://", "postgresql://", "postgresql+", "mysql://", "mysql2://", "mysql+", "mariadb://", "mariadb+",
			"mongodb://", "mongodb+srv://", "redis://", "rediss://", "amqp://", "amqps://",
		},
		shape: lazyRegexp("^[a-z0-9]+(?:\\+[a-z0-9]+)?://[^\\s:@/\"'`<>]*:[^\\s@/\"'`<>]+@[^\\s/\"'`<>?,\\\\]+"),
	},
	{
		what: "a line of /etc/shadow", before: account,
		anchors: []string{":$1$", ":$5$", ":$6$", ":$y$", ":$gy$", ":$2a$", ":$2b$", ":$2y$"},
		shape: lazyRegexp(`^:(?:` + md5Crypt + `|` + shaCrypt + `|` + yescrypt + `|` + bcrypt +
			`):\d*:\d*:\d*:\d*:\d*:\d*:\d*(?:[\r\n\x00]|\z)`),
	},
	{
		what: "a line of .htpasswd", before: login,
		anchors: []string{":$apr1$", ":$5$", ":$6$", ":$2a$", ":$2b$", ":$2y$", ":{SHA}"},
		shape: lazyRegexp(`^:(?:` + md5Crypt + `|` + shaCrypt + `|` + bcrypt +
			`|\{SHA\}[A-Za-z0-9+/]{27}=)(?:[\r\n]|\z)`),
	},
	{
		what: "a dump", role: isDump, before: lineStart,
		anchors: []string{
			"-- PostgreSQL database ", "-- MySQL dump ", "-- MariaDB dump ", "-- phpMyAdmin SQL Dump",
			"PRAGMA foreign_keys=OFF;", // sqlite3's .dump
		},
		shape: lazyRegexp(`^(?:-- (?:PostgreSQL database (?:cluster )?dump|M[a-zS]+[QD][LB] dump \d` +
			`|phpMyAdmin SQL Dump)|PRAGMA foreign_keys=OFF;\s+BEGIN TRANSACTION;)`),
	},
	{
		what: "a database", role: isDump, before: fileStart, anchors: []string{"SQLite format 3\x00"},
		shape: lazyRegexp(`^SQLite format 3\x00`),
	},
	{
		what: "a database with hashes of passwords", role: isSecretInDump, before: anywhere,
		anchors: []string{
			"$2a$", "$2b$", "$2y$", "$argon2", "$5$", "$6$", "$P$B", "$P$D", "$P$9", "$H$9", "$S$C", "$S$D", "$S$E",
			"pbkdf2_sha", "SCRAM-SHA-256$", "scrypt:",
		},
		shape: lazyRegexp(`^(?:` + bcrypt + `|` + shaCrypt +
			`|\$argon2i?d?\$v=\d+\$m=\d+,t=\d+,p=\d+\$[A-Za-z0-9+/]+\$[A-Za-z0-9+/]{16,}` +
			`|\$[PH]\$[./A-Za-z0-9]{31}|\$S\$[./A-Za-z0-9]{52}` +
			`|pbkdf2_sha\d+\$\d+\$[A-Za-z0-9]+\$[A-Za-z0-9+/]{27,}=` +
			`|SCRAM-SHA-256\$\d+:[A-Za-z0-9+/=]+\$[A-Za-z0-9+/=]{44}:[A-Za-z0-9+/=]{44}` +
			`|scrypt:\d+:\d+:\d+\$[A-Za-z0-9]+\$[0-9a-f]{128})`),
	},
}

// How much text around an anchor its shape is matched with, in bytes. It is more than any shape needs: of a private
// key, its header and the first line suffice.
const (
	lookBack  = 128
	lookAhead = 1 << 10
)

// secretSearch is the result of searching one file.
type secretSearch struct {
	// secret and visible are the kinds that were found, or empty.
	secret, visible string
	dump            bool
}

// search checks the anchors that begin at or after text[from] and before text[until].
func (s *secretSearch) search(text []byte, from, until int) {
	for at, shape := range anchors().find(text, from, until) {
		kind := &secretShapes[shape]
		if kind.role == isSecretInDump && !s.dump || !kind.matches(text, at) {
			continue
		}
		switch kind.role {
		case isDump:
			s.dump = true
		case isVisible:
			s.visible = kind.what
		case isSecret, isSecretInDump:
			s.secret = kind.what
			return
		}
	}
}

// matches reports whether a secret has its anchor at that offset.
func (k *secretShape) matches(text []byte, at int) bool {
	switch before := text[max(0, at-lookBack):at]; {
	case k.before != nil && !k.before().Match(before), k.before == nil && !beginsWord(before):
		return false
	}
	match := k.shape().Find(text[at:min(len(text), at+lookAhead)])
	switch {
	case match == nil:
		return false
	case k.real != nil:
		return k.real(match)
	}
	return isNoExample(match)
}

// beginsWord reports whether a word can begin after that text. In JSON and in source code, the line end before it may
// be escaped.
func beginsWord(before []byte) bool {
	if len(before) == 0 || !isWordByte(before[len(before)-1]) {
		return true
	}
	for _, escape := range []string{`\n`, `\r`, `\t`} {
		if bytes.HasSuffix(before, []byte(escape)) {
			return true
		}
	}
	return false
}

func isWordByte(b byte) bool {
	return b == '_' || '0' <= b && b <= '9' || 'A' <= b && b <= 'Z' || 'a' <= b && b <= 'z'
}

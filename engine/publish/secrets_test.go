package publish

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/fstest"
)

// Random texts of the alphabets that keys have.
const (
	digits  = "7305928164470219583640"
	hexText = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
	mixed   = "q7Rk2ZtX9bLw4NvHs8Jc3FyGm6PdTaUeQ1oKi5WxEhYjVzBrCnMlSfOgDpAu0IqX7Rk2ZtX9bLw4NvHs8Jc3FyGm6Pd"
	capital = "Z3MK7QX2WV5T6JPNRDLA8GHYC4SBFEUXQ9WZTKMVNPR2J7HD5L3XC8YGA6"
)

// secretRow is a text with a secret of a kind, and one that is nearly a secret.
type secretRow struct{ what, secret, nearMiss string }

// The texts are put together here, so that no scanner reports this file as a leak.
func secretRows() []secretRow {
	const begin, end = "-----BEGIN ", "-----END "
	line := mixed[:64]
	dump := "--\n-- PostgreSQL database " + "dump\n--\nCOPY users FROM stdin;\n1\tann\t"
	yescrypt := ":$y$" + "j9T$" + mixed[:22] + "$" + mixed[:43] + ":19000::::::"
	apache := ":$apr1$" + mixed[:8] + "$" + mixed[:22]
	bcrypt := "$2y$" + "10$" + mixed[:53]
	return []secretRow{
		{"a private key", pem, begin + "PUBLIC KEY-----\n" + line + "\n" + end + "PUBLIC KEY-----\n"},
		{
			"a private key", begin + "EC PRIVATE KEY-----\r\nProc-Type: 4,ENCRYPTED\r\n\r\n" + line,
			begin + "EC PRIVATE KEY-----\n(the key in base64)",
		},
		{
			"a private key", begin + "PGP PRIVATE KEY BLOCK-----\nVersion: 1\n\n" + line,
			begin + "PGP PRIVATE KEY BLOCK-----\nVersion: 1\n\n...",
		},
		{
			"a private key", `{"type": "service_account", "private_key": "` + begin + `PRIVATE KEY-----\n` + line + `\n"}`,
			`{"type": "service_account", "private_key": "` + begin + `PRIVATE KEY-----\n..."}`,
		},
		{"a private key of age", "AGE-SECRET-KEY-1" + capital[:58], "AGE-SECRET-KEY-1" + capital[:40]},
		{"an AWS access key", `"` + aws + `"`, "AKIA" + "IOSFODNN7EXAMPLE"},
		{"an AWS access key", `x\n` + "ASIA" + capital[:16], "xASIA" + capital[:16]},
		{
			"an AWS secret key", "aws_secret_access_key = " + mixed[:40],
			"aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCY" + "EXAMPLEKEY",
		},
		{"an AWS secret key", `"SecretAccessKey": "` + mixed[:40] + `"`, `"SecretAccessKey": "` + mixed[:44] + `"`},
		{"a GitHub token", github, "ghp_" + strings.Repeat("x", 36)},
		{"a GitHub token", "github_pat_" + mixed[:40], "github_pat_" + mixed[:12]},
		{"a GitLab token", "glpat-" + mixed[:20], "glpat-your-token-is-put-in-here"},
		{"a Slack token", slack, "xoxb-" + "your-bot-token"},
		{
			"a Slack webhook", "https://hooks.slack.com" + "/services/T12AB34CD/B12AB34CD/" + mixed[:24],
			"https://hooks.slack.com" + "/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX",
		},
		{
			"a Discord webhook", "https://discord.com" + "/api/webhooks/" + digits[:18] + "/" + mixed[:68],
			"https://discord.com" + "/api/webhooks/" + digits[:18] + "/token",
		},
		{"a Telegram bot's token", "bot" + digits[:10] + ":AA" + "H" + mixed[:32], "12:AA" + "H" + mixed[:32]},
		{"a Telegram bot's token", digits[:9] + ":AA" + "E" + mixed[:32], digits[:9] + ":AA" + "E" + mixed[:33]},
		{"a Stripe key", "sk_live_" + mixed[:24], "sk_test_" + mixed[:24]},
		{"a Shopify token", "shpat_" + hexText[:32], "shpat_" + hexText[:31]},
		{"an npm token", "npm_" + mixed[:36], "npm_" + mixed[:35]},
		{"an npm token", "//registry.npmjs.org/:_authToken=" + mixed[:36], "//registry.npmjs.org/:_authToken=${NPM_TOKEN}"},
		{"a PyPI token", "pypi-AgEI" + mixed[:60], "pypi-AgEI" + mixed[:20]},
		{"a Docker Hub token", "dckr_pat_" + mixed[:27], "dckr_pat_" + mixed[:20]},
		{"a SendGrid key", "SG." + mixed[:22] + "." + mixed[:43], "SG." + mixed[:22] + "." + mixed[:40]},
		{"an API key", "sk-ant-" + mixed[:24], "sk-ant-" + mixed[:10]},
		{"an API key", "sk-" + mixed[:20] + "T3BlbkFJ" + mixed[20:40], "data:text/plain;base64,T3BlbkFJ" + mixed[:40]},
		{"a Hugging Face token", "hf_" + strings.Repeat("aBcDeF", 6)[:34], "hf_" + strings.Repeat("aBcDeF", 6)[:33]},
		{"a Vault token", "hvs." + mixed[:90], "hvs.aVeryLongNameOfAMethodOrProperty()"},
		{"a Terraform token", mixed[:14] + ".atlasv1." + mixed[:67], "x.atlasv1." + mixed[:67]},
		{"a DigitalOcean token", "dop_v1_" + hexText, "dop_v1_" + hexText[:60]},
		{"a Heroku key", "HRKU-AA" + mixed[:58], "HRKU-AA" + mixed[:50]},
		{
			"a Cloudflare key", "v1.0-" + hexText[:24] + "-" + hexText + hexText + hexText[:18],
			"v1.0-" + hexText[:24] + "-" + hexText,
		},
		{"a Databricks token", "dapi" + hexText[:32] + "-2", "dapi" + hexText[:31]},
		{
			"an Azure key", "DefaultEndpointsProtocol=https;AccountName=x;AccountKey=" + mixed[:86] + "==",
			"AccountName=devstoreaccount1;AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq" +
				"/K1SZFPTOtr/KBHBeksoGMGw" + "==",
		},
		{
			"an Azure key", "SharedAccessKeyName=x;SharedAccessKey=" + mixed[:43] + "=",
			"SharedAccessKeyName=x;SharedAccessKey=...",
		},
		{"a Google client secret", "GOCSPX-" + mixed[:28], "GOCSPX-" + mixed[:20]},
		{"a Google API key", "key=AIza" + "Sy" + mixed[:33] + "&", "key=AIza" + "Sy" + mixed[:34] + "&"},
		{
			"a line of /etc/shadow",
			"root:!:19000:0:99999:7:::\nann:$6$" + mixed[:16] + "$" + mixed[:86] + ":19000:0:99999:7:::\n",
			"ann:$6$...:19000:0:99999:7:::",
		},
		{"a line of /etc/shadow", "\x00ann" + yescrypt, "see ann" + yescrypt},
		{"a line of .htpasswd", "Ann.B" + apache + "\r\n", "Ann" + apache + " as printed"},
		{"a line of .htpasswd", "ann@x.y:" + bcrypt, "ann:$apr1$r31.....$HqJZimcKQFAMYayBlzkrA/"},
		{"a line of .htpasswd", "ann:{SHA}" + mixed[:27] + "=", "ann:{SHA}" + mixed[:28]},
		{"a database with hashes of passwords", dump + bcrypt, bcrypt},
		{
			"a database with hashes of passwords", dump + "$argon2id$v=19$m=65536,t=3,p=4$" + mixed[:22] + "$" + mixed[:43],
			dump + "$argon2id$v=19",
		},
		{
			"a database with hashes of passwords",
			"-- MySQL dump 10.13\nINSERT INTO `wp_users` VALUES (1,'admin','$P$B" + mixed[:30] + "'",
			"-- MySQL dumps\nINSERT INTO `wp_users` VALUES (1,'admin','$P$B" + mixed[:30] + "'",
		},
		{
			"a database with hashes of passwords",
			"-- MariaDB dump 10.19\n'pbkdf2_sha256$600000$" + mixed[:22] + "$" + mixed[:43] + "='",
			"-- MariaDB dump 10.19\n'pbkdf2_sha256'",
		},
	}
}

// databaseRows are addresses of databases, by whether they hold a password that somebody uses.
var databaseRows = map[bool][]string{
	true: {
		"postgres://app:" + "x7Kq9vLm@db.acme.net:5432/app",
		"DATABASE_URL='postgresql+psycopg2://app:" + "correcthorse@10.1.2.3/app'",
		"mysql://root:" + "Tr0ub4dor@db.acme.net/x",
		"mongodb+srv://app:" + "x7Kq9vLm@cluster0.ab1cd.mongodb.net/?w=1",
		"mongodb://app:" + "x7Kq%40vLm@a.acme.net,b.acme.net",
		"redis://:" + "x7Kq9vLm@cache.acme.net:6379",
		"rediss://default:" + "x7Kq9vLm@c.acme.net",
		"amqps://app:" + "x7Kq9vLm@mq.acme.net/vhost",
		"postgres://app:" + "x7Kq9vLm@localhost/app",
		"mariadb://app:" + "x7Kq9vLm@db/app",
	},
	false: {
		"postgres://user:password@localhost/db",
		"postgres://user:pass@host/db",
		"postgres://app:${DB_PASS}@db.acme.net/app",
		"postgres://app:<password>@db.acme.net/app",
		"postgres://app:{{ password }}@db.acme.net/app",
		"postgres://app:%s@db.acme.net",
		"postgres://app:$PGPASS@db.acme.net",
		"postgres://app:********@db.acme.net",
		"postgres://app:xxxxxx@db.acme.net",
		"postgres://app:x7Kq9vLm@${HOST}/app",
		"postgres://app:x7Kq9vLm@/app",
		"postgres://DB_USER:DB_KEYWORD@db.acme.net",
		"postgres://scott:tiger@localhost/test",
		"postgres://dev:letmein@localhost/test",
		"postgresql://postgres:postgres@db:5432/app",
		"mysql://app:x7Kq9vLm@db.example.com/app",
		"mysql://app@db.acme.net/app",
		"mysql://root:changeme123@db.acme.net",
		"mongodb+srv://<user>:<password>@cluster0.ab1cd.mongodb.net",
		"redis://localhost:6379",
		"redis://alice:foobared@awesome.redis.server:6380",
		"amqp://guest:guest@mq.acme.net/",
		`"postgres://app:" + password + "@db.acme.net"`,
		"https://app:x7Kq9vLm@db.acme.net/app",
	},
}

// findSecrets returns the findings in a text that is read with a buffer of that size.
func findSecrets(t testing.TB, text string, buf int) string {
	t.Helper()
	l := &scanner{check: &check{}, buf: make([]byte, buf)}
	s, err := l.scanContent(t.Context(), File{Path: "x", Size: int64(len(text))}, strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return s.secret + s.visible
}

func allSecretRows() []secretRow {
	rows := secretRows()
	for _, text := range databaseRows[true] {
		rows = append(rows, secretRow{"a database's address with its password", text, databaseRows[false][0]})
	}
	return rows
}

func TestSecrets(t *testing.T) {
	for _, row := range allSecretRows() {
		for name, text := range map[string]string{
			"alone": row.secret, "in text": "some text\n" + row.secret + "\nmore", "after a NUL": "\x00\x01\x00\n" + row.secret,
		} {
			if got := findSecrets(t, text, windowSize); got != row.what {
				t.Errorf("%s, %s: found %q in %q", row.what, name, got, text)
			}
		}
		if got := findSecrets(t, row.nearMiss, windowSize); got != "" {
			t.Errorf("found %q in %q", got, row.nearMiss)
		}
	}
	for _, text := range databaseRows[false] {
		if got := findSecrets(t, text, windowSize); got != "" {
			t.Errorf("found %q in %q", got, text)
		}
	}
}

// A text in UTF-16 is found with and without a byte order mark, beside characters that are not ASCII, and at odd places
// of a binary file.
func TestSecretsInUTF16(t *testing.T) {
	for _, row := range allSecretRows() {
		for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
			for _, before := range []string{"", "\ufeff", "\ufefftext\n", "漢\n"} {
				for _, odd := range []string{"", "\xff"} {
					text := odd + toUTF16(before+row.secret+"\n漢", order)
					if got := findSecrets(t, text, windowSize); got != row.what {
						t.Errorf("%s, %s, after %q %q: found %q", row.what, order, odd, before, got)
					}
				}
			}
			if got := findSecrets(t, toUTF16("\n"+row.nearMiss+"\n", order), windowSize); got != "" {
				t.Errorf("%s: found %q in %q", order, got, row.nearMiss)
			}
		}
	}
}

// A secret is found at any place relative to the windows, and a longer text that ends with one is not reported.
func TestSecretsAcrossWindows(t *testing.T) {
	const buf = minWindow + 2000
	const border = buf - 2*lookAhead
	for _, row := range allSecretRows() {
		for _, wide := range []bool{false, true} {
			for at := border - 300; at < border+50; at += 13 {
				fill := strings.Repeat("0123456789 abcde\n", buf/17+1)
				text, miss := fill[:at]+"\n"+row.secret+"\n"+fill, fill[:at]+"\n"+row.nearMiss+"\n"+fill
				if wide {
					text, miss = text[at/2:], miss[at/2:]
					text, miss = toUTF16(text, binary.LittleEndian), toUTF16(miss, binary.BigEndian)
				}
				if got := findSecrets(t, text, buf); got != row.what {
					t.Fatalf("%s at %d, UTF-16 %v: found %q", row.what, at, wide, got)
				}
				if got := findSecrets(t, miss, buf); got != "" {
					t.Fatalf("%s at %d, UTF-16 %v: found %q in %q", row.what, at, wide, got, row.nearMiss)
				}
			}
		}
	}
}

// Whole files are searched, except for those of which only the beginning can be text.
func TestCheckReadsWholeFiles(t *testing.T) {
	far := strings.Repeat("0123456789abcde\n", 3*windowSize/16) + "\n" + pem
	const database, picture = "SQLite format 3\x00", "\xff\xd8\xff\xe1\x00"
	mapsKey := "'AIza" + "Sy" + mixed[:33] + "'"
	for _, tc := range []struct{ name, content, want string }{
		{"far.txt", far, "secret:refuse "},
		{"far16.txt", toUTF16(far, binary.LittleEndian), "secret:refuse "},
		{"far.bin", "\x00\x01" + far, "secret:refuse "},
		{"near.jpg", picture + pem + far, "secret:refuse "},
		{"far.jpg", picture + far, ""},
		{"users.db", database + far[:windowSize] + "\x02$2y$" + "10$" + mixed[:53], "secret:refuse "},
		{"other.db", database + far[:windowSize], ""},
		{"map.js", mapsKey, "visible-key:note "},
		{"both.js", mapsKey + github, "secret:refuse "},
	} {
		files := fstest.MapFS{"index.html": {Data: []byte("x")}, tc.name: {Data: []byte(tc.content)}}
		if got := findingCodes(check1(t, OpenEmbedded(files, "site"), Rules{}))[tc.name]; got != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
}

// endless is a file that cancels a context after a number of reads.
type endless struct {
	reads  int
	cancel context.CancelCauseFunc
}

var errEnough = errors.New("enough")

func (e *endless) Read(p []byte) (int, error) {
	if e.reads--; e.reads == 0 {
		e.cancel(errEnough)
	}
	return copy(p, bytes.Repeat([]byte("x"), len(p))), nil
}

func TestSearchEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	l := &scanner{check: &check{}, buf: make([]byte, windowSize)}
	e := &endless{reads: 3, cancel: cancel}
	if _, err := l.scanContent(ctx, File{Path: "x", Size: 1 << 60}, e); err != nil {
		t.Error(err)
	}
	if e.reads != 0 || !errors.Is(context.Cause(ctx), errEnough) {
		t.Errorf("read %d times after the end", -e.reads)
	}
}

// A file that cannot be read to its end is reported, not treated as free of secrets.
func TestSearchOfAFileThatCannotBeRead(t *testing.T) {
	l := &scanner{check: &check{}, buf: make([]byte, windowSize)}
	from := io.MultiReader(strings.NewReader(strings.Repeat("x", 2*windowSize)), brokenReader{})
	if _, err := l.scanContent(t.Context(), File{Path: "x", Size: 1 << 30}, from); !errors.Is(err, errEnough) {
		t.Error(err)
	}
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, errEnough }

// Each anchor is found at every place of a text, and the shapes keep what the search relies on.
func TestAnchors(t *testing.T) {
	for i, s := range secretShapes {
		if !strings.HasPrefix(s.shape().String(), "^") {
			t.Errorf("%s: %s is not matched at the anchor alone", s.what, s.shape())
		}
		for _, a := range s.anchors {
			for at := range 9 {
				text := []byte(strings.Repeat(" ", at) + a + "A   ")
				ok := false
				for place, shape := range anchors().find(text, 0, len(text)) {
					ok = ok || place == at && shape == i
				}
				if !ok {
					t.Errorf("%s: %q is not found at %d", s.what, a, at)
				}
			}
		}
	}
}

// The findings do not depend on the windows, and no text makes the search fail.
func FuzzSecrets(f *testing.F) {
	for _, row := range allSecretRows() {
		f.Add([]byte(row.secret), 0)
		f.Add([]byte(toUTF16(row.secret, binary.BigEndian)), minWindow)
	}
	f.Fuzz(func(t *testing.T, text []byte, at int) {
		if at < 0 || at > 4*minWindow {
			return
		}
		whole := strings.Repeat(" ", at) + string(text)
		one, many := findSecrets(t, whole, windowSize), findSecrets(t, whole, minWindow+64)
		if one != many {
			t.Errorf("found %q in one window, and %q in many", one, many)
		}
	})
}

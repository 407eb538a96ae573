package format

import (
	"math"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

func TestNumbers(t *testing.T) {
	for got, want := range map[string]string{
		Bytes(-1):                            "?",
		Bytes(0):                             "0 B",
		Bytes(1023):                          "1023 B",
		Bytes(1024):                          "1.0 KB",
		Bytes(13_002_342):                    "12.4 MB",
		Bytes(220_200_960):                   "210 MB",
		Bytes(5 << 30):                       "5.0 GB",
		Bytes(1<<20 - 1):                     "1.0 MB",
		Bytes(104_804_122):                   "99.9 MB",
		Rate(0):                              "0",
		Rate(-5):                             "0",
		Rate(12_288):                         "12.0 K",
		Rate(999):                            "999",
		Rate(1000):                           "1.0 K",
		Speed(1_258_291):                     "1.2 MB/s",
		BytesOfTotal(1_503_238_553, 5<<30):   "1.4/5.0 GB",
		BytesOfTotal(0, 0):                   "0.0/0.0 B",
		Percent(0.999):                       "99%",
		Percent(1):                           "100%",
		Percent(-1):                          "0%",
		Ratio(0.414, true):                   "0.41",
		Ratio(12.1, true):                    "12.1",
		Ratio(9.999, true):                   "10.0",
		Ratio(104.2, true):                   "104",
		Ratio(1e9, true):                     ">9k",
		Ratio(0, false):                      "–",
		Countdown(-time.Second):              "00:00",
		Countdown(4*time.Minute + 12e9):      "04:12",
		Countdown(59*time.Minute + 59.6e9):   "1h00m",
		Countdown(3*time.Hour + 4*60e9):      "3h04m",
		Countdown(12*24*time.Hour + 3*36e11): "12d03h",
		Duration(0):                          "now",
		Duration(-90 * time.Second):          "1m",
		Duration(49 * time.Hour):             "2d",
		Count(0):                             "0",
		Count(1000):                          "1,000",
		Count(-1234567):                      "-1,234,567",
		Plural(1, "site"):                    "1 site",
		Plural(12, "site"):                   "12 sites",
		Gauge(0, 4):                          "▱▱▱▱",
		Gauge(0.01, 4):                       "▰▱▱▱",
		Gauge(0.99, 4):                       "▰▰▰▱",
		Gauge(1, 4):                          "▰▰▰▰",
		Gauge(0.5, 0):                        "",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// The first value of a prompt is what it returns when it is accepted unchanged.
func TestExactBytesAreReadBackExactly(t *testing.T) {
	for n, want := range map[int64]string{
		0: "0", 999: "999", 1024: "1K", 1536: "1.5K", 500 << 10: "500K", 3 << 19: "1.5M", 1_234_567: "1234567", 1<<20 +
			1: "1048577",
		5 << 30: "5G", 7 << 40: "7T", math.MaxInt64: "9223372036854775807",
	} {
		got := ExactBytes(n)
		if got != want {
			t.Errorf("%d is typed %q, want %q", n, got, want)
		}
		if back, err := ParseBytes(got); n < 1<<53 && (err != nil || back != n) {
			t.Errorf("%q is read as %d: %v", got, back, err)
		}
	}
}

func TestNumbersFitTheirColumns(t *testing.T) {
	for n := int64(1); n > 0 && n < math.MaxInt64/3; n = n*3/2 + 1 {
		if w := Width(Bytes(n)); w > 7 {
			t.Errorf("%q has %d cells", Bytes(n), w)
		}
		if w := Width(Rate(n)); w > 6 {
			t.Errorf("%q has %d cells", Rate(n), w)
		}
	}
	for d := time.Second; d < 90*24*time.Hour; d = d*5/4 + 1 {
		if w := Width(Countdown(d)); w > 6 {
			t.Errorf("%q has %d cells", Countdown(d), w)
		}
	}
}

func TestSpark(t *testing.T) {
	for _, c := range []struct {
		values []int64
		want   string
	}{
		{nil, "    "},
		{[]int64{0, 0}, "   ⣀"},
		{[]int64{1}, "   ⢸"},
		{[]int64{0, 0, 1, 3, 2, 1, 0, 3}, "⣀⣼⣦⣸"},
		{[]int64{9, 9, 0, 0, 0, 0, 0, 0, 0, 0}, "⣀⣀⣀⣀"},
	} {
		if got := Spark(c.values, 4); got != c.want {
			t.Errorf("Spark(%v) = %q, want %q", c.values, got, c.want)
		}
	}
}

func TestWidthAgreesWithTheLibrary(t *testing.T) {
	for r := rune(0xa0); r < 0x3000; r++ {
		if s := string(r); isNarrow(r) && (ansi.StringWidth(s) != 1 || ansi.StringWidthWc(s) != 1) {
			t.Errorf("%q (%U) is not one cell", s, r)
		}
	}
	for _, s := range []string{
		"", "abc", "\x1b[1;38;2;1;2;3mx\x1b[m", "\x1b]0;t\x07x", "漫画", "e\u0301", "a\x1b", "▰▱⣿",
		"👩\u200d👧", "\x1b[31", "\x1b[?25hx",
	} {
		if Width(s) != ansi.StringWidth(s) {
			t.Errorf("Width(%q) = %d, the library says %d", s, Width(s), ansi.StringWidth(s))
		}
	}
}

func TestHost(t *testing.T) {
	const hash = "951ead31d09e4049fc1f21f137e233dd0589fcbd"
	for _, c := range []struct {
		host string
		w    int
		want string
	}{
		{"docs.example", 20, "docs.example"},
		{"a.very.long.name.example", 12, "…ame.example"},
		{hash, 40, hash},
		{hash, 13, "951ead31…fcbd"},
		{hash, 5, "951e…"},
		{hash, 0, ""},
	} {
		if got := Host(c.host, c.w); got != c.want {
			t.Errorf("Host(%q, %d) = %q, want %q", c.host, c.w, got, c.want)
		}
	}
}

// Whatever the text, a fitted cell has exactly its width.
func FuzzFit(f *testing.F) {
	for _, s := range []string{
		"", "abc", "漫画の棚", "e\u0301\u0301\u0301", "👩\u200d👩\u200d👧", "\x1b[31mred", "\u202eevil",
		"a\tb\nc", "\xff\xfe", "🇩🇪🇫🇷", "❤\ufe0f",
	} {
		f.Add(s, 7)
	}
	f.Fuzz(func(t *testing.T, s string, w int) {
		w = min(max(w, 0), 300)
		text := Text(s)
		if strings.ContainsAny(text, "\x1b\n\r\t\u202e") || !utf8.ValidString(text) {
			t.Fatalf("Text(%q) = %q", s, text)
		}
		for _, got := range []string{Fit(text, w), FitRight(text, w), Center(text, w)} {
			if ansi.StringWidth(got) != w {
				t.Fatalf("%q fitted to %d has %d cells: %q", s, w, ansi.StringWidth(got), got)
			}
		}
		if got := CutLeft(text, w); ansi.StringWidth(got) > w {
			t.Fatalf("%q cut to %d has %d cells: %q", s, w, ansi.StringWidth(got), got)
		}
		for _, l := range Wrap(text, w) {
			if ansi.StringWidth(l) > w {
				t.Fatalf("%q wrapped to %d has the line %q", s, w, l)
			}
		}
	})
}

func TestCutMessageKeepsTheAdvice(t *testing.T) {
	const long = "no resolver answers for a.example (127.0.0.1:9: dial (tcp): refused): check the network (or the " +
		"cable), or try --doh"
	for w, want := range map[int]string{
		200: long,
		90:  "no resolver answers for a.example: check the network (or the cable), or try --doh",
		70:  "no resolver answers for a.example: check the network, or try --doh",
		20:  "no resolver answers…",
		0:   "",
	} {
		if got := CutMessage(long, w); got != want {
			t.Errorf("in %d cells: %q, want %q", w, got, want)
		}
	}
	for _, open := range []string{"what (is this", "(a) b", "a) (b"} {
		if got := CutMessage(open, 5); Width(got) > 5 {
			t.Errorf("%q is too wide", got)
		}
	}
}

func TestElapsed(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-1: "<1 ms", 0: "<1 ms", time.Millisecond: "1 ms", 999 * time.Millisecond: "999 ms",
		999600 * time.Microsecond: "1.0 s",
		12340 * time.Millisecond:  "12.3 s", 125 * time.Second: "2m05s", 2 * time.Hour: ">1h",
	} {
		if got := Elapsed(d); got != want {
			t.Errorf("%v is %q, want %q", d, got, want)
		}
	}
}

func TestWrapKeepsOptionsWhole(t *testing.T) {
	tests := []struct {
		text string
		w    int
		want string
	}{
		{"set others with --resolver", 19, "set others with|--resolver"},
		{"use `wtptui serve --listen-public`", 24, "use `wtptui serve|--listen-public`"},
		{"(--no-dht)", 10, "(--no-dht)"},
		{"--listen-public", 8, "--listen|-public"},
		{"an end-to-end test", 9, "an end-|to-end|test"},
	}
	for _, tt := range tests {
		if got := strings.Join(Wrap(tt.text, tt.w), "|"); got != tt.want {
			t.Errorf("%q in %d cells: %q, want %q", tt.text, tt.w, got, tt.want)
		}
	}
}

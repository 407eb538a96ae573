package peers

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
)

// manual writes the sites of SiteFolder and SmallSiteFolder. What it writes depends on nothing but its source of random
// numbers.
type manual struct {
	dir        string
	source     *rand.ChaCha8
	rand       *rand.Rand
	vocabulary []string
	files      int
	err        error // The first one.
}

func newManual(dir string) *manual {
	source := rand.NewChaCha8([32]byte([]byte("a manual that never changes 1.0.")))
	m := &manual{dir: dir, source: source, rand: rand.New(source)}
	for range 1000 {
		letters := make([]byte, m.between(2, 11))
		for i := range letters {
			letters[i] = byte('a' + m.rand.IntN(26))
		}
		m.vocabulary = append(m.vocabulary, string(letters))
	}
	return m
}

// write makes all files, in an order that is part of what the site is. None is empty: Transmission does not make those.
func (m *manual) write() {
	m.file("index.html", m.page(SiteTitle, ".", 30<<10, chapterNames(200)))
	m.file("404.html", m.page("There is no such page", ".", 2<<10, nil))
	m.file("manual.css", "body { font-family: sans-serif; margin: 2em }\nh1 { color: #044a64 }\n"+
		strings.Repeat("/* "+m.words(12)+" */\n", 40))
	m.file("search.js", "document.documentElement.dataset.ready = 'yes'\n"+strings.Repeat("// "+m.words(12)+"\n", 200))
	m.file("robots.txt", "User-agent: *\nDisallow:\n")
	for i, name := range chapterNames(500) {
		m.file(name, m.page("Chapter "+fmt.Sprint(i), ".", m.between(4<<10, 60<<10), chapterNames(20)))
	}
	for i := range 80 {
		name := fmt.Sprintf("syntax/rule%d.html", i)
		m.file(name, m.page("Rule "+fmt.Sprint(i), "..", m.between(1<<10, 6<<10), []string{"index.html"}))
		m.file(fmt.Sprintf("syntax/rule%d.svg", i), m.svg(m.between(1<<10, 8<<10)))
	}
	m.file("syntax/index.html", m.page("The Rules", "..", 10<<10, []string{"rule0.html", "rule1.html"}))
	for i := range 280 {
		m.file(fmt.Sprintf("images/%03d.svg", i), m.svg(m.between(2<<10, 20<<10)))
	}
	m.file("images/photo 1.bmp", m.bytes(2<<20))
	m.file("images/é & ü.bmp", m.bytes(300<<10))
	m.file("images/dot.svg", m.svg(1))
	m.file("releases/manual 1.0.zip", m.bytes(2<<20))
	m.file("releases/manual.tar", m.bytes(1<<20))
	m.file("releases/changes.txt", m.text(900<<10))
	m.file("releases/deep/er/than/most/note.txt", m.text(3<<10))
	m.file("fonts/body.woff2", m.bytes(64<<10))
	m.file("feed.xml", `<?xml version="1.0"?><rss version="2.0"><channel><title>`+SiteTitle+`</title></channel></rss>`)
	m.file("pieces.json", `{"pieces": ["`+strings.Repeat(m.words(3)+`", "`, 2000)+`"]}`)
	m.file("all pages.html", m.page("Everything", ".", 1500<<10, chapterNames(500)))
	m.file("index.old.html", m.page("As it was", ".", 20<<10, nil))
}

// writeSmall makes the files of the small site.
func (m *manual) writeSmall() {
	m.file("index.html", m.page(SiteTitle, ".", 30<<10, chapterNames(20)))
	m.file("404.html", m.page("There is no such page", ".", 2<<10, nil))
	m.file("manual.css", "body { font-family: sans-serif; margin: 2em }\n"+strings.Repeat("/* "+m.words(12)+" */\n", 40))
	m.file("search.js", "document.documentElement.dataset.ready = 'yes'\n")
	for i, name := range chapterNames(20) {
		m.file(name, m.page("Chapter "+fmt.Sprint(i), ".", m.between(4<<10, 60<<10), chapterNames(20)))
	}
	for i := range 28 {
		m.file(fmt.Sprintf("images/%03d.svg", i), m.svg(m.between(2<<10, 20<<10)))
	}
	m.file("images/photo 1.bmp", m.bytes(1<<20))
	m.file("images/é & ü.bmp", m.bytes(300<<10))
	m.file("images/dot.svg", m.svg(1))
	m.file("releases/manual 1.0.zip", m.bytes(500<<10))
	m.file("releases/deep/er/than/most/note.txt", m.text(3<<10))
	m.file("all pages.html", m.page("Everything", ".", 200<<10, chapterNames(20)))
}

func chapterNames(n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("chapter%03d.html", i)
	}
	return names
}

func (m *manual) file(name, content string) {
	m.files++
	path := filepath.Join(m.dir, filepath.FromSlash(name))
	err := os.MkdirAll(filepath.Dir(path), 0o755)
	if err == nil {
		err = os.WriteFile(path, []byte(content), 0o644) //nolint:gosec // As the files of a site are.
	}
	m.err = cmp.Or(m.err, err)
}

func (m *manual) between(least, most int) int { return least + m.rand.IntN(most-least) }

// page is a page of about size bytes with links; root leads to the folder of the style sheet.
func (m *manual) page(title, root string, size int, links []string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "<!doctype html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>%s</title>", title)
	fmt.Fprintf(&b, "<link rel=\"stylesheet\" href=\"%s/manual.css\">"+
		"<script src=\"%[1]s/search.js\" defer></script></head>\n<body><h1>%s</h1>\n", root, title)
	for _, link := range links {
		fmt.Fprintf(&b, "<a href=\"%s\">%s</a>\n", link, m.words(2))
	}
	for b.Len() < size {
		fmt.Fprintf(&b, "<p>%s.</p>\n", m.words(60))
	}
	b.WriteString("</body></html>\n")
	return b.String()
}

func (m *manual) svg(size int) string {
	var b strings.Builder
	b.WriteString(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1000 1000">` + "\n")
	for b.Len() < size {
		fmt.Fprintf(&b, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"#%06x\"/>\n",
			m.rand.IntN(1000), m.rand.IntN(1000), m.rand.IntN(99), m.rand.IntN(99), m.rand.IntN(1<<24))
	}
	b.WriteString("</svg>\n")
	return b.String()
}

func (m *manual) text(size int) string {
	var b strings.Builder
	for b.Len() < size {
		b.WriteString(m.words(12) + "\n")
	}
	return b.String()
}

// words is as many words, which mean nothing.
func (m *manual) words(n int) string {
	words := make([]string, n)
	for i := range words {
		words[i] = m.vocabulary[m.rand.IntN(len(m.vocabulary))]
	}
	return strings.Join(words, " ")
}

func (m *manual) bytes(n int) string {
	content := make([]byte, n)
	_, _ = m.source.Read(content) // It never fails.
	return string(content)
}

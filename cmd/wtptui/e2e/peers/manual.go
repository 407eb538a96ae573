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
		letters := make([]byte, m.randomBetween(2, 11))
		for i := range letters {
			letters[i] = byte('a' + m.rand.IntN(26))
		}
		m.vocabulary = append(m.vocabulary, string(letters))
	}
	return m
}

// writeAll makes all files, in an order that determines the site's bytes. None is empty: Transmission does not make
// empty files.
func (m *manual) writeAll() {
	m.writeFile("index.html", m.makePage(SiteTitle, ".", 30<<10, chapterNames(200)))
	m.writeFile("404.html", m.makePage("There is no such page", ".", 2<<10, nil))
	m.writeFile("manual.css", "body { font-family: sans-serif; margin: 2em }\nh1 { color: #044a64 }\n"+
		strings.Repeat("/* "+m.makeWords(12)+" */\n", 40))
	m.writeFile("search.js", "document.documentElement.dataset.ready = 'yes'\n"+
		strings.Repeat("// "+m.makeWords(12)+"\n", 200))
	m.writeFile("robots.txt", "User-agent: *\nDisallow:\n")
	for i, name := range chapterNames(500) {
		m.writeFile(name, m.makePage("Chapter "+fmt.Sprint(i), ".", m.randomBetween(4<<10, 60<<10), chapterNames(20)))
	}
	for i := range 80 {
		name := fmt.Sprintf("syntax/rule%d.html", i)
		m.writeFile(name, m.makePage("Rule "+fmt.Sprint(i), "..", m.randomBetween(1<<10, 6<<10), []string{"index.html"}))
		m.writeFile(fmt.Sprintf("syntax/rule%d.svg", i), m.makeSVG(m.randomBetween(1<<10, 8<<10)))
	}
	m.writeFile("syntax/index.html", m.makePage("The Rules", "..", 10<<10, []string{"rule0.html", "rule1.html"}))
	for i := range 280 {
		m.writeFile(fmt.Sprintf("images/%03d.svg", i), m.makeSVG(m.randomBetween(2<<10, 20<<10)))
	}
	m.writeFile("images/photo 1.bmp", m.makeBytes(2<<20))
	m.writeFile("images/é & ü.bmp", m.makeBytes(300<<10))
	m.writeFile("images/dot.svg", m.makeSVG(1))
	m.writeFile("releases/manual 1.0.zip", m.makeBytes(2<<20))
	m.writeFile("releases/manual.tar", m.makeBytes(1<<20))
	m.writeFile("releases/changes.txt", m.makeText(900<<10))
	m.writeFile("releases/deep/er/than/most/note.txt", m.makeText(3<<10))
	m.writeFile("fonts/body.woff2", m.makeBytes(64<<10))
	m.writeFile("feed.xml", `<?xml version="1.0"?><rss version="2.0"><channel><title>`+
		SiteTitle+`</title></channel></rss>`)
	m.writeFile("pieces.json", `{"pieces": ["`+strings.Repeat(m.makeWords(3)+`", "`, 2000)+`"]}`)
	m.writeFile("all pages.html", m.makePage("Everything", ".", 1500<<10, chapterNames(500)))
	m.writeFile("index.old.html", m.makePage("As it was", ".", 20<<10, nil))
}

// writeSmallSite makes the files of the small site.
func (m *manual) writeSmallSite() {
	m.writeFile("index.html", m.makePage(SiteTitle, ".", 30<<10, chapterNames(20)))
	m.writeFile("404.html", m.makePage("There is no such page", ".", 2<<10, nil))
	m.writeFile("manual.css", "body { font-family: sans-serif; margin: 2em }\n"+
		strings.Repeat("/* "+m.makeWords(12)+" */\n", 40))
	m.writeFile("search.js", "document.documentElement.dataset.ready = 'yes'\n")
	for i, name := range chapterNames(20) {
		m.writeFile(name, m.makePage("Chapter "+fmt.Sprint(i), ".", m.randomBetween(4<<10, 60<<10), chapterNames(20)))
	}
	for i := range 28 {
		m.writeFile(fmt.Sprintf("images/%03d.svg", i), m.makeSVG(m.randomBetween(2<<10, 20<<10)))
	}
	m.writeFile("images/photo 1.bmp", m.makeBytes(1<<20))
	m.writeFile("images/é & ü.bmp", m.makeBytes(300<<10))
	m.writeFile("images/dot.svg", m.makeSVG(1))
	m.writeFile("releases/manual 1.0.zip", m.makeBytes(500<<10))
	m.writeFile("releases/deep/er/than/most/note.txt", m.makeText(3<<10))
	m.writeFile("all pages.html", m.makePage("Everything", ".", 200<<10, chapterNames(20)))
}

func chapterNames(n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("chapter%03d.html", i)
	}
	return names
}

func (m *manual) writeFile(name, content string) {
	m.files++
	path := filepath.Join(m.dir, filepath.FromSlash(name))
	err := os.MkdirAll(filepath.Dir(path), 0o755)
	if err == nil {
		err = os.WriteFile(path, []byte(content), 0o644) // As the files of a site are.
	}
	m.err = cmp.Or(m.err, err)
}

func (m *manual) randomBetween(least, most int) int { return least + m.rand.IntN(most-least) }

// makePage returns a page of about size bytes with links. root leads to the folder of the style sheet.
func (m *manual) makePage(title, root string, size int, links []string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "<!doctype html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>%s</title>", title)
	fmt.Fprintf(&b, "<link rel=\"stylesheet\" href=\"%s/manual.css\">"+
		"<script src=\"%[1]s/search.js\" defer></script></head>\n<body><h1>%s</h1>\n", root, title)
	for _, link := range links {
		fmt.Fprintf(&b, "<a href=\"%s\">%s</a>\n", link, m.makeWords(2))
	}
	for b.Len() < size {
		fmt.Fprintf(&b, "<p>%s.</p>\n", m.makeWords(60))
	}
	b.WriteString("</body></html>\n")
	return b.String()
}

func (m *manual) makeSVG(size int) string {
	var b strings.Builder
	b.WriteString(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1000 1000">` + "\n")
	for b.Len() < size {
		fmt.Fprintf(&b, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"#%06x\"/>\n",
			m.rand.IntN(1000), m.rand.IntN(1000), m.rand.IntN(99), m.rand.IntN(99), m.rand.IntN(1<<24))
	}
	b.WriteString("</svg>\n")
	return b.String()
}

func (m *manual) makeText(size int) string {
	var b strings.Builder
	for b.Len() < size {
		b.WriteString(m.makeWords(12) + "\n")
	}
	return b.String()
}

// makeWords returns n words without meaning.
func (m *manual) makeWords(n int) string {
	words := make([]string, n)
	for i := range words {
		words[i] = m.vocabulary[m.rand.IntN(len(m.vocabulary))]
	}
	return strings.Join(words, " ")
}

func (m *manual) makeBytes(n int) string {
	content := make([]byte, n)
	_, _ = m.source.Read(content) // It never fails.
	return string(content)
}

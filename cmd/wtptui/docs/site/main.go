package main

import (
	"bytes"
	"embed"
	"flag"
	"fmt"
	"html/template"
	"image/png"
	"os"
	"path/filepath"
	"strings"

	"wtptui/cmd/wtptui/docs"
)

func main() {
	root := flag.String("root", ".", "folder of wtptui's source")
	out := flag.String("out", filepath.Join("dist", "docs"), "folder to write")
	flag.Parse()
	files, err := buildSite(*root)
	if err == nil {
		err = writeSite(*out, files)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "site:", err)
		os.Exit(1)
	}
}

// siteFiles are the files of the site that are not made of topics.
//
//go:embed layout.html index.md style.css
var siteFiles embed.FS

// pictures are the screenshots of the index in their order, with captions.
var pictures = []picture{
	{File: "overview.png", Caption: "A site: what DNS says about it, and the versions that it has had"},
	{File: "pieces.png", Caption: "The pieces of a site, and how many peers have each"},
	{File: "requests.png", Caption: "What the browser asked for, and why a page is slow"},
	{File: "publish.png", Caption: "A folder becomes a site: the check before it is published"},
}

// picture is a screenshot. Width and Height are in pixels.
type picture struct {
	File, Caption string
	Width, Height int
}

// buildSite returns all files of the site by path.
func buildSite(root string) (map[string][]byte, error) {
	files := map[string][]byte{}
	style, err := siteFiles.ReadFile("style.css")
	if err != nil {
		return nil, err
	}
	files["style.css"] = style
	icon, err := os.ReadFile(filepath.Join(root, "cmd", "wtptui", "welcome", "site", "favicon.svg"))
	if err != nil {
		return nil, err
	}
	files["favicon.svg"] = icon
	shown := append([]picture{{File: "main.png", Caption: "The dashboard"}}, pictures...)
	for i := range shown {
		name := shown[i].File
		data, err := os.ReadFile(filepath.Join(root, "ui", "screenshots", name))
		if err != nil {
			return nil, err
		}
		config, err := png.DecodeConfig(bytes.NewReader(data))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		shown[i].Width, shown[i].Height = config.Width, config.Height
		files["pictures/"+name] = data
	}
	layout, err := template.ParseFS(siteFiles, "layout.html")
	if err != nil {
		return nil, err
	}
	pages, err := topicPages(root)
	if err != nil {
		return nil, err
	}
	for _, p := range append(pages, indexPage(shown)) {
		if err := addSourceFiles(files, root, p.SourceFiles); err != nil {
			return nil, fmt.Errorf("%s: %w", p.Name, err)
		}
		var b bytes.Buffer
		if err := layout.Execute(&b, p); err != nil {
			return nil, err
		}
		files[p.Name+".html"] = b.Bytes()
	}
	return files, nil
}

// addSourceFiles adds the files of the source tree to which a page links, and for a folder a list of its files.
func addSourceFiles(files map[string][]byte, root string, sources map[string]string) error {
	for place, source := range sources {
		from := filepath.Join(root, "cmd", "wtptui", "docs", filepath.FromSlash(source))
		data, err := os.ReadFile(from)
		if entries, dirErr := os.ReadDir(from); dirErr == nil {
			err, data = nil, nil
			for _, e := range entries {
				data = fmt.Appendln(data, e.Name())
			}
		}
		if err != nil {
			return err
		}
		if other, taken := files[place]; taken && !bytes.Equal(other, data) {
			return fmt.Errorf("two files are called %s", place)
		}
		files[place] = data
	}
	return nil
}

// topicPages returns the pages of all topics.
func topicPages(root string) (pages []page, err error) {
	for i, topic := range docs.Topics {
		text, err := os.ReadFile(filepath.Join(root, "cmd", "wtptui", "docs", topic+".md"))
		if err != nil {
			return nil, err
		}
		p := newPage(topic, string(text))
		p.Title, p.Summary = docs.Title(topic)
		if i > 0 {
			p.Previous = topicEntry(docs.Topics[i-1])
		}
		if i+1 < len(docs.Topics) {
			p.Next = topicEntry(docs.Topics[i+1])
		}
		pages = append(pages, p)
	}
	return pages, nil
}

// indexPage returns the page that links to all others.
func indexPage(shown []picture) page {
	text, _ := siteFiles.ReadFile("index.md") // It is embedded.
	p := newPage("index", string(text))
	p.Title, p.Summary = "wtptui", "Websites out of BitTorrent swarms, in the browser that you already have."
	p.Contents, p.Pictures = nil, shown
	return p
}

// generator marks the pages of the site; it is in layout.html.
const generator = `<meta name="generator" content="wtptui docs">`

// writeSite writes files into a folder, and removes an earlier site there. If the folder contains anything else, it is
// left alone.
func writeSite(out string, files map[string][]byte) error {
	entries, err := os.ReadDir(out)
	if err != nil && !os.IsNotExist(err) {
		return err
	}
	if len(entries) > 0 {
		index, err := os.ReadFile(filepath.Join(out, "index.html"))
		if err != nil || !strings.Contains(string(index), generator) {
			return fmt.Errorf("%s holds something else: choose another folder, or empty it", out)
		}
	}
	if err := os.RemoveAll(out); err != nil {
		return err
	}
	for name, data := range files {
		path := filepath.Join(out, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil { // It is for everybody to read.
			return err
		}
		if err := os.WriteFile(path, data, 0o644); err != nil { // It is for everybody to read.
			return err
		}
	}
	return nil
}

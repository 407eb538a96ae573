package loader

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"wtptui/localserve/files"
)

// Paths of the loader below the folder where its index.html is, which is "/" at a home.
const (
	// WorkerPath is that of the service worker, whose scope is its folder.
	WorkerPath = "wtptui-worker.js"
	// Folder is that of everything else.
	Folder = "wtptui-loader/"
	// SitePath is that of the Site.
	SitePath = Folder + "site.json"
	// FramePath is that of the top page as the worker answers navigations with it.
	FramePath = Folder + "frame.html"
)

// TakenOffHeader is the header of a 410 response to an open page that means that the site was taken off, and not only
// its loader.
const TakenOffHeader = "Wtptui-Taken-Off"

// TorrentPath returns the path of a torrent's metainfo.
func TorrentPath(infohash string) string { return Folder + infohash + ".torrent" }

//go:embed page
var pageFS embed.FS

// Asset is a file of the loader as it is served.
type Asset struct {
	Content []byte
	// Gzip is the content, compressed; nil if that would not be shorter.
	Gzip []byte
	// Type is the media type.
	Type string
}

// builtPage is what is made of the embedded files.
type builtPage struct {
	version string
	assets  map[string]Asset // by path below the loader's folder
}

var loadPage = sync.OnceValue(func() builtPage {
	page := readPage()
	page["types.js"] = typesModule()
	worker := page["worker.js"]
	delete(page, "worker.js")
	names := slices.Sorted(maps.Keys(page))
	list := make([]string, len(names))
	sum := sha256.New()
	for i, name := range names {
		list[i] = Folder + name
		fmt.Fprintf(sum, "%s %d\n%s", name, len(page[name]), page[name])
	}
	fmt.Fprintf(sum, "worker.js %d\n%s", len(worker), worker)
	b := builtPage{version: hex.EncodeToString(sum.Sum(nil))[:16], assets: map[string]Asset{}}
	for _, name := range names {
		b.assets[Folder+name] = newAsset(name, page[name])
	}
	head := "const VERSION = " + strconv.Quote(b.version) + ";\nconst ASSETS = " + string(mustJSON(list)) + ";\n"
	b.assets[WorkerPath] = newAsset(WorkerPath, append([]byte(head), worker...))
	return b
})

// readPage returns the embedded files by name, as they are sent.
func readPage() map[string][]byte {
	entries, err := pageFS.ReadDir("page")
	if err != nil {
		panic(err) // The folder is compiled in.
	}
	// The comments of scripts are a fifth of what every first visit would fetch. No string of theirs looks so.
	comments := regexp.MustCompile(`(?m)^ *(//.*|/\*.*\*/)\n| +// .*$`)
	page := map[string][]byte{}
	for _, e := range entries {
		if page[e.Name()], err = pageFS.ReadFile("page/" + e.Name()); err != nil {
			panic(err)
		}
		if path.Ext(e.Name()) == ".js" {
			page[e.Name()] = comments.ReplaceAll(page[e.Name()], nil)
		}
	}
	return page
}

// typesModule returns the JavaScript module of media types by extension.
func typesModule() []byte { return []byte("export default " + string(mustJSON(files.Types())) + ";\n") }

func mustJSON(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // Strings can be marshaled.
	}
	return text
}

func newAsset(name string, content []byte) Asset {
	ctype := files.Types()[path.Ext(name)]
	if strings.HasPrefix(ctype, "text/") {
		ctype += "; charset=utf-8"
	}
	return Asset{Content: content, Gzip: compressed(content), Type: ctype}
}

// compressed returns content as gzip; nil if that is not shorter.
func compressed(content []byte) []byte {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		panic(err) // The level is one.
	}
	_, _ = w.Write(content) // Memory takes it.
	_ = w.Close()
	if b.Len() >= len(content) {
		return nil
	}
	return b.Bytes()
}

// Version returns the hash of all files of the loader: it changes whenever any of them does.
func Version() string { return loadPage().version }

// Files returns the loader's files by their path below the folder where its index.html is. What depends on a site is
// not among them. The caller must not change the contents.
func Files() map[string][]byte {
	all := map[string][]byte{}
	for name, a := range loadPage().assets {
		all[name] = a.Content
	}
	return all
}

// Lookup returns the file of the loader at a path below the folder where its index.html is.
func Lookup(name string) (Asset, bool) {
	a, ok := loadPage().assets[name]
	return a, ok
}

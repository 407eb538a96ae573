package loader

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"strings"
	"testing"

	"wtptui/localserve/files"
)

// TestWorkerListsAllFiles promises that the worker changes with each file, and lists all files to cache.
func TestWorkerListsAllFiles(t *testing.T) {
	worker := string(Files()[WorkerPath])
	first, rest, _ := strings.Cut(worker, "\n")
	if first != `const VERSION = "`+Version()+`";` || len(Version()) != 16 {
		t.Errorf("the worker begins with %q; the version is %q", first, Version())
	}
	second, _, _ := strings.Cut(rest, "\n")
	list := strings.TrimSuffix(strings.TrimPrefix(second, "const ASSETS = "), ";")
	var names []string
	if err := json.Unmarshal([]byte(list), &names); err != nil {
		t.Fatalf("%q: %v", second, err)
	}
	listed := map[string]bool{}
	for _, name := range names {
		listed[name] = true
	}
	for name := range Files() {
		if listed[name] == (name == WorkerPath) {
			t.Errorf("%s: listed %v", name, listed[name])
		}
	}
	for _, name := range []string{"main.js", "client.js", "types.js", "bar.css", "frame.html"} {
		if !listed[Folder+name] {
			t.Errorf("%s is not listed", name)
		}
	}
}

func TestAssets(t *testing.T) {
	for name, content := range Files() {
		a, ok := Lookup(name)
		if !ok || !bytes.Equal(a.Content, content) || a.Type == "" {
			t.Errorf("%s: %v, %q", name, ok, a.Type)
		}
		if a.Gzip == nil {
			continue
		}
		r, err := gzip.NewReader(bytes.NewReader(a.Gzip))
		if err != nil {
			t.Fatal(err)
		}
		if plain, err := io.ReadAll(r); err != nil || !bytes.Equal(plain, content) || len(a.Gzip) >= len(content) {
			t.Errorf("%s: compressed, it is something else, or no shorter: %v", name, err)
		}
	}
	var types map[string]string
	text := string(Files()[Folder+"types.js"])
	text = strings.TrimSuffix(strings.TrimPrefix(text, "export default "), ";\n")
	if err := json.Unmarshal([]byte(text), &types); err != nil || len(types) != len(files.Types()) ||
		types[".html"] != "text/html" {
		t.Errorf("%d types, %v", len(types), err)
	}
	if _, ok := Lookup(SitePath); ok {
		t.Error("what depends on a site is among the files")
	}
}

func TestFramePage(t *testing.T) {
	page := string(FramePage(`/a b"><script>?x=1&y="'`, `</title><script>`))
	for text, has := range map[string]bool{
		`<title>&lt;/title&gt;&lt;script&gt;</title>`:                                 true,
		`<iframe id="site" src="/a b&#34;&gt;&lt;script&gt;?x=1&amp;y=&#34;&#39;"`:    true,
		`src="/wtptui-loader/main.js"`:                                                true,
		`src="wtptui-loader/`:                                                         false,
		`content="0; url=/wtptui-loader/plain?to=%2Fa+b%22%3E%3Cscript%3E%3Fx%3D1%26`: true,
		`onerror=`: false,
	} {
		if strings.Contains(page, text) != has {
			t.Errorf("%q: %v in %s", text, !has, page)
		}
	}
	static := string(FramePage("", "Mine"))
	for text, has := range map[string]bool{
		"<title>Mine</title>": true, "http-equiv": false, `src="wtptui-loader/main.js"`: true, `<iframe id="site" src`: false,
	} {
		if strings.Contains(static, text) != has {
			t.Errorf("a static host: %q: %v in %s", text, !has, static)
		}
	}
	if again := string(HomeFramePage("/", "Mine")); strings.Contains(again, `<iframe id="site" src`) ||
		!strings.Contains(again, `plain?to=%2F"`) {
		t.Errorf("what the worker answers with: %s", again)
	}
}

// TestFramePolicy promises that the policy allows exactly the inline elements of the page.
func TestFramePolicy(t *testing.T) {
	page := FramePage("/x", "Mine")
	policy := FramePolicy(true)
	n := 0
	for _, element := range []string{"script", "style"} {
		for _, part := range bytes.Split(page, []byte("<"+element+">"))[1:] {
			inline, _, _ := bytes.Cut(part, []byte("</"+element+">"))
			sum := sha256.Sum256(inline)
			if n++; !strings.Contains(policy, "'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'") {
				t.Errorf("%q is not in %s", inline, policy)
			}
		}
	}
	if got := strings.Count(policy, "sha256-"); got != n {
		t.Errorf("%d hashes of %d inline elements", got, n)
	}
	for _, bad := range []string{" style=", " onclick=", " onload=", "javascript:"} {
		if bytes.Contains(page, []byte(bad)) {
			t.Errorf("the page has %q, which the policy forbids", bad)
		}
	}
	if strings.Contains(policy, " ws:") || !strings.Contains(FramePolicy(false), " ws: http:") {
		t.Errorf("%s; without TLS %s", policy, FramePolicy(false))
	}
}

func TestSiteJSON(t *testing.T) {
	text := string(Site{Infohash: "x", Title: "</script>"}.JSON())
	if strings.Contains(text, "null") || strings.Contains(text, "</script>") {
		t.Error(text)
	}
	for _, key := range []string{
		"infohash", "host", "title", "home", "trackers", "webSeeds", "stun", "ask", "domain", "resolvers", "csp", "contact",
	} {
		if !strings.Contains(text, `"`+key+`":`) {
			t.Errorf("no %s in %s", key, text)
		}
	}
}

// TestClientIsSmall limits the size of the client, which every first visitor fetches.
func TestClientIsSmall(t *testing.T) {
	var all []byte
	lines := 0
	for _, name := range []string{
		"bencode", "client", "connections", "metadata", "picker", "reader", "slots", "store", "torrent", "tracker",
		"webseed", "webseeddownloads", "wire",
	} {
		source, err := pageFS.ReadFile("page/" + name + ".js")
		if err != nil {
			t.Fatal(err)
		}
		lines += bytes.Count(source, []byte("\n"))
		all = append(all, Files()[Folder+name+".js"]...)
	}
	if size := len(compressed(all)); lines > 1700 || size > 15<<10 {
		t.Errorf("%d lines, %d bytes as gzip, want at most 1700 and %d", lines, size, 15<<10)
	}
}

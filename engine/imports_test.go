package engine_test

import (
	"errors"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "wtptui"

type importRule struct{ pkg, ours, foreign, why string }

// importRules is the direction in which packages may depend on each other. The first rule whose pkg matches a package
// is the one for it; "x/..." matches x and all below it. ours and foreign are what the package may import of this
// module and of others; the standard library is open to all, and so is everything to tests.
var importRules = []importRule{
	{
		"engine", "", "golang.org/x/net/idna",
		"the contract is what everybody depends on, so it depends on nobody",
	},
	{
		"engine/watch", "engine", "",
		"every engine hands out snapshots in this way: it knows values and nothing of where they come from",
	},
	{
		"engine/fleet", "engine engine/watch", "",
		"several engines are shown as one, wherever they are and however they are reached",
	},
	{
		"engine/enginetest", "engine", "github.com/google/go-cmp/cmp",
		"the suite sees engines as their users do: what it cannot reach is not part of the contract",
	},
	{
		"engine/schematest", "engine", "github.com/santhosh-tekuri/jsonschema/v6",
		"tests describe values by their types and comments alone, whoever prints them",
	},
	{
		"engine/fake/...", "engine engine/watch engine/fake/...", "",
		"a screen under test needs an engine without network, disk or time of its own",
	},
	{
		"engine/pkarr", "engine", "github.com/miekg/dns github.com/anacrolix/torrent/bencode",
		"what is signed is bytes: whoever carries and keeps them knows nothing of keys",
	},
	{
		"engine/keyring", "engine", "",
		"secret keys are files: who signs with them reads them when it does",
	},
	{
		"engine/swarm/netsim", "", "golang.org/x/...",
		"a simulated network carries whatever is sent over it, and only tests use it",
	},
	{
		"engine/swarm/...", "engine engine/cause engine/pkarr engine/swarm/...", "any",
		"the only place that speaks BitTorrent and knows who does",
	},
	{
		"engine/cause", "", "",
		"what a network error means is the same whoever has asked, and of whom",
	},
	{
		"engine/resolve", "engine engine/cause engine/pkarr",
		"github.com/miekg/dns golang.org/x/net/... golang.org/x/sync/...",
		"names become infohashes without knowing torrents or who remembers the answers",
	},
	{
		"engine/publish/...", "engine engine/publish/...",
		"github.com/anacrolix/torrent/bencode github.com/anacrolix/torrent/metainfo golang.org/x/net/html " +
			"golang.org/x/text/unicode/norm",
		"a folder becomes metainfo, which is pure data: no client, no network",
	},
	{
		"engine/sites", "engine engine/watch engine/keyring engine/pkarr engine/swarm engine/resolve engine/publish store",
		"golang.org/x/net/html golang.org/x/sync/...",
		"the rules of a site's life join its three sides; no other package sees more than one of them",
	},
	{
		"store", "engine", "go.etcd.io/bbolt go.etcd.io/bbolt/... github.com/cespare/xxhash/v2 github.com/gofrs/flock " +
			"golang.org/x/sys/...",
		"records outlive the code around them: what they mean is not for the database to know",
	},
	{
		"localserve/control", "engine engine/watch", "",
		"the contract goes over a socket whoever implements it",
	},
	{
		"localserve/control/overssh", "engine localserve/control", "",
		"a line to another machine knows where it leads to and not what goes over it",
	},
	{
		"localserve/markup", "engine", "golang.org/x/net/html",
		"what files name is a matter of languages, whoever sends them",
	},
	{
		"localserve/fetchmeta", "", "",
		"what browsers say of a request is the same whatever is served",
	},
	{
		"localserve/limits", "", "",
		"how requests share what there is does not depend on what they are for",
	},
	{
		"localserve/pages", "localserve/fetchmeta", "",
		"how a page looks does not depend on what it is about",
	},
	{
		"localserve/files/filestest", "engine", "",
		"sites in memory know none of those who serve them",
	},
	{
		"localserve/files", "engine localserve/fetchmeta localserve/markup localserve/pages",
		"golang.org/x/net/html golang.org/x/net/html/... github.com/ipfs/go-ipfs-redirects-file github.com/ucarion/urlpath",
		"what a path of a site means is the same for every server of it, and knows none",
	},
	{
		"localserve/home/tracker", "localserve/limits",
		"github.com/coder/websocket github.com/anacrolix/torrent/bencode golang.org/x/net/ipv4 golang.org/x/net/ipv6",
		"a tracker tells strangers of each other: it has no site, no disk and no torrent client to give away",
	},
	{
		"localserve/home/loader", "localserve/files", "",
		"what a browser is given to open a site by itself is made of files and of what it is told, wherever that comes from",
	},
	{
		"localserve/home", "engine localserve/fetchmeta localserve/files localserve/home/loader localserve/home/tracker " +
			"localserve/pages localserve/limits",
		"golang.org/x/crypto/acme golang.org/x/crypto/acme/autocert golang.org/x/time/rate",
		"what faces the whole world shares the rules of a site's files with the loopback server, and nothing else of it",
	},
	{
		"localserve/...", "engine localserve/fetchmeta localserve/files localserve/pages localserve/limits", "",
		"what faces browsers sees sites through the few methods that it declares itself, and can do nothing else",
	},
	{
		"ui/...", "engine ui/...", "charm.land/... github.com/charmbracelet/...",
		"a dashboard shows any engine: its own, one in another process, a script",
	},
	{
		"cmd/...", "any", "any",
		"the command joins the parts",
	},
}

// torrentClient is closed to all but engine/swarm, whatever the rules above say.
var torrentClient = []string{"github.com/anacrolix/...", "github.com/pion/..."}

func TestImportDirection(t *testing.T) {
	for pkg, imports := range packageImports(t, "..") {
		i := ruleFor(pkg)
		if i < 0 {
			t.Errorf("%s is a package without a rule: say in importRules what it may import, and why", pkg)
			continue
		}
		rule := importRules[i]
		for _, imp := range imports {
			allowed := rule.foreign
			own, isOwn := strings.CutPrefix(imp, module+"/")
			if isOwn {
				imp, allowed = own, rule.ours
			}
			open := allowed == "any" || matchesAny(strings.Fields(allowed), imp)
			if matchesAny(torrentClient, imp) && allowed == "any" && !matches("engine/swarm/...", pkg) {
				open = false
			}
			if !open {
				t.Errorf("%s must not import %s: %s", pkg, imp, rule.why)
			}
		}
	}
}

// TestImportRulesAreUsed keeps the table from growing stale.
func TestImportRulesAreUsed(t *testing.T) {
	pkgs := packageImports(t, "..")
	for i, rule := range importRules {
		used := false
		for pkg := range pkgs {
			used = used || ruleFor(pkg) == i
		}
		if !used {
			t.Errorf("the rule for %s is for no package", rule.pkg)
		}
	}
}

// ruleFor returns the index of the rule for a package, -1 if there is none.
func ruleFor(pkg string) int {
	return slices.IndexFunc(importRules, func(r importRule) bool { return matches(r.pkg, pkg) })
}

func matchesAny(patterns []string, pkg string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return matches(p, pkg) })
}

func matches(pattern, pkg string) bool {
	folder, below := strings.CutSuffix(pattern, "/...")
	return pkg == folder || below && strings.HasPrefix(pkg, folder+"/")
}

// packageImports returns the imports of each package below root, without tests and without the standard library, for
// all systems: it reads the files themselves, so that one for Windows counts on Linux too.
func packageImports(t *testing.T, root string) map[string][]string {
	t.Helper()
	pkgs := map[string][]string{}
	eachFile(t, root, func(pkg, name string) error {
		imports, err := fileImports(name)
		pkgs[pkg] = append(pkgs[pkg], imports...)
		return err
	})
	return pkgs
}

// eachFile calls do with each source file below root but tests, and the package it is in.
func eachFile(t *testing.T, root string, do func(pkg, name string) error) {
	t.Helper()
	found := false
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		if d.IsDir() {
			return skipFolder(name, rel, d.Name())
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		pkg := path.Dir(filepath.ToSlash(rel))
		found = found || pkg == "engine"
		return do(pkg, name)
	})
	if err != nil {
		t.Fatal(err)
	}
	if !found {
		t.Fatal("not even package engine was found")
	}
}

// skipFolder leaves out what is not part of this module.
func skipFolder(name, rel, base string) error {
	if rel == "." {
		return nil
	}
	_, err := os.Stat(filepath.Join(name, "go.mod"))
	if err == nil || base == "testdata" || base == "node_modules" || strings.HasPrefix(base, ".") ||
		strings.HasPrefix(base, "_") {
		return fs.SkipDir
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func fileImports(name string) ([]string, error) {
	file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
	if err != nil {
		return nil, err
	}
	var imports []string
	for _, spec := range file.Imports {
		imp, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return nil, err
		}
		first, _, _ := strings.Cut(imp, "/")
		if strings.Contains(first, ".") || first == module {
			imports = append(imports, imp)
		}
	}
	return imports, nil
}

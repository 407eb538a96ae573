package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"wtptui/cmd/wtptui/docs"
	"wtptui/engine/enginetest"
)

// runElsewhere are the pages whose examples other tests run.
var runElsewhere = map[string]bool{
	"control": true, // The end-to-end tests run them, and compare the answers with the schemas.
}

// TestDocsRun runs the blocks in "sh" of each page line by line, against an engine without a network. The engine has
// published one site, example.org. There are also a folder, public, and a list of sites, sites.txt. Examples that need
// a network, another machine or a person are in "text", and only parsed (see TestDocsBlocks).
func TestDocsRun(t *testing.T) {
	// The scripts have their folders there, with sockets whose paths must be short.
	t.Setenv("GOTMPDIR", filepath.Dir(enginetest.ShortDir(t)))
	dir, lines := t.TempDir(), 0
	for _, topic := range docs.Topics {
		var script strings.Builder
		script.WriteString(docsPrologue)
		before := lines
		for _, block := range docBlocks(t, docFile(topic)) {
			if block.language != "sh" || runElsewhere[topic] {
				continue
			}
			for line := range strings.SplitSeq(strings.ReplaceAll(block.text, "\\\n", " "), "\n") {
				if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
					lines++
					fmt.Fprintf(&script, "# %s\nexec sh -euc '%s'\n", block, strings.ReplaceAll(line, "'", "''"))
				}
			}
		}
		if lines == before {
			continue
		}
		script.WriteString(docsFiles)
		if err := os.WriteFile(filepath.Join(dir, topic+".txtar"), []byte(script.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if lines < 30 {
		t.Errorf("only %d lines are run", lines)
	}
	testscript.Run(t, testscript.Params{
		Dir: dir,
		Setup: func(env *testscript.Env) error {
			env.Setenv("HOME", env.WorkDir)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"ready": func(ts *testscript.TestScript, _ bool, args []string) { dialUntilReady(ts, args[0]).Close() },
		},
	})
}

// docsPrologue starts an engine without a network.
const docsPrologue = `[!unix] skip 'the examples are for a POSIX shell'
env WTPTUI_DATA_DIR=$WORK/data
env WTPTUI_LISTEN=127.0.0.1:0
env WTPTUI_TRACKER=none
env WTPTUI_STUN=none
env WTPTUI_DOH=http://127.0.0.1:9/dns-query
env WTPTUI_PEER_HOST=127.0.0.1
env WTPTUI_PEER_PORT=0
env WTPTUI_NO_DHT=1
env WTPTUI_NO_UPNP=1
env WTPTUI_NO_LSD=1
env BROWSER=true
wtptui serve &serve&
ready data
wtptui publish --name example.org example
`

const docsFiles = `
wtptui stop
wait serve
-- example/index.html --
<!doctype html><title>Example</title>
-- public/index.html --
<!doctype html><title>Public</title>
-- sites.txt --
# Two sites.
wtp://951ead31d09e4049fc1f21f137e233dd0589fcbd/
wtp://0123456789abcdef0123456789abcdef01234567/
`

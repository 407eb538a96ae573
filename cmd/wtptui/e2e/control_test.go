//go:build !windows

package e2e_test

import (
	"bytes"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"wtptui/cmd/wtptui/e2e/peers"
	"wtptui/engine/schematest"
	"wtptui/localserve/control"
)

// readControlExamples returns the lines of a block in the protocol's documentation, which people copy.
func readControlExamples(t *testing.T, fence string) []string {
	t.Helper()
	doc, err := os.ReadFile("../docs/control.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(doc), "\n```"+fence+"\n")
	block, _, closed := strings.Cut(rest, "\n```\n")
	if !ok || !closed {
		t.Fatalf("there are no examples in ```%s", fence)
	}
	var lines []string
	for line := range strings.SplitSeq(strings.ReplaceAll(block, "\\\n", ""), "\n") {
		if line != "" && !strings.HasPrefix(line, "#") {
			lines = append(lines, line)
		}
	}
	return lines
}

// runShell runs lines in a shell, as if they were typed.
func runShell(t *testing.T, dir string, env []string, lines ...string) []byte {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "sh", "-euc", strings.Join(lines, "\n"))
	cmd.Env, cmd.Dir = env, dir
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s: %v\n%s%s", lines[len(lines)-1], err, stdout.String(), stderr.String())
	}
	return stdout.Bytes()
}

// The documentation's examples for curl do what it says, and their responses match the schemas.
func TestControlExamplesDoWhatTheDocumentationSays(t *testing.T) {
	t.Parallel()
	peers.Require(t, peers.CurlTool)
	w := startWtptui(t, "--tracker", "none")
	env := slices.Concat(w.Command().Env, []string{"WTPTUI_DATA_DIR=" + w.DataDir})
	validator, err := schematest.NewValidator(control.OpenAPI())
	if err != nil {
		t.Fatal(err)
	}
	lines := readControlExamples(t, "sh")
	prologue, asked, dir := lines[:2], map[string]bool{}, t.TempDir()
	for _, line := range lines[2:] {
		output := runShell(t, dir, env, prologue[0], prologue[1], line)
		method, path := parseExample(t, line)
		asked[path] = true
		checkResponse(t, validator, method, path, output)
	}
	for _, path := range []string{
		"hello", "snapshot", "snapshots", "add", "do", "assign", "detail", "bin", "limits", "backup", "restore",
	} {
		if !asked[path] {
			t.Errorf("no example asks for /%s", path)
		}
	}
	if site, there := w.Find(t, unseededHost); there {
		t.Errorf("the last of the examples did not remove the site: %+v", site)
	}
	if output := w.Run(t, "limits"); !strings.Contains(output, "2000000") {
		t.Errorf("the limits are %s", output)
	}
}

var exampleURL = regexp.MustCompile(`http://wtptui/([a-z-]+)`)

// parseExample returns the method and the path of an example.
func parseExample(t *testing.T, line string) (method, path string) {
	t.Helper()
	url := exampleURL.FindStringSubmatch(line)
	if url == nil {
		t.Fatalf("%s asks for nothing", line)
	}
	method = http.MethodGet
	switch {
	case strings.Contains(line, "-X PUT"):
		method = http.MethodPut
	case strings.Contains(line, "--json"), strings.Contains(line, "--data-binary"):
		method = http.MethodPost
	}
	return method, url[1]
}

func checkResponse(t *testing.T, validator *schematest.Validator, method, path string, output []byte) {
	t.Helper()
	at := "/paths/~1" + path + "/" + strings.ToLower(method) + "/responses/200/content/"
	switch {
	case path == "snapshots":
		lines := 0
		for line := range bytes.Lines(output) {
			if !bytes.HasSuffix(line, []byte("\n")) {
				continue // Its time was over.
			}
			lines++
			if err := validator.Check(at+"application~1jsonl/schema", line); err != nil {
				t.Errorf("/%s: %v", path, err)
			}
		}
		if lines == 0 {
			t.Errorf("/%s says nothing", path)
		}
	case len(output) == 0:
		if path != "do" && path != "assign" && path != "limits" && path != "backup" {
			t.Errorf("/%s says nothing", path)
		}
	default:
		if err := validator.Check(at+"application~1json/schema", output); err != nil {
			t.Errorf("/%s: %v", path, err)
		}
	}
}

// The control socket of another machine is reached over ssh as the documentation says.
func TestControlExamplesWorkOverSSH(t *testing.T) {
	t.Parallel()
	peers.Require(t, peers.CurlTool, peers.OpenSSH)
	w := startWtptui(t, "--tracker", "none")
	m := peers.StartSSH(t)
	lines := readControlExamples(t, "text")
	near := filepath.Join(peers.PlainDir(t), "far.sock")
	place := strings.NewReplacer(
		"/home/me/.local/share/wtptui", w.DataDir, "me@host.example", m.URL, "/tmp/far.sock", near,
	)
	forward, ok := strings.CutSuffix(lines[0], " &")
	if !ok || len(lines) != 2 {
		t.Fatalf("the examples are %q", lines)
	}
	ssh := exec.Command("sh", "-c", "exec "+place.Replace(forward))
	ssh.Env = m.Env(w.Command().Env)
	if err := ssh.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = ssh.Process.Kill()
		_ = ssh.Wait()
	})
	peers.Eventually(t, time.Minute, "the socket that ssh makes here", func() error {
		_, err := os.Stat(near)
		return err
	})
	if output := runShell(t, "", w.Command().Env, place.Replace(lines[1])); !bytes.Contains(output, []byte(`"protocol"`)) {
		t.Errorf("the engine over there says %q", output)
	}
}

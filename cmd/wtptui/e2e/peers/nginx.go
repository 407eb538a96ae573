package peers

import (
	"cmp"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// Nginx is a running nginx that serves a folder.
type Nginx struct {
	URL string // http://127.0.0.1:PORT/
}

// StartNginx has Debian's nginx serve a folder until the test ends, with its own MIME types and only the given
// directives in its server block. It needs NginxTool.
func StartNginx(t testing.TB, dir, directives string) *Nginx {
	t.Helper()
	Require(t, NginxTool)
	return startNginx(t, dir, directives)
}

// nginxConfig has one process, of whoever runs the test, and keeps its files below the prefix.
const nginxConfig = `master_process off;
daemon off;
pid nginx.pid;
error_log stderr crit;
events {}
http {
	include /etc/nginx/mime.types;
	default_type application/octet-stream;
	access_log off;
	client_body_temp_path body;
	proxy_temp_path proxy;
	fastcgi_temp_path fastcgi;
	uwsgi_temp_path uwsgi;
	scgi_temp_path scgi;
	%s
}
`

// nginxFolder is a server for a folder.
const nginxFolder = `server {
	listen 127.0.0.1:%d;
	root %q;
	absolute_redirect off;
	%s
}
`

func startNginx(t testing.TB, dir, directives string) *Nginx {
	t.Helper()
	port := FreePort(t)
	n := &Nginx{URL: fmt.Sprintf("http://127.0.0.1:%d/", port)}
	client := loopbackClient()
	defer client.CloseIdleConnections()
	runNginx(t, fmt.Sprintf(nginxFolder, port, dir, directives), func() error {
		res, err := client.Get(n.URL)
		if err != nil {
			return err
		}
		return res.Body.Close()
	})
	return n
}

// runNginx runs nginx with the given directives of its http block until the test ends, and waits until it answers.
func runNginx(t testing.TB, directives string, answers func() error) {
	t.Helper()
	prefix := PlainDir(t)
	config := filepath.Join(prefix, "nginx.conf")
	if err := os.WriteFile(config, fmt.Appendf(nil, nginxConfig, directives), 0o600); err != nil {
		t.Fatal(err)
	}
	p := newProcess(exec.Command(findNginx(), "-e", "stderr", "-p", prefix, "-c", config))
	p.start(t)
	Eventually(t, time.Minute, "nginx to answer", func() error {
		if isClosed(p.exited) {
			t.Fatalf("nginx ended: %v: %s", p.err, p.stderr)
		}
		return answers()
	})
}

// findNginx returns the path of nginx where Debian has it, which is not on everybody's path.
func findNginx() string {
	path, err := exec.LookPath("nginx")
	if err != nil {
		return "/usr/sbin/nginx"
	}
	return path
}

// tryNginx has it serve a file.
func tryNginx(t testing.TB) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a.txt"), []byte("it works"), 0o600); err != nil {
		t.Fatal(err)
	}
	n := startNginx(t, dir, "")
	res, err := loopbackClient().Get(n.URL + "a.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK || string(text) != "it works" {
		t.Fatalf("it answers with %s, %q: %v", res.Status, text, cmp.Or(err, fmt.Errorf("not the file")))
	}
}

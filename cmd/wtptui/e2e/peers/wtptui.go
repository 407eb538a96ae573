package peers

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Build compiles the static wtptui binary into dir and returns its path. The flags are go build's.
func Build(dir string, flags ...string) (string, error) {
	if err := readSources(); err != nil {
		return "", fmt.Errorf("peers: build wtptui: %w", err)
	}
	bin := dir + string(os.PathSeparator) + "wtptui.exe" // The suffix matters to Windows and to nobody else.
	cmd := exec.Command("go",
		append([]string{"build", "-trimpath", "-buildvcs=false", "-o", bin}, append(flags, "wtptui/cmd/wtptui")...)...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("peers: build wtptui: %w\n%s", err, out)
	}
	return bin, nil
}

// readSources reads every file of this module, so that go test knows that the result depends on them: it takes a result
// from its cache as long as nothing that the test itself has read has changed, and does not know what a go build in
// another process reads.
func readSources() error {
	out, err := exec.Command("go", "env", "GOMOD").Output()
	if err != nil {
		return err
	}
	root := filepath.Dir(strings.TrimSpace(string(out)))
	return filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() && path != root && strings.HasPrefix(d.Name(), ".") {
			return cmp.Or(err, fs.SkipDir)
		}
		if d.Type().IsRegular() {
			_, err = os.Stat(path)
		}
		return err
	})
}

// Wtptui is a wtptui with a data folder of its own: a `wtptui serve` process, or a dashboard that a test runs itself.
type Wtptui struct {
	DataDir  string
	PeerPort int    // Where it listens for peers; the same after Start.
	Root     string // http://localhost:PORT/, other after Start.

	bin     string
	flags   []string
	env     []string
	process *process
	client  *http.Client
}

// StartWtptui runs `bin serve` until the test ends, and waits until it serves. See NewWtptui for the flags.
func StartWtptui(t testing.TB, bin string, flags ...string) *Wtptui {
	t.Helper()
	w := NewWtptui(t, bin, flags...)
	w.Start(t)
	return w
}

// NewWtptui prepares a wtptui on loopback, in a new data folder, with neither DHT nor LSD nor UPnP, that asks
// trackers as often as they like. The flags are added to those that say so, for Start and for DashboardCommand.
func NewWtptui(t testing.TB, bin string, flags ...string) *Wtptui {
	t.Helper()
	Require(t)
	w := &Wtptui{DataDir: t.TempDir(), PeerPort: FreePort(t), bin: bin, env: cleanEnv(t), client: loopbackClient()}
	w.flags = append([]string{
		"--listen", "127.0.0.1:0", "--peer-host", "127.0.0.1", "--peer-port", strconv.Itoa(w.PeerPort),
		"--no-dht", "--no-lsd", "--no-upnp", "--tracker-min-interval", "1s",
	}, flags...)
	return w
}

// WithBinary returns another version of the program on the same data folder, with the same flags. Only one of them may
// run at a time.
func (w *Wtptui) WithBinary(bin string) *Wtptui {
	other := *w
	other.bin, other.process = bin, nil
	return &other
}

// AddFlags adds flags for every start from now on.
func (w *Wtptui) AddFlags(flags ...string) { w.flags = append(slices.Clip(w.flags), flags...) }

// Setenv adds variables, as NAME=VALUE, to the environment of every process that is started from now on.
func (w *Wtptui) Setenv(variables ...string) { w.env = append(w.env, variables...) }

// Signal sends a signal to the process of Start.
func (w *Wtptui) Signal(t testing.TB, sig os.Signal) {
	t.Helper()
	if err := w.process.cmd.Process.Signal(sig); err != nil {
		t.Fatalf("peers: wtptui: %v: %v", sig, err)
	}
}

// Command returns `wtptui args...` on the data folder.
func (w *Wtptui) Command(args ...string) *exec.Cmd {
	cmd := exec.Command(w.bin, append([]string{"--data-dir", w.DataDir}, args...)...)
	cmd.Env = slices.Clone(w.env)
	return cmd
}

// ServeCommand returns the command that Start runs, for a process that may end by itself.
func (w *Wtptui) ServeCommand() *exec.Cmd { return w.Command(append([]string{"serve"}, w.flags...)...) }

// DashboardCommand returns `wtptui` without a verb, with the same flags as Start. It needs a terminal.
func (w *Wtptui) DashboardCommand() *exec.Cmd { return w.Command(w.flags...) }

// cleanEnv returns the environment without the settings, folders and terminal of the person who runs the tests.
func cleanEnv(t testing.TB) []string {
	home := t.TempDir()
	var env []string
	for _, kv := range os.Environ() {
		name, _, _ := strings.Cut(kv, "=")
		switch {
		case strings.HasPrefix(name, "WTPTUI_"), strings.HasPrefix(name, "XDG_"), strings.HasPrefix(name, "SSH_"),
			strings.HasPrefix(name, "TMUX"), name == "BROWSER", name == "COLORFGBG", name == "NO_COLOR":
		default:
			env = append(env, kv)
		}
	}
	return append(env, "HOME="+home)
}

// servingLine matches the line of the log that says that the server is ready, and its URL.
var servingLine = regexp.MustCompile(`msg="?serving\b.*\burl="?(http://localhost:\d+/)`)

// Start runs the process again after Kill or Terminate, with the same flags on the same data folder.
func (w *Wtptui) Start(t testing.TB) {
	t.Helper()
	w.Launch(t)()
}

// Launch is Start in two steps: it starts the process, and ready waits until it serves.
func (w *Wtptui) Launch(t testing.TB) (ready func()) {
	t.Helper()
	cmd := w.ServeCommand()
	w.process = newProcess(cmd)
	log := newJournal[[]string]()
	cmd.Stderr = io.MultiWriter(w.process.stderr, &lineWriter{each: func(line []byte) {
		if m := servingLine.FindStringSubmatch(string(line)); m != nil {
			log.add(m)
		}
	}})
	w.process.start(t)
	return func() {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		m, err := log.wait(ctx, w.process.exited, func([]string) bool { return true })
		if err != nil {
			t.Fatalf("peers: wtptui serve: waited for the address it serves on: %v", err)
		}
		w.Root = m[1]
	}
}

// Log returns the last 64 KiB of what the process of Start has logged.
func (w *Wtptui) Log() string { return w.process.stderr.String() }

// loopbackClient returns an HTTP client that resolves every name to loopback, as a browser does for names below
// localhost, and follows no redirect.
func loopbackClient() *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
				_, port, err := net.SplitHostPort(addr)
				if err != nil {
					return nil, err
				}
				return new(net.Dialer).DialContext(ctx, network, net.JoinHostPort("127.0.0.1", port))
			},
			MaxIdleConnsPerHost: 16,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// Kill ends the process as kill -9 or a crash does.
func (w *Wtptui) Kill() { w.process.kill() }

// Terminate ends the process as a service manager does, and checks that it exits 0. It promises to end within 5 s. The
// limit here is for a busy machine.
func (w *Wtptui) Terminate(t testing.TB) {
	t.Helper()
	if err := w.process.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatalf("peers: wtptui: terminate: %v", err)
	}
	if err := w.process.waitExit(t, time.Minute); err != nil {
		t.Fatalf("peers: wtptui: terminated: %v", err)
	}
}

// Run runs one verb against the process and returns what it printed. The test ends if it fails.
func (w *Wtptui) Run(t testing.TB, verb string, args ...string) string {
	t.Helper()
	stdout, stderr, code := w.RunCode(t, verb, args...)
	if code != 0 {
		t.Fatalf("wtptui %s %q: exit code %d\n%s", verb, args, code, stderr)
	}
	return stdout
}

// RunCode runs one verb and returns what it printed and its exit code.
func (w *Wtptui) RunCode(t testing.TB, verb string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, errs strings.Builder
	cmd := w.Command(append([]string{verb}, args...)...)
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Start()
	if err == nil {
		// Longer than any verb waits for the running program.
		tooLong := time.AfterFunc(6*time.Minute, func() { _ = cmd.Process.Kill() })
		err = cmd.Wait()
		tooLong.Stop()
	}
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("wtptui %s %q: %v", verb, args, err)
	}
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}

// Get fetches one file of a site; local is the site's local_url and name the file's slash-separated path.
func (w *Wtptui) Get(ctx context.Context, local, name string) (status int, body []byte, err error) {
	return w.get(ctx, local, name, nil)
}

// GetRange is Get for a number of bytes from an offset on.
func (w *Wtptui) GetRange(
	ctx context.Context, local, name string, from, length int64,
) (status int, body []byte, err error) {
	return w.get(ctx, local, name, http.Header{"Range": {fmt.Sprintf("bytes=%d-%d", from, from+length-1)}})
}

func (w *Wtptui) get(ctx context.Context, local, name string, header http.Header) (status int, body []byte, err error) {
	u, err := url.Parse(local)
	if err != nil {
		return 0, nil, err
	}
	u.Path = "/" + name
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return 0, nil, err
	}
	maps.Copy(req.Header, header)
	res, err := w.client.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer res.Body.Close()
	body, err = io.ReadAll(res.Body)
	return res.StatusCode, body, err
}

//go:build linux

package e2e_test

import (
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// signer is a person with a key.
type signer struct {
	key     string // path of the private key
	allowed string // path of a file with the public one, as allowed signers of ssh-keygen(1)
}

func newSigner(t *testing.T, name string) signer {
	t.Helper()
	dir := t.TempDir()
	s := signer{filepath.Join(dir, "key"), filepath.Join(dir, "allowed")}
	cmd := exec.Command("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", s.key)
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	line := name + ` namespaces="wtptui-release" ` + readFile(t, s.key+".pub")
	if err := os.WriteFile(s.allowed, []byte(line), 0o600); err != nil {
		t.Fatal(err)
	}
	return s
}

// installerArchive is the archive that the installer downloads on this machine.
var installerArchive = "wtptui-" + packageVersion + "-linux-" + runtime.GOARCH + ".tar.gz"

// installerTest is a run of the installer.
type installerTest struct {
	name string
	args []string // URL stands for that of the server
	env  []string
	dash bool // It needs a program that busybox does not bring.
	own  bool // The installer is that of a release which is published on the server.
	// blocked has the installer fail half-way.
	blocked bool

	// serve answers a request in another way than with the file, and reports whether it did.
	serve func(w http.ResponseWriter, name string, data []byte) bool

	refuses string // what it says when it installs nothing
	says    string // what it says when it installs
	prefix  string // below the home; .local if it is empty
}

// replaceFile returns a function that answers requests for a file with answer.
func replaceFile(file string, answer func(http.ResponseWriter, []byte)) func(http.ResponseWriter, string, []byte) bool {
	return func(w http.ResponseWriter, name string, data []byte) bool {
		if name == file {
			answer(w, data)
		}
		return name == file
	}
}

// writeResponse writes a response. The client may have gone.
func writeResponse(w http.ResponseWriter, data []byte) { _, _ = w.Write(data) }

func installerTests(keys, stranger signer) []installerTest {
	return []installerTest{
		{name: "as it is", args: []string{"--url", "URL"}, says: "is not in your PATH"},
		{name: "cut short", args: []string{"--url", "URL"}, blocked: true},
		{
			name: "by variables", env: []string{"WTPTUI_URL=URL/", "PREFIX=HOME/else where"}, prefix: "else where",
			says: "installed wtptui " + packageVersion,
		},
		{
			name: "a version", args: []string{"--url", "URL/v{version}", "--version", packageVersion, "--prefix", "HOME/p"},
			prefix: "p",
		},
		{name: "by its own URL", own: true, says: "installed wtptui " + packageVersion},
		{
			name: "a version of its own URL", own: true, args: []string{"--version", "9.9.9"},
			refuses: "could not download URL/v9.9.9/SHA256SUMS",
		},
		{
			name: "another version", args: []string{"--url", "URL", "--version", "9.9.9"},
			refuses: "there is no wtptui 9.9.9 for linux-" + runtime.GOARCH,
		},
		{name: "no version", args: []string{"--url", "URL/v{version}"}, refuses: "name one with --version"},
		{name: "no URL", refuses: "say where the release is published with --url"},
		{name: "plain http", args: []string{"--url", "http://192.0.2.1/x"}, refuses: "use https, or --signers"},
		{name: "nothing there", args: []string{"--url", "URL/nowhere"}, refuses: "could not download URL/nowhere/SHA256SUMS"},
		{name: "unknown flag", args: []string{"--root"}, refuses: "it knows no --root"},
		{name: "no value", args: []string{"--url"}, refuses: "--url needs a value"},
		{
			name: "a wrong sum", args: []string{"--url", "URL"}, refuses: "is not what was published",
			serve: replaceFile("SHA256SUMS", func(w http.ResponseWriter, data []byte) {
				at := strings.Index(string(data), "  "+installerArchive)
				writeResponse(w, slices.Concat(data[:at-64], []byte(strings.Repeat("0", 64)), data[at:]))
			}),
		},
		{
			name: "another archive", args: []string{"--url", "URL"}, refuses: "Nothing was installed",
			serve: replaceFile(installerArchive, func(w http.ResponseWriter, data []byte) {
				writeResponse(w, data[:len(data)-1])
			}),
		},
		{
			name: "an interrupted download", args: []string{"--url", "URL"},
			refuses: "could not download URL/" + installerArchive,
			serve: replaceFile(installerArchive, func(w http.ResponseWriter, data []byte) {
				w.Header().Set("Content-Length", "123456789")
				writeResponse(w, data[:1000])
			}),
		},
		{
			name: "no archive for the processor", args: []string{"--url", "URL"},
			refuses: "there is no wtptui for linux-" + runtime.GOARCH,
			serve: replaceFile("SHA256SUMS", func(w http.ResponseWriter, data []byte) {
				writeResponse(w, []byte(strings.ReplaceAll(string(data), runtime.GOARCH+".tar.gz", "mips.tar.gz")))
			}),
		},
		{
			name: "signed", args: []string{"--url", "URL", "--signers", keys.allowed}, dash: true,
			says: "SHA256SUMS is signed by maintainer",
		},
		{
			name: "signed by a stranger", args: []string{"--url", "URL", "--signers", stranger.allowed}, dash: true,
			refuses: "signed by nobody who is in " + stranger.allowed,
		},
		{
			name: "not what was signed", args: []string{"--url", "URL", "--signers", keys.allowed}, dash: true,
			serve: replaceFile("SHA256SUMS", func(w http.ResponseWriter, data []byte) {
				writeResponse(w, append(data, "\n"...))
			}),
			refuses: "the signature of SHA256SUMS is wrong",
		},
		{
			name: "not signed", args: []string{"--url", "URL", "--signers", keys.allowed}, dash: true,
			serve:   replaceFile("SHA256SUMS.sig", func(w http.ResponseWriter, _ []byte) { w.WriteHeader(http.StatusNotFound) }),
			refuses: "could not download URL/SHA256SUMS.sig",
		},
	}
}

// checkInstaller runs the installer in a shell: dash with the programs of this machine, or that of busybox with only
// the programs of busybox.
func checkInstaller(t *testing.T, out, shell string, keys signer) {
	t.Helper()
	bin, command := os.Getenv("PATH"), []string{"dash"}
	if shell == "busybox" {
		bin = t.TempDir()
		if text, err := exec.Command("busybox", "--install", "-s", bin).CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		command = []string{filepath.Join(bin, "sh")}
	}
	command = append(command, filepath.Join(out, "install.sh"))
	help := outputOf(t, command[0], append(command[1:], "--help")...)
	for _, flag := range []string{"--url", "--version", "--prefix", "--signers", "--uninstall"} {
		if !strings.Contains(help, "\n  "+flag+" ") {
			t.Errorf("its help has no %s:\n%s", flag, help)
		}
	}
	for _, test := range installerTests(keys, newSigner(t, "stranger")) {
		if test.dash && shell != "dash" {
			continue
		}
		t.Run(test.name, func(t *testing.T) { test.run(t, out, command, bin) })
	}
}

// run runs the installer with the test's arguments and checks what it says and installs.
func (test installerTest) run(t *testing.T, out string, command []string, bin string) {
	t.Helper()
	server := httptest.NewServer(test.releaseHandler(out))
	defer server.Close()
	r := installerRun{url: server.URL, home: t.TempDir(), bin: bin, env: test.env, command: command}
	if test.own {
		r.command = slices.Clone(command)
		r.command[len(command)-1] = writeOwnInstaller(t, command[len(command)-1], server.URL)
	}
	var args []string
	for _, arg := range test.args {
		args = append(args, r.expand(arg))
	}
	if test.blocked {
		r.checkInterrupted(t, args)
		return
	}
	text, err := r.execute(t, args...)
	if test.refuses != "" {
		hasMessage := strings.Contains(text, "install.sh: ") && strings.Contains(text, r.expand(test.refuses))
		if files := listFiles(t, r.home); err == nil || !hasMessage || len(files) > 0 {
			t.Errorf("%v, it says\n%s\nand leaves %q", err, text, files)
		}
		return
	}
	if err != nil || !strings.Contains(text, test.says) {
		t.Fatalf("%v, it says\n%s", err, text)
	}
	prefix := filepath.Join(r.home, ".local")
	if test.prefix != "" {
		prefix = filepath.Join(r.home, test.prefix)
	}
	checkInstalled(t, prefix)
	r.checkUninstall(t, prefix)
}

// releaseHandler serves the files of a release, also below the path of its version.
func (test installerTest) releaseHandler(out string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		dir, name := path.Split(strings.TrimPrefix(r.URL.Path, "/v"+packageVersion))
		data, err := os.ReadFile(filepath.Join(out, name))
		if dir != "/" || err != nil {
			http.NotFound(w, r)
		} else if test.serve == nil || !test.serve(w, name, data) {
			writeResponse(w, data)
		}
	})
}

// writeOwnInstaller writes a copy of the installer as a release that is published at the URL has it, and returns its
// path.
func writeOwnInstaller(t *testing.T, installer, url string) string {
	t.Helper()
	const none = "default_url=''\ndefault_version=''\n"
	known := fmt.Sprintf("default_url='%s/v{version}'\ndefault_version='%s'\n", url, packageVersion)
	file := filepath.Join(t.TempDir(), "install.sh")
	text := strings.Replace(readFile(t, installer), none, known, 1)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// installerRun is a home folder for which the installer runs, and the server that it downloads from.
type installerRun struct {
	url, home string
	bin       string   // the PATH of the installer
	env       []string // of an installerTest
	command   []string // the shell, and the path of the installer
}

// expand replaces URL and HOME in a text of an installerTest.
func (r installerRun) expand(text string) string {
	if text == "URL" {
		return r.url
	}
	return strings.NewReplacer("URL/", r.url+"/", "HOME", r.home).Replace(text)
}

// execute runs the installer and returns what it says.
func (r installerRun) execute(t *testing.T, args ...string) (string, error) {
	t.Helper()
	cmd := exec.Command(r.command[0], slices.Concat(r.command[1:], args)...)
	cmd.Dir = r.home
	cmd.Env = []string{"HOME=" + r.home, "PATH=" + r.bin, "TMPDIR=" + t.TempDir(), "LC_ALL=C.UTF-8"}
	for _, variable := range r.env {
		name, value, _ := strings.Cut(variable, "=")
		cmd.Env = append(cmd.Env, name+"="+r.expand(value))
	}
	text, err := cmd.CombinedOutput()
	return string(text), err
}

// checkUninstall checks that the installer removes all that it has installed, and reports when there is nothing.
func (r installerRun) checkUninstall(t *testing.T, prefix string) {
	t.Helper()
	text, err := r.execute(t, "--uninstall", "--prefix", prefix)
	if files := listFiles(t, r.home); err != nil || len(files) > 0 {
		t.Errorf("removed: %v, it says\n%s\nand leaves %q", err, text, files)
	}
	text, err = r.execute(t, "--uninstall", "--prefix", prefix)
	if err == nil || !strings.Contains(text, "there is no wtptui in") {
		t.Errorf("removed twice: %v, it says\n%s", err, text)
	}
}

// checkInterrupted has the installer fail when it has placed everything but the program. What it has placed can be
// removed.
func (r installerRun) checkInterrupted(t *testing.T, args []string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(r.home, "bin"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	args = append(args, "--prefix", r.home)
	if text, err := r.execute(t, args...); err == nil || !strings.Contains(text, "cannot write to "+r.home+"/bin") {
		t.Fatalf("%v, it says\n%s", err, text)
	}
	if files := listFiles(t, r.home); len(files) < 2 {
		t.Fatalf("nothing was placed: %q", files)
	}
	text, err := r.execute(t, "--uninstall", "--prefix", r.home)
	if files := listFiles(t, r.home); err != nil || len(files) != 1 || files[0] != "bin" {
		t.Errorf("removed: %v, it says\n%s\nand leaves %q", err, text, files)
	}
}

// checkInstalled checks the installed files.
func checkInstalled(t *testing.T, prefix string) {
	t.Helper()
	checkProgram(t, filepath.Join(prefix, "bin", "wtptui"))
	want := []string{
		"bin/wtptui", "share/bash-completion/completions/wtptui", "share/fish/vendor_completions.d/wtptui.fish",
		"share/man/man1/wtptui.1", "share/man/man5/wtptui-config.5", "share/zsh/site-functions/_wtptui",
	}
	if got := listFiles(t, prefix); strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("there are %q", got)
	}
}

// listFiles returns the paths of all files below a folder, sorted.
func listFiles(t *testing.T, dir string) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		files = append(files, rel)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

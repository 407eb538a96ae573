//go:build linux

package e2e_test

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"wtptui/cmd/wtptui/e2e/peers"
)

// packageVersion is the version of the packages that are built here.
const packageVersion = "1.2.3"

// packageDate is their date, in seconds since 1970: in January 2026, whatever the clock says.
const packageDate = "1767323045"

// packageCommit is the commit that is recorded in them.
const packageCommit = "0123456789abcdef0123456789abcdef01234567"

// What packages say of who makes them, and where.
const (
	packageMaintainer = "Ada <ada@a.example>"
	packageHomepage   = "https://a.example/wtptui"
)

// buildDist builds the release for this machine from the source in root, and returns the folder with it.
func buildDist(t *testing.T, root string, flags ...string) string {
	t.Helper()
	out := t.TempDir()
	cmd := exec.Command("go", append([]string{
		"run", "./cmd/wtptui/packaging", "-version", packageVersion, "-date", packageDate, "-commit", packageCommit,
		"-maintainer", packageMaintainer, "-homepage", packageHomepage, "-out", out,
		"-targets", "linux/" + runtime.GOARCH,
	}, flags...)...)
	cmd.Dir = root
	// With the flags that the rest of CI has, so that it finds what is built already.
	cmd.Env = append(os.Environ(), "GOFLAGS=-trimpath", "TMPDIR="+t.TempDir())
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return out
}

// moduleRoot returns the folder of this source tree.
func moduleRoot(t *testing.T) string {
	t.Helper()
	root, err := filepath.Abs(filepath.Join("..", "..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	return root
}

// copySource returns a copy of the source in another folder.
func copySource(t *testing.T, root string) string {
	t.Helper()
	to := t.TempDir()
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		rel, _ := filepath.Rel(root, path) // It is below it.
		switch {
		case err != nil:
			return err
		case d.IsDir() && rel != "." && (strings.HasPrefix(d.Name(), ".") || rel == "dist"):
			return fs.SkipDir
		case d.IsDir():
			return os.MkdirAll(filepath.Join(to, rel), 0o700)
		case !d.Type().IsRegular():
			return nil
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, rel), data, 0o600)
	})
	if err != nil {
		t.Fatal(err)
	}
	return to
}

// machineName returns the name of this processor in packages other than Debian's.
func machineName() string {
	if runtime.GOARCH == "arm64" {
		return "aarch64"
	}
	return "x86_64"
}

// The same source gives the same bytes in another folder and at another time, all of them in signed checksums. Each
// package can be installed, run and removed, and so can what the installer downloads.
func TestPackagesAreReproducibleAndInstallable(t *testing.T) {
	t.Parallel()
	peers.Require(t, peers.Dpkg, peers.RPMTool, peers.PacmanTool, peers.BusyboxTool, peers.ShellcheckTool,
		peers.CurlTool, peers.OpenSSH)
	keys := newSigner(t, "maintainer")
	out := buildDist(t, moduleRoot(t), "-sign", keys.key)
	sums := readFile(t, filepath.Join(out, "SHA256SUMS"))

	t.Run("same bytes elsewhere", func(t *testing.T) {
		t.Parallel()
		if again := readFile(t, filepath.Join(buildDist(t, copySource(t, moduleRoot(t))), "SHA256SUMS")); again != sums {
			t.Errorf("built again elsewhere:\n%swant\n%s", again, sums)
		}
	})
	t.Run("checksums", func(t *testing.T) {
		t.Parallel()
		checkChecksums(t, out, sums, keys)
	})
	packages := []linuxPackage{
		{name: "deb", file: "wtptui_1.2.3_" + runtime.GOARCH + ".deb", systemd: true, install: installDeb},
		{name: "rpm", file: "wtptui-1.2.3-1." + machineName() + ".rpm", systemd: true, install: installRPM},
		{name: "arch", file: "wtptui-1.2.3-1-" + machineName() + ".pkg.tar.zst", systemd: true, install: installPacman},
		{name: "apk", file: "wtptui-1.2.3-r0." + machineName() + ".apk", install: unpackAPK},
	}
	for _, p := range packages {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			p.check(t, filepath.Join(out, p.file))
		})
	}
	for _, shell := range []string{"dash", "busybox"} {
		t.Run("installer in "+shell, func(t *testing.T) {
			t.Parallel()
			checkInstaller(t, out, shell, keys)
		})
	}
	t.Run("shellcheck", func(t *testing.T) {
		t.Parallel()
		scripts, err := filepath.Glob("../packaging/scripts/*/*")
		if err != nil || len(scripts) != 8 {
			t.Fatalf("%q: %v", scripts, err)
		}
		args := append([]string{"--shell=sh", filepath.Join(out, "install.sh")}, scripts...)
		if output, err := exec.Command("shellcheck", args...).CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, output)
		}
	})
}

// checkChecksums compares the checksums with all files in the folder, and verifies their signature as people do.
func checkChecksums(t *testing.T, out, sums string, keys signer) {
	t.Helper()
	outputOf(t, "sh", "-c", `cd "$1" && sha256sum --check --strict --quiet SHA256SUMS &&
		ssh-keygen -Y verify -f "$2" -I maintainer -n wtptui-release -s SHA256SUMS.sig <SHA256SUMS`, "sh", out, keys.allowed)
	files := 0
	err := filepath.WalkDir(out, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(d.Name(), "SHA256SUMS") {
			return err
		}
		files++
		line := fmt.Sprintf("%x  %s\n", sha256.Sum256([]byte(readFile(t, path))), d.Name())
		if !strings.Contains(sums, line) {
			t.Errorf("not in the checksums: %s%s", line, sums)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	if n := strings.Count(sums, "\n"); n != files || n < 8 {
		t.Errorf("%d checksums of %d files:\n%s", n, files, sums)
	}
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

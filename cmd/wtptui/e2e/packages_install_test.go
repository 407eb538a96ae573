//go:build linux

package e2e_test

import (
	"debug/elf"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// linuxPackage is a package of one format.
type linuxPackage struct {
	name, file string
	systemd    bool // It has units.

	// install installs the file into a root and returns a function that removes what was installed.
	install func(t *testing.T, root throwawayRoot, file string) (remove func())
}

// check installs the package into a root of its own, checks its files, and removes it.
func (p linuxPackage) check(t *testing.T, file string) {
	t.Helper()
	root := newThrowawayRoot(t)
	remove := p.install(t, root, file)
	p.checkInstalledFiles(t, root)
	checkProgram(t, root.path("usr/bin/wtptui"))
	checkManPage(t, root.path("usr/share/man/man1/wtptui.1.gz"))
	outputOf(t, "bash", "-n", root.path("usr/share/bash-completion/completions/wtptui"))
	entry := readFile(t, root.path("usr/share/applications/wtptui.desktop"))
	if !strings.Contains(entry, "Exec=/usr/bin/wtptui open -- %u") {
		t.Errorf("the desktop entry:\n%s", entry)
	}
	root.checkRemoval(t, remove)
}

// dataFiles returns the paths of the files that every package of the format has besides the program.
func (p linuxPackage) dataFiles() []string {
	files := []string{
		"usr/share/man/man1/wtptui.1.gz", "usr/share/bash-completion/completions/wtptui",
		"usr/share/man/man5/wtptui-config.5.gz", "usr/share/doc/wtptui/CHANGELOG.md.gz",
		"usr/share/fish/vendor_completions.d/wtptui.fish", "usr/share/applications/wtptui.desktop",
		"usr/share/doc/wtptui/examples/grafana.json", "usr/share/doc/wtptui/examples/alerts.yml",
		"usr/share/doc/wtptui/examples/compose.yaml", "usr/share/doc/wtptui/examples/Containerfile",
	}
	if p.name == "deb" {
		return append(files, "usr/share/zsh/vendor-completions/_wtptui", "usr/share/doc/wtptui/copyright",
			"usr/share/doc/wtptui/changelog.gz")
	}
	return append(files, "usr/share/zsh/site-functions/_wtptui", "usr/share/licenses/wtptui/THIRD-PARTY-NOTICES",
		"usr/share/licenses/wtptui/LICENSE")
}

// checkInstalledFiles checks that the root has all files of the package and no others.
func (p linuxPackage) checkInstalledFiles(t *testing.T, root throwawayRoot) {
	t.Helper()
	expected := p.dataFiles()
	units := []string{
		"usr/lib/systemd/system/wtptui.service", "usr/lib/systemd/user/wtptui.service",
		"usr/share/doc/wtptui/examples/folders.conf",
	}
	if p.systemd {
		expected = append(expected, units...)
	} else {
		root.checkAbsent(t, units...)
	}
	root.checkFiles(t, 0o755, "usr/bin/wtptui")
	root.checkFiles(t, 0o644, expected...)
	files, _ := root.findInstalled(t)
	for _, path := range files {
		if path != "usr/bin/wtptui" && !slices.Contains(expected, path) {
			t.Errorf("there is %s", path)
		}
	}
}

// checkManPage checks the title of a compressed man page, and that it shows nothing of the machine it was built on.
func checkManPage(t *testing.T, path string) {
	t.Helper()
	man := outputOf(t, "gzip", "-dc", path)
	title, _, _ := strings.Cut(man, "\n")
	if !strings.Contains(title, ".TH") || !strings.Contains(title, "WTPTUI") || !strings.Contains(title, "2026-01-02") {
		t.Errorf("the man page has the title %s", title)
	}
	if strings.Contains(man, os.TempDir()) {
		t.Errorf("the man page: %.300s", man)
	}
}

// throwawayRoot is the root of a system that has only a shell, for scripts of packages.
type throwawayRoot struct{ dir string }

// path returns the path of a file of the root as it is seen here.
func (r throwawayRoot) path(name string) string {
	return filepath.Join(r.dir, filepath.FromSlash(name))
}

func newThrowawayRoot(t *testing.T) throwawayRoot {
	t.Helper()
	root := throwawayRoot{t.TempDir()}
	for _, dir := range []string{"bin", "etc", "tmp", "var/lib"} {
		if err := os.MkdirAll(root.path(dir), 0o755); err != nil { // As in every root.
			t.Fatal(err)
		}
	}
	path, err := exec.LookPath("busybox")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(root.path("bin/busybox"), []byte(readFile(t, path)), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"sh", "rm"} {
		if err := os.Symlink("busybox", filepath.Join(root.dir, "bin", name)); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// run runs a program as root, or as root of a user namespace if the test is not.
func (r throwawayRoot) run(t *testing.T, name string, args ...string) {
	t.Helper()
	args = append([]string{name}, args...)
	if os.Getuid() != 0 {
		args = append([]string{"unshare", "--map-root-user"}, args...)
	}
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "PATH="+os.Getenv("PATH")+":/usr/sbin:/sbin")
	text, err := cmd.CombinedOutput()
	// Where a script of a package fails, rpm and pacman say so and are content.
	if err != nil || strings.Contains(string(text), "not found") || strings.Contains(string(text), "scriptlet failed") {
		t.Fatalf("%q: %v\n%s", args, err, text)
	}
}

// checkFiles checks that the files exist, are not empty, have the mode and the packages' date, and belong to root.
func (r throwawayRoot) checkFiles(t *testing.T, mode os.FileMode, names ...string) {
	t.Helper()
	for _, name := range names {
		info, err := os.Lstat(r.path(name))
		if err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", name, err)
			continue
		}
		owner, ok := info.Sys().(*syscall.Stat_t)
		if !ok || int(owner.Uid) != os.Getuid() || int(owner.Gid) != os.Getgid() {
			t.Errorf("%s belongs to %+v", name, owner)
		}
		if info.Mode() != mode || fmt.Sprint(info.ModTime().Unix()) != packageDate {
			t.Errorf("%s has the mode %v instead of %v, and the date %v", name, info.Mode(), mode, info.ModTime())
		}
	}
}

// checkAbsent checks that none of the files exists.
func (r throwawayRoot) checkAbsent(t *testing.T, names ...string) {
	t.Helper()
	for _, name := range names {
		if _, err := os.Lstat(r.path(name)); !os.IsNotExist(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// findInstalled returns all files and folders that are named after wtptui or are in a folder that is, except for the
// package managers' own records.
func (r throwawayRoot) findInstalled(t *testing.T) (files, folders []string) {
	t.Helper()
	err := filepath.WalkDir(r.dir, func(path string, d fs.DirEntry, err error) error {
		rel, _ := filepath.Rel(r.dir, path) // It is below it.
		switch {
		case err != nil:
			return err
		case rel == "var/lib/dpkg" || rel == "var/lib/pacman" || rel == "var/lib/rpm":
			return fs.SkipDir
		case !strings.Contains(rel, "wtptui"):
		case d.IsDir():
			folders = append(folders, rel)
		default:
			files = append(files, rel)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files, folders
}

// checkRemoval removes the package, which leaves what people have added to the machine, and nothing else.
func (r throwawayRoot) checkRemoval(t *testing.T, remove func()) {
	t.Helper()
	added := r.path("etc/systemd/system/wtptui.service.d/folders.conf")
	if err := os.MkdirAll(filepath.Dir(added), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(added, []byte("[Service]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	remove()
	if !strings.Contains(readFile(t, added), "[Service]") {
		t.Error("its removal took a file that was not its own")
	}
	if err := os.RemoveAll(r.path("etc/systemd")); err != nil {
		t.Fatal(err)
	}
	if files, folders := r.findInstalled(t); len(files)+len(folders) > 0 {
		t.Errorf("after its removal there are %v %v", files, folders)
	}
}

// outputOf returns what a program writes. It has to exit 0.
func outputOf(t *testing.T, name string, args ...string) string {
	t.Helper()
	text, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		t.Errorf("%s %q: %v\n%s", name, args, err, text)
	}
	return string(text)
}

// checkProgram runs the program, which has to print its version and what it was built from. It has no tables for
// debuggers.
func checkProgram(t *testing.T, program string) {
	t.Helper()
	want := "wtptui " + packageVersion + "\ncommit     " + packageCommit + "\ncommitted  2026-01-02T03:04:05Z\n"
	if got := outputOf(t, program, "version"); !strings.HasPrefix(got, want) {
		t.Errorf("it says %q, want %q", got, want)
	}
	file, err := elf.Open(program)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for _, section := range file.Sections {
		if section.Name == ".symtab" || strings.Contains(section.Name, "debug") {
			t.Errorf("it has the section %s", section.Name)
		}
	}
}

// checkMetadata checks that what a package says of itself names who makes it, where, and under which licence.
func checkMetadata(t *testing.T, text string) {
	t.Helper()
	for _, want := range []string{packageMaintainer, packageHomepage, "MIT"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}

// installDeb installs a package of Debian. Its removal leaves the data of the service, which only a purge deletes.
func installDeb(t *testing.T, root throwawayRoot, file string) func() {
	t.Helper()
	admin := root.path("var/lib/dpkg")
	for _, dir := range []string{"info", "updates"} {
		if err := os.MkdirAll(filepath.Join(admin, dir), 0o750); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"status", "available"} {
		if err := os.WriteFile(filepath.Join(admin, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	dpkg := func(args ...string) {
		t.Helper()
		root.run(t, "dpkg", append([]string{"--root=" + root.dir, "--log=/dev/null"}, args...)...)
	}
	// The licence is in the file copyright.
	checkMetadata(t, outputOf(t, "dpkg-deb", "--field", file)+"MIT")
	dpkg("--install", file)
	outputOf(t, "sh", "-c", fmt.Sprintf("cd '%s' && md5sum -c --quiet var/lib/dpkg/info/wtptui.md5sums", root.dir))
	data := root.path("var/lib/private/wtptui")
	if err := os.MkdirAll(data, 0o750); err != nil {
		t.Fatal(err)
	}
	return func() {
		dpkg("--remove", "wtptui")
		if _, err := os.Stat(data); err != nil {
			t.Errorf("the data after its removal: %v", err)
		}
		dpkg("--purge", "wtptui")
	}
}

// installRPM installs a package of Fedora.
func installRPM(t *testing.T, root throwawayRoot, file string) func() {
	t.Helper()
	rpm := func(args ...string) {
		t.Helper()
		root.run(t, "rpm", append([]string{"--root=" + root.dir, "--dbpath=/var/lib/rpm"}, args...)...)
	}
	checkMetadata(t, outputOf(t, "rpm", "--query", "--package", "--info", file))
	// Debian's rpm has to be told that it is meant.
	rpm("--install", "--force-debian", "--nodeps", file)
	rpm("--verify", "--nodeps", "wtptui")
	return func() { rpm("--erase", "--force-debian", "wtptui") }
}

// installPacman installs a package of Arch Linux.
func installPacman(t *testing.T, root throwawayRoot, file string) func() {
	t.Helper()
	if err := os.MkdirAll(root.path("var/lib/pacman"), 0o750); err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(t.TempDir(), "pacman.conf")
	if err := os.WriteFile(config, []byte("[options]\nArchitecture = auto\nSigLevel = Never\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	pacman := func(args ...string) {
		t.Helper()
		root.run(t, "pacman", append([]string{
			"--root=" + root.dir, "--dbpath=" + root.dir + "/var/lib/pacman", "--config=" + config, "--logfile=/dev/null",
			"--cachedir=" + t.TempDir(), "--gpgdir=" + t.TempDir(), "--hookdir=" + t.TempDir(), "--noconfirm",
		}, args...)...)
	}
	checkMetadata(t, outputOf(t, "pacman", "--root="+root.dir, "--config="+config, "--query", "--info", "--file", file))
	pacman("--upgrade", file)
	pacman("--query", "--check", "--check", "wtptui")
	return func() { pacman("--remove", "wtptui") }
}

package e2e_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"wtptui/cmd/wtptui/e2e/peers"
)

// crashDisk is a file system in a file. A power cut loses what the kernel has not written to that file.
type crashDisk struct {
	images string // a folder, in memory
	n      int    // which image is mounted
	device string // the loop device of it
	mount  string // where it is mounted
}

// newCrashDisk makes a file system. It needs root, a loop device and mkfs.ext4.
func newCrashDisk(t *testing.T) *crashDisk {
	t.Helper()
	for _, tool := range []string{"mkfs.ext4", "losetup", "cp"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("a power cut needs %s: %v", tool, err)
		}
	}
	if _, err := os.Stat("/dev/loop-control"); err != nil {
		t.Skipf("a power cut needs loop devices: %v", err)
	}
	d := &crashDisk{images: mountSmallDisk(t, 1024)}
	t.Cleanup(func() { d.unmount(t) })
	// It is sparse: the program fetches nothing where less than a gigabyte is free.
	if err := os.WriteFile(d.imagePath(), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(d.imagePath(), 2<<30); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("mkfs.ext4", "-q", "-F", "-N", "8192", "-J", "size=8", d.imagePath()).CombinedOutput()
	if err != nil {
		t.Skipf("a power cut needs ext4: %v: %s", err, out)
	}
	if err := d.mountImage(); err != nil {
		t.Skipf("a power cut needs a loop device that an ext4 can be mounted on: %v", err)
	}
	return d
}

func (d *crashDisk) imagePath() string { return filepath.Join(d.images, strconv.Itoa(d.n)) }

// dataDir returns a folder on the file system.
func (d *crashDisk) dataDir() string { return filepath.Join(d.mount, "d") }

// mountImage mounts the image so that the kernel writes nothing to it by itself for as long as a test takes, and that a
// file which replaces another by a rename is not flushed unless the program does so.
func (d *crashDisk) mountImage() error {
	out, err := exec.Command("losetup", "--find", "--show", d.imagePath()).CombinedOutput()
	if err != nil {
		return &os.PathError{Op: "losetup " + strings.TrimSpace(string(out)), Path: d.imagePath(), Err: err}
	}
	d.device = strings.TrimSpace(string(out))
	// It goes as soon as it is not mounted any more.
	defer func() { _ = exec.Command("losetup", "--detach", d.device).Run() }()
	d.mount = d.imagePath() + "m"
	if err := os.Mkdir(d.mount, 0o700); err != nil {
		return err
	}
	return syscall.Mount(d.device, d.mount, "ext4", 0, "noauto_da_alloc,commit=3600,noinit_itable")
}

func (d *crashDisk) unmount(t *testing.T) {
	if d.mount == "" {
		return
	}
	if err := syscall.Unmount(d.mount, syscall.MNT_DETACH); err != nil {
		t.Error(err)
	}
	d.mount = ""
}

// readWriteCounters returns how much has been written to the image, and is being written.
func (d *crashDisk) readWriteCounters(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("/sys/block/" + filepath.Base(d.device) + "/stat")
	if err != nil {
		t.Fatal(err)
	}
	fields := strings.Fields(string(text))
	return strings.Join(fields[4:9], " ") // See Documentation/block/stat.rst of the kernel.
}

// cutPower ends the program, and replaces the disk by what is in the image at this time. The program is stopped by
// then. If the kernel still writes to the image meanwhile, the copy is made again.
func (d *crashDisk) cutPower(t *testing.T, w *peers.Wtptui) {
	t.Helper()
	w.Suspend(t)
	old := d.imagePath()
	d.n++
	for before := ""; before != d.readWriteCounters(t); {
		before = d.readWriteCounters(t)
		if out, err := exec.Command("cp", "--sparse=always", old, d.imagePath()).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	w.Kill()
	d.unmount(t)
	if err := os.Remove(old); err != nil {
		t.Error(err)
	}
	if err := d.mountImage(); err != nil {
		t.Fatal(err)
	}
	w.DataDir = d.dataDir()
}

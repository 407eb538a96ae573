package swarm

import (
	"context"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// ownNetworkEnv names the test that runs in a network of its own.
const ownNetworkEnv = "SWARM_OWN_NETWORK"

// ownNetwork runs the calling test again in a network namespace of its own, in which all addresses of the networks are
// this machine's, beside loopback: public ones of strangers can be played there, and nothing leaves the machine. It
// reports true in there, and false outside, where the test has nothing more to do. Where there cannot be such a
// network, the test is skipped.
func ownNetwork(t *testing.T, networks ...netip.Prefix) bool {
	t.Helper()
	if os.Getenv(ownNetworkEnv) == t.Name() {
		if err := addNetworks(append([]netip.Prefix{netip.MustParsePrefix("127.0.0.1/8")}, networks...)); err != nil {
			t.Fatalf("cannot set up a network: %v", err)
		}
		return true
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v",
		"-test.short="+strconv.FormatBool(testing.Short()))
	cmd.Env = append(os.Environ(), ownNetworkEnv+"="+t.Name())
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET, Pdeathsig: syscall.SIGKILL}
	if os.Getuid() != 0 {
		cmd.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}}
		cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}}
	}
	var out strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Skipf("no network of its own here: %v; it takes root, or user namespaces", err)
	}
	if err := cmd.Wait(); err != nil {
		t.Fatalf("in a network of its own: %v\n%s", err, out.String())
	}
	t.Logf("in a network of its own:\n%s", out.String())
	return false
}

// addNetworks makes all addresses of some networks those of the loopback device.
func addNetworks(networks []netip.Prefix) error {
	s, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(s)
	for i, n := range networks {
		name := "lo"
		if i > 0 {
			name += ":" + strconv.Itoa(i)
		}
		request, err := unix.NewIfreq(name)
		if err != nil {
			return err
		}
		mask := net.CIDRMask(n.Bits(), 32)
		for _, step := range []struct {
			name string
			code uint
			addr []byte
		}{{"SIOCSIFADDR", unix.SIOCSIFADDR, n.Addr().AsSlice()}, {"SIOCSIFNETMASK", unix.SIOCSIFNETMASK, mask}} {
			if err := request.SetInet4Addr(step.addr); err != nil {
				return err
			}
			if err := unix.IoctlIfreq(s, step.code, request); err != nil {
				return os.NewSyscallError(step.name, err)
			}
		}
		request.SetUint16(unix.IFF_UP | unix.IFF_RUNNING)
		if err := unix.IoctlIfreq(s, unix.SIOCSIFFLAGS, request); err != nil {
			return os.NewSyscallError("SIOCSIFFLAGS", err)
		}
	}
	return nil
}

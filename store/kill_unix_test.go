//go:build unix

package store

import (
	"bufio"
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A child is this test binary again, doing what childEnv says to the database at pathEnv.
const (
	childEnv = "WTPTUI_STORE_TEST_CHILD"
	pathEnv  = "WTPTUI_STORE_TEST_PATH"
)

func TestMain(m *testing.M) {
	switch what, at, _ := strings.Cut(os.Getenv(childEnv), ": "); what {
	case "":
		os.Exit(m.Run())
	case "write":
		childWrite(os.Getenv(pathEnv))
	case "open":
		childOpen(os.Getenv(pathEnv), at)
	case "open as nobody":
		childOpenAsNobody(os.Getenv(pathEnv))
	case "fill":
		childFill(os.Getenv(pathEnv))
	}
}

func child(path, what string) *exec.Cmd {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"="+what, pathEnv+"="+path)
	cmd.Stderr = os.Stderr
	return cmd
}

// childWrite writes for ever, from where the last run was killed, and says each number when it is kept.
func childWrite(path string) {
	db, _, err := Open(path, nil)
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	sites, _ := db.Sites()
	for n := len(sites); ; n++ {
		s := site(n)
		err := db.PutInfo(s.Infohash, []byte(s.Infohash))
		if err == nil {
			err = db.Set(rawHash(n), []int{n, n + chunkPieces}, true)
		}
		if err == nil {
			err = db.PutSites(s)
		}
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println(n)
	}
}

func TestKillLosesNothingAcknowledged(t *testing.T) {
	rounds := 20
	if testing.Short() {
		rounds = 3
	}
	path := filepath.Join(t.TempDir(), "wtptui.db")
	acknowledged := 0
	for round := range rounds {
		cmd := child(path, "write")
		stdout, err := cmd.StdoutPipe()
		must(t, err)
		must(t, cmd.Start())
		if round%4 == 3 { // The moment is random; now and then it comes while Open is at work.
			kill(cmd, 30*time.Millisecond)
		}
		first := true
		for lines := bufio.NewScanner(stdout); lines.Scan(); {
			n, err := strconv.Atoi(lines.Text())
			if err != nil {
				t.Errorf("the child says: %s", lines.Text())
				break
			}
			if first {
				kill(cmd, 100*time.Millisecond)
				first = false
			}
			acknowledged = n + 1
		}
		_ = cmd.Wait() // It was killed.
		acknowledged = wantKept(t, path, acknowledged)
	}
	if acknowledged < rounds/2 {
		t.Errorf("%d writes in %d rounds show little", acknowledged, rounds)
	}
}

func kill(cmd *exec.Cmd, within time.Duration) {
	time.AfterFunc(rand.N(within), func() { _ = cmd.Process.Kill() })
}

// wantKept checks that all sites that were acknowledged are there, and gives how many there are.
func wantKept(t *testing.T, path string, acknowledged int) int {
	t.Helper()
	db, report := mustOpen(t, path)
	defer mustClose(t, db)
	if report.MovedAside != "" {
		t.Fatalf("a kill damaged the database: %+v", report)
	}
	sites, err := db.Sites()
	must(t, err)
	if len(sites) < acknowledged {
		t.Fatalf("%d sites are there, %d were acknowledged", len(sites), acknowledged)
	}
	for n, s := range sites {
		wantEqual(t, s, site(n))
		info, err := db.Info(s.Infohash)
		must(t, err)
		wantEqual(t, string(info), s.Infohash)
		for _, piece := range []int{n, n + chunkPieces} {
			if complete, known := db.Get(rawHash(n), piece); !complete || !known {
				t.Errorf("piece %d of site %d is lost", piece, n)
			}
		}
	}
	return len(sites)
}

// childOpen opens the database, as the next schema when it has one to migrate, and is killed when Open has come to a
// step.
func childOpen(path, at string) {
	s := futureSchema(nil)
	s.onPoint = func(step string) {
		if step == at {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {}
		}
	}
	_, _, err := open(path, nil, s)
	fmt.Println("not killed:", err)
}

func TestKillWhileMigrating(t *testing.T) {
	for _, step := range []string{"copied", "kept", "migrating", "migrated"} {
		t.Run(step, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "wtptui.db")
			sampleContent(t, path)
			wantKilled(t, path, step)
			db, report, err := open(path, nil, futureSchema(nil))
			must(t, err)
			defer mustClose(t, db)
			wantEqual(t, report.MovedAside, "")
			wantTitles(t, db, "SITE ")
			if _, err := verifyFile(schemaCopyPath(path), current.version); err != nil {
				t.Errorf("the copy from before: %v", err)
			}
		})
	}
}

func TestKillWhileMovingAside(t *testing.T) {
	path := filepath.Join(t.TempDir(), "wtptui.db")
	damaged := sampleContent(t, path)[:20000]
	must(t, os.Truncate(path, int64(len(damaged))))
	wantKilled(t, path, "moved aside")
	db, report := mustOpen(t, path)
	wantEqual(t, report, Report{New: true})
	must(t, db.PutSites(site(1)))
	aside, err := filepath.Glob(path + ".damaged-*")
	must(t, err)
	wantEqual(t, len(aside), 1)
	kept, err := os.ReadFile(aside[0])
	must(t, err)
	if !bytes.Equal(kept, damaged) {
		t.Error("what was moved aside is not what was there")
	}
}

func wantKilled(t *testing.T, path, step string) {
	t.Helper()
	out, err := child(path, "open: "+step).Output()
	if err == nil {
		t.Fatalf("the child was not killed at %q: %s", step, out)
	}
}

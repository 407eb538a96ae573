package doctor

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"wtptui/engine"
	"wtptui/engine/cause"
	"wtptui/engine/keyring"
)

const (
	keyCheckName = "key"
	bringBack    = "bring it back from your backup with `wtptui keys import`"
)

// keys returns the keys of this machine.
func (d *doctor) keys() ([]engine.Key, error) {
	if d.KeyDir == "" {
		return nil, nil
	}
	return keyring.New(d.KeyDir).List()
}

// keyCheck looks at the files of keys. It is silent if there are none and none is missing.
func keyCheck(_ context.Context, d *doctor) []Finding {
	keys, err := d.keys()
	if err != nil {
		return fail(keyCheckName, engine.Message(err), "make "+d.KeyDir+" readable for you")
	}
	found := d.openKeyFiles()
	var risky []string
	for _, k := range keys {
		switch {
		case k.Error != "":
			what, do, _ := strings.Cut(k.Error, ": ")
			if do == "" {
				do = bringBack
			}
			found = append(found, fail(keyCheckName, what, do)...)
		case !k.BackedUp:
			risky = append(risky, k.Name)
		}
	}
	if len(risky) > 0 {
		found = append(found, warn(keyCheckName,
			"not backed up: "+strings.Join(risky, ", ")+"; a key that is lost cannot be replaced",
			"`wtptui keys export "+risky[0]+" FILE`, and keep that file elsewhere")...)
	}
	found = append(found, d.lostKeys(keys)...)
	if len(found) == 0 && len(keys) > 0 {
		return ok(keyCheckName, howMany(len(keys), "key")+" on this machine, and backed up")
	}
	return found
}

// openKeyFiles tells of files of keys that others on this machine can read.
func (d *doctor) openKeyFiles() []Finding {
	if d.KeyDir == "" || runtime.GOOS == "windows" {
		return nil
	}
	paths, _ := filepath.Glob(filepath.Join(d.KeyDir, "*.key")) // The pattern is a good one.
	paths = slices.DeleteFunc(paths, func(path string) bool {
		info, err := os.Stat(path)
		return err != nil || info.Mode().Perm()&0o077 == 0
	})
	if len(paths) == 0 {
		return nil
	}
	return fail(keyCheckName, "others on this machine may read "+strings.Join(paths, ", ")+", and sign with it",
		"chmod 600 "+strings.Join(paths, " "))
}

// lostKeys tells of sites that were published here and cannot get a new version, for want of the key.
func (d *doctor) lostKeys(keys []engine.Key) (found []Finding) {
	for _, s := range d.Sites {
		switch {
		case !s.Mine || s.Record.Signer != "":
		case !engine.IsKey(s.Host):
			found = append(found, Finding{
				Status: Warn, Check: keyCheckName, Subject: s.URL,
				Found: "was published here, but the key that its domain names is not on this machine, and decides what others get",
				Do:    "import that key with `wtptui keys import`, or publish with another one and have the domain name that",
			})
		case !slices.ContainsFunc(keys, func(k engine.Key) bool { return k.Host == s.Host }):
			found = append(found, Finding{
				Status: Fail, Check: keyCheckName, Subject: s.URL,
				Found: "was published here, but its key is not on this machine any more, so that it can get no new version",
				Do:    bringBack,
			})
		}
	}
	return found
}

// relayCheck asks relays for their front page. Any word from one says that it is there. Nothing is told without relays:
// the DHT does without.
func relayCheck(ctx context.Context, d *doctor) []Finding {
	return soften(each(ctx, "relay", d.Relays, func(ctx context.Context, address string) Finding {
		_, err := d.get(ctx, address, "")
		var status *statusError
		if errors.As(err, &status) && status.code < 500 {
			err = nil
		}
		if err != nil {
			const do = "if none works, check the network; name others with --relay"
			return Finding{Status: Fail, Found: cause.Describe(err), Do: do, err: err}
		}
		return Finding{Status: OK, Found: "answers"}
	}))
}

// howMany is a number with its noun: "1 key", "12 keys".
func howMany(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}

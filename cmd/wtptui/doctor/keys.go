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
	keyCheckName     = "key"
	restoreKeyAdvice = "bring it back from your backup with `wtptui keys import`"
)

// listKeys returns the keys of this machine.
func (d *doctor) listKeys() ([]engine.Key, error) {
	if d.KeyDir == "" {
		return nil, nil
	}
	return keyring.New(d.KeyDir).List()
}

// keyCheck checks the files of keys. It returns nothing if there are none and none is missing.
func keyCheck(_ context.Context, d *doctor) []Finding {
	keys, err := d.listKeys()
	if err != nil {
		return fail(keyCheckName, engine.Message(err), "make "+d.KeyDir+" readable for you")
	}
	found := d.readableKeyFiles()
	var notBackedUp []string
	for _, k := range keys {
		switch {
		case k.Error != "":
			what, do, _ := strings.Cut(k.Error, ": ")
			if do == "" {
				do = restoreKeyAdvice
			}
			found = append(found, fail(keyCheckName, what, do)...)
		case !k.BackedUp:
			notBackedUp = append(notBackedUp, k.Name)
		}
	}
	if len(notBackedUp) > 0 {
		found = append(found, warn(keyCheckName,
			"not backed up: "+strings.Join(notBackedUp, ", ")+"; a key that is lost cannot be replaced",
			"`wtptui keys export "+notBackedUp[0]+" FILE`, and keep that file elsewhere")...)
	}
	found = append(found, d.missingKeys(keys)...)
	if len(found) == 0 && len(keys) > 0 {
		return ok(keyCheckName, countText(len(keys), "key")+" on this machine, and backed up")
	}
	return found
}

// readableKeyFiles reports files of keys that other users of this machine can read.
func (d *doctor) readableKeyFiles() []Finding {
	if d.KeyDir == "" || runtime.GOOS == "windows" {
		return nil
	}
	paths, _ := filepath.Glob(filepath.Join(d.KeyDir, "*.key")) // The pattern is valid.
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

// missingKeys reports sites that were published here and cannot get a new version because the key is missing.
func (d *doctor) missingKeys(keys []engine.Key) (found []Finding) {
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
				Do:    restoreKeyAdvice,
			})
		}
	}
	return found
}

// relayCheck requests the front page of relays. Any response shows that a relay works. Without relays it returns
// nothing: the DHT works without them.
func relayCheck(ctx context.Context, d *doctor) []Finding {
	return downgradeFailures(probeAll(ctx, "relay", d.Relays, func(ctx context.Context, address string) Finding {
		_, err := d.fetch(ctx, address, "")
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

// countText returns a number with its noun: "1 key", "12 keys".
func countText(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}

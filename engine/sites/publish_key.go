package sites

import (
	"context"
	"crypto/ed25519"
	"slices"

	"wtptui/engine"
	"wtptui/engine/keyring"
	"wtptui/store"
)

// A folder that is published with a key is the site of that key, or of a domain that names the key. Before anything is
// copied it is checked that the key is here and that no other machine signs with it. The record is signed when the site
// serves the version that it names.

// folderKey is a key of this machine with which a folder is published; the zero value means none.
type folderKey struct {
	name   string
	secret ed25519.PrivateKey // nil before the key has been made
}

// host returns the public key as a host; empty before the key has been made.
func (k folderKey) host() string {
	if k.secret == nil {
		return ""
	}
	return keyring.PublicHost(k.secret)
}

func checkKeyName(op string, ring *keyring.Ring, name string) error {
	switch {
	case name == "":
		return nil
	case ring == nil:
		return &engine.Error{Op: op, Kind: engine.Invalid, Msg: "this engine has no keys: publish without one"}
	}
	return engine.CheckKeyName(name)
}

func errNameIsKey(op string) error {
	return &engine.Error{
		Op: op, Kind: engine.Invalid,
		Msg: "a site's name is a domain, like example.org: " +
			"name the key of this machine that a site is published with by --key",
	}
}

// findKey finds the key that the request names. A missing key is made later, unless a site was published with it: a new
// key would be another site.
func (job *publishJob) findKey() error {
	name := job.req.Key
	if name == "" {
		return nil
	}
	secret, err := job.p.cfg.Keys.Load(name)
	if engine.KindOf(err) == engine.NotFound {
		return job.p.withState(job.op, "", func(st *state) error {
			for _, r := range st.own.byHost {
				if r.Key == name {
					return err
				}
			}
			job.key = folderKey{name: name}
			return nil
		})
	}
	job.key = folderKey{name, secret}
	return err
}

// hostOfKey returns the host for a publication with the request's key: a name under which the folder was published with
// that key, or else the key itself; empty before the key has been made.
func (job *publishJob) hostOfKey(st *state, names []string) string {
	key := job.key.host()
	same := slices.DeleteFunc(slices.Clone(names), func(host string) bool { return st.own.byHost[host].PublicKey != key })
	if key != "" && len(same) == 1 {
		return same[0]
	}
	return key
}

// findFormerKey finds the key that the folder was last published with, if the request names none.
func (job *publishJob) findFormerKey() (err error) {
	if job.req.Key == "" && job.former != nil && job.former.Key != "" {
		job.key, err = loadKey(job.op, job.p.cfg.Keys, *job.former)
	}
	return err
}

// loadKey loads the key of a publication.
func loadKey(op string, ring *keyring.Ring, r store.Publication) (folderKey, error) {
	if ring == nil {
		return folderKey{}, &engine.Error{
			Op: op, Host: r.Host, Kind: engine.Invalid,
			Msg: "it was published with the key " + r.Key + ", and this engine has no keys",
		}
	}
	key := folderKey{name: r.Key}
	var err error
	key.secret, err = ring.Load(r.Key)
	if err == nil && key.host() == r.PublicKey {
		return key, nil
	}
	if name, here := ring.FindName(r.PublicKey); here { // It was imported under another name.
		key.name = name
		key.secret, err = ring.Load(name)
		return key, err
	}
	if err == nil {
		err = &engine.Error{
			Op: op, Host: r.Host, Kind: engine.Conflict,
			Msg: "the key " + r.Key + " is not the one that the folder was published with: bring that one back with " +
				"`wtptui keys import`, or name the one to use with --key",
		}
	}
	return folderKey{}, err
}

// prepareKey makes the key if there is none, and checks that it may sign.
func (job *publishJob) prepareKey(ctx context.Context) (err error) {
	if job.key.name == "" {
		return nil
	}
	job.result.Key = engine.Key{Name: job.key.name}
	isNew := job.key.secret == nil
	if isNew && job.req.DryRun {
		return nil
	}
	if isNew {
		if job.key.secret, err = job.p.cfg.Keys.Create(job.key.name); err != nil {
			return err
		}
		if job.name == "" {
			job.name = job.key.host()
		}
	}
	if job.result.Key, err = job.p.cfg.Keys.Find(job.key.name); err != nil {
		return err
	}
	if isNew || job.req.DryRun { // Nobody else can have signed with a new key.
		return nil
	}
	public, _ := engine.ParseKey(job.key.host())
	return job.p.cfg.Resolver.CheckSigner(ctx, public, job.req.TakeOver)
}

// sign signs the record of a version that the site now serves.
func (job *publishJob) sign(ctx context.Context) error {
	if job.key.secret == nil {
		return nil
	}
	p, s := job.p, signRequest{op: job.op, host: job.result.Host, key: job.key, takeOver: job.req.TakeOver}
	done := make(chan signResult, 1)
	p.owner.do(func() { // Signing goes on when ctx ends.
		p.owner.startBackground(func(ctx context.Context) { done <- p.signQueued(ctx, s) })
	})
	var err error
	select {
	case one := <-done:
		job.result.Record, err = one.record, one.err
	case <-ctx.Done():
		err = canceledError(ctx, job.op, s.host)
	case <-p.owner.ctx.Done():
		err = stoppingError(job.op, s.host)
	}
	if err == nil {
		return nil
	}
	return &engine.Error{
		Op: job.op, Host: job.result.Host, Kind: engine.KindOf(err), Err: err,
		Msg: "the site is published, but its record is not: " + engine.Message(err) + ". Publish the folder again to sign it",
	}
}

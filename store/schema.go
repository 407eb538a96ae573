package store

import "fmt"

// current is the schema that this version reads and writes. To change how a bucket is read, raise version, append the
// step that turns the former schema into it, and keep a database of the former one for the tests.
//
// Schema 1: sites, history, names, infos, pieces and settings. Schema 2: publications as well; nothing else has
// changed. Schema 3: tombstones as well; a site has Rev and Found, which are zero in older rows. Schema 4: checks as
// well. Schema 5: a site has Labels, Enough and Shared, which are empty in older rows. Schema 6: signed as
// well; a name has Key and a publication Key and PublicKey, which are empty in older ones.
var current = schema{
	version: 6,
	steps:   []func(*Tx) error{1: addNothing, 2: addNothing, 3: addNothing, 4: addNothing, 5: addNothing},
}

// addNothing is the step to a schema that only adds a bucket, or fields: a bucket is created when something is put into
// it. The schema number keeps older programs from opening the database: they would take an unknown bucket for damage,
// and write rows without the fields.
func addNothing(*Tx) error { return nil }

// schema is a version of the database's form, with the steps that lead to it.
type schema struct {
	version int
	// steps[i] migrates schema i to schema i+1. Schema 0 never existed, so steps[0] is nil. A step may rely on a database
	// that was verified.
	steps []func(*Tx) error
	// onPoint is called by notifyTest; nil except in tests.
	onPoint func(step string)
}

// notifyTest tells a test that Open has reached a point at which a kill must lose nothing.
func (s schema) notifyTest(step string) {
	if s.onPoint != nil {
		s.onPoint(step)
	}
}

// migrate migrates the database from an older schema to the current one in one transaction, after making a copy of the
// file that the older program can use.
func (o *opening) migrate(from int) error {
	if from == o.schema.version {
		return nil
	}
	keep := fmt.Sprintf("%s.schema%d", o.path, from)
	// A copy that is there was made by a migration that was killed, or before a downgrade: the file as it is now is
	// what has to be kept, and rename replaces the former copy only when the new one is complete.
	if err := copyFile(o.path, keep+".new"); err != nil {
		return err
	}
	o.schema.notifyTest("copied")
	if err := rename(keep+".new", keep); err != nil {
		return err
	}
	o.schema.notifyTest("kept")
	err := o.transact(func(t *Tx) error {
		for v := from; v < o.schema.version; v++ {
			if v >= len(o.schema.steps) || o.schema.steps[v] == nil {
				return fmt.Errorf("%w: there is no way from schema %d to %d", errDamaged, v, v+1)
			}
			if err := o.schema.steps[v](t); err != nil {
				return fmt.Errorf("migrate from schema %d to %d: %w", v, v+1, err)
			}
		}
		t.state.Schema = o.schema.version
		o.schema.notifyTest("migrating")
		return nil
	})
	if err != nil {
		return err
	}
	o.schema.notifyTest("migrated")
	o.log.Info("store: the database was migrated", "from", from, "to", o.schema.version, "copy", keep)
	return nil
}

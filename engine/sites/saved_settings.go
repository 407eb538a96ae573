package sites

import (
	"context"
	"encoding/json"
	"slices"

	"wtptui/store"
)

// RestoreSettings applies the limits of a backup where there are none, and turns homes off that this run does not have.
// It reports whether that changes anything; with dryRun nothing changes.
func (a *Archive) RestoreSettings(ctx context.Context, saved SavedSettings, dryRun bool) (changes bool, err error) {
	const op = "sites: restore settings"
	var written []<-chan error
	err = a.withState(op, "", func(st *state) error {
		saved.HomesOff = slices.DeleteFunc(slices.Clone(saved.HomesOff), func(name string) bool {
			return st.homes.byName[name] != nil // The home exists, and is on or off as a person wants it.
		})
		limits, off := missingSettings(SavedSettings{st.rates.usual, st.rates.byLabel, st.homes.off}, saved)
		moreOff := !slices.Equal(off, st.homes.off)
		if changes = len(limits) > 0 || moreOff; dryRun || !changes {
			return nil
		}
		for _, l := range limits {
			done := make(chan error, 1)
			put := st.rates.set
			if l.Label == "" {
				put = st.rates.setUsual // Limits of a schedule still override them.
			}
			if err := put(l, func(err error) { done <- err }); err != nil {
				return err
			}
			written = append(written, done)
		}
		if moreOff {
			st.homes.off, st.homes.unsaved = off, true
			done := make(chan error, 1)
			st.homes.flush(func(err error) { done <- err })
			written = append(written, done)
		}
		st.snapshots.publish()
		return nil
	})
	for _, done := range written {
		if err == nil {
			err = awaitWrite(ctx, op, "", done)
		}
	}
	return changes, err
}

// RestoreStoredSettings is like Archive.RestoreSettings, for a database that no engine uses.
func RestoreStoredSettings(db *store.DB, saved SavedSettings, dryRun bool) (changes bool, err error) {
	var now SavedSettings
	for key, to := range now.byKey() {
		data, err := db.Setting(key)
		if err == nil && data != nil {
			err = json.Unmarshal(data, to)
		}
		if err != nil {
			return false, err
		}
	}
	limits, off := missingSettings(now, saved)
	if changes = len(limits) > 0 || !slices.Equal(off, now.HomesOff); dryRun || !changes {
		return changes, nil
	}
	for _, l := range limits {
		if l.Label == "" {
			now.Limits = l
		} else {
			now.LabelLimits = append(now.LabelLimits, l)
		}
	}
	now.HomesOff = off
	return true, db.Update(func(tx *store.Tx) error {
		for key, value := range now.byKey() {
			data, err := json.Marshal(value)
			if err != nil {
				return err
			}
			if err := tx.PutSetting(key, data); err != nil {
				return err
			}
		}
		return nil
	})
}

package doctor

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"wtptui/engine"
)

func engineCheck(_ context.Context, d *doctor) []Finding {
	const name = "engine"
	switch {
	case d.EngineError != nil:
		return fail(name, engine.Message(d.EngineError), "end the other wtptui, or choose another folder with --data-dir")
	case d.Engine == nil:
		return ok(name, "none runs for "+d.DataDir+": this is what one would find")
	case d.Engine.Version != d.Version:
		return warn(name, "version "+d.Engine.Version+" runs, and this is "+d.Version, "restart the one that runs")
	case len(d.Engine.Warnings) > 0:
		return warn(name, strings.Join(d.Engine.Warnings, "; "), "the log tells more")
	case !d.Engine.Online:
		return warn(name, "runs, but no peer, no tracker and no DHT node has answered lately", "see the lines below")
	}
	return ok(name, "version "+d.Engine.Version+" runs and is online")
}

// settingsCheck reports only doubtful settings, and those that the engine does not run with.
func settingsCheck(_ context.Context, d *doctor) (found []Finding) {
	const name = "settings"
	if len(d.DoubtfulSettings) > 0 {
		found = warn(name, strings.Join(d.DoubtfulSettings, "; "), "correct them")
	}
	if d.Engine != nil && len(d.PendingSettings) > 0 {
		found = append(found, warn(name, "the wtptui that runs has others: "+strings.Join(d.PendingSettings, "; "),
			"it has them after a restart, or as for limits, sizes and the log level after SIGHUP; what follows is about those "+
				"that it has now")...)
	}
	return found
}

// foundCheck reports only if there are found sites: mostly there are none.
func foundCheck(_ context.Context, d *doctor) []Finding {
	const do = "`wtptui ls` lists them as found: `wtptui resume HOST` takes one up, `wtptui remove HOST` deletes it"
	switch d.Found {
	case 0:
		return nil
	case 1:
		return warn("found", "1 site was found in the data folder, and nothing else knows what it is", do)
	}
	found := fmt.Sprintf("%d sites were found in the data folder, and nothing else knows what they are", d.Found)
	return warn("found", found, do)
}

// engineAdvice is the advice for what follows from an engine that cannot be reached.
const engineAdvice = "see the engine above"

// folderCheck tries to write to the data folder, or if that is missing, to the folder in which it would be created.
func folderCheck(_ context.Context, d *doctor) []Finding {
	const name, do = "folder", "make it writable, or choose another with --data-dir"
	dir, missing := nearestExisting(d.DataDir)
	f, err := os.CreateTemp(dir, ".wtptui-doctor-*")
	if err != nil {
		return fail(name, "cannot write to "+dir+": "+systemError(err), do)
	}
	_, err = f.WriteString("doctor")
	if err = errors.Join(err, f.Close(), os.Remove(f.Name())); err != nil {
		return fail(name, "cannot write to "+dir+": "+systemError(err), do)
	}
	if missing {
		return ok(name, d.DataDir+" is not there yet and can be made")
	}
	if info, err := os.Stat(dir); err == nil && runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return warn(name, "others on this machine can look into "+dir, "chmod 700 "+dir)
	}
	return ok(name, dir+" is writable")
}

// nearestExisting returns the folder itself, or the nearest parent that exists.
func nearestExisting(dir string) (found string, missing bool) {
	for {
		if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) || filepath.Dir(dir) == dir {
			return dir, missing
		}
		dir, missing = filepath.Dir(dir), true
	}
}

func diskCheck(_ context.Context, d *doctor) []Finding {
	const name = "disk"
	dir, _ := nearestExisting(d.DataDir)
	free, err := d.Free(dir)
	switch {
	case err != nil:
		return warn(name, "the free space of "+dir+" cannot be told: "+systemError(err), "look at it yourself")
	case free < d.MinFree:
		return fail(name, fmt.Sprintf("%s free, under %s: downloads pause", sizeText(free), sizeText(d.MinFree)),
			"free some space, or choose another disk with --data-dir")
	}
	used, bin := int64(0), int64(0) // The bin is emptied when its space is needed.
	if d.Engine != nil {
		used, bin = d.Engine.CacheUsed, d.Engine.Bin.Bytes
	}
	if room := d.CacheSize - used; d.CacheSize > 0 && free+bin-d.MinFree < room {
		return warn(name, fmt.Sprintf("%s free, but the cache may take %s more", sizeText(free), sizeText(room)),
			"free some space, or lower --cache-size")
	}
	return ok(name, sizeText(free)+" free")
}

func databaseCheck(_ context.Context, d *doctor) []Finding {
	const name = "database"
	if d.Engine != nil {
		for _, w := range d.Engine.Warnings {
			if strings.Contains(w, "database") {
				return warn(name, w, "look whether sites or pins are missing")
			}
		}
		return ok(name, "open in the wtptui that runs, which verified it at its start")
	}
	if d.EngineError != nil {
		return warn(name, "cannot be looked at while another wtptui may have it open", engineAdvice)
	}
	if _, err := os.Stat(d.Database); errors.Is(err, fs.ErrNotExist) {
		return ok(name, "not there yet: the first start makes it")
	}
	if err := d.CheckDatabase(d.Database); err != nil {
		found, do, _ := strings.Cut(engine.Message(err), ": ")
		return fail(name, found, cmp.Or(do, "look whether the disk is well"))
	}
	return ok(name, "whole")
}

func socketCheck(_ context.Context, d *doctor) []Finding {
	const name = "socket"
	info, err := os.Lstat(d.Socket)
	switch {
	case d.SocketError != nil:
		found, do, _ := strings.Cut(engine.Message(d.SocketError), ": ")
		return fail(name, found, do)
	case d.EngineError != nil:
		return warn(name, "there is a wtptui behind it that cannot be asked", engineAdvice)
	case errors.Is(err, fs.ErrNotExist) && d.Engine == nil:
		return ok(name, "not there, as no wtptui runs")
	case err != nil && d.Engine == nil:
		return warn(name, d.Socket+": "+systemError(err), "see the folder above")
	case err == nil && info.Mode().Type() != fs.ModeSocket && runtime.GOOS != "windows":
		return fail(name, d.Socket+" is in the way and is not a socket", "move it elsewhere")
	case d.Engine == nil:
		return ok(name, "left over by a wtptui that did not end well: the next start replaces it")
	case err == nil && runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0:
		return warn(name, "others on this machine may open "+d.Socket, "restart wtptui, which makes it private")
	}
	return ok(name, "the wtptui that runs answers on it")
}

func handlerCheck(ctx context.Context, d *doctor) []Finding {
	const name, do = "handler", "`wtptui register` makes it this one"
	ours, other, err := d.Handler(ctx)
	switch {
	case err != nil:
		return warn(name, engine.Message(err), do)
	case ours:
		return ok(name, "wtp:// links open with wtptui")
	case other != "":
		return warn(name, "wtp:// links open with another program: "+other, do)
	}
	return warn(name, "no program opens wtp:// links", do)
}

func companionCheck(_ context.Context, d *doctor) []Finding {
	const name = "companion"
	var ours, others []string
	if d.Companion != nil {
		ours, others = d.Companion()
	}
	switch {
	case len(others) > 0:
		return warn(name, "another wtptui answers the extension in "+strings.Join(others, ", "),
			"`wtptui register --companion` makes it this one")
	case len(ours) > 0:
		return ok(name, "answers the extension in "+strings.Join(ours, ", ")+
			", where that is loaded (`wtptui companion DIR` writes it and says how)")
	}
	return ok(name, "no browser has it: `wtptui companion DIR` writes the extension and says how to load it, "+
		"`wtptui register --companion` comes next")
}

// systemError returns the system's message, without the path that is in the finding anyway.
func systemError(err error) string {
	var pathErr *fs.PathError
	if errors.As(err, &pathErr) {
		return pathErr.Err.Error()
	}
	return err.Error()
}

// sizeText formats a number of bytes.
func sizeText(n int64) string {
	const gib = 1 << 30
	if n >= 10*gib {
		return fmt.Sprintf("%d GiB", n/gib)
	}
	return fmt.Sprintf("%.1f GiB", float64(n)/gib)
}

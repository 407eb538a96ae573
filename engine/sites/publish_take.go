package sites

import (
	"context"
	"os"
	"runtime"
	"sync"
	"sync/atomic"

	"wtptui/engine"
	"wtptui/engine/publish"
	"wtptui/engine/swarm"
)

// takeIn copies the folder, hashes the copy and makes it the site. The copy is what is hashed, so that whatever happens
// to the folder meanwhile, what is seeded is what its infohash says.
func (ed *edition) takeIn(ctx context.Context) error {
	in, err := ed.p.cfg.Swarm.Intake()
	if err != nil {
		return err
	}
	defer in.Discard()
	if err := ed.compare(ctx, in); err != nil {
		return err
	}
	if ed.unchanged() {
		return ed.again(ctx)
	}
	var size int64
	for i, f := range ed.plan.Files {
		if ed.same[i] < 0 {
			size += f.Size
		}
	}
	if err := ed.room(ctx, in, size); err != nil {
		return err
	}
	if err := ed.shareFiles(ctx, in); err != nil {
		return err
	}
	ed.meta, err = publish.Hash(ctx, ed.plan, func(i int) (publish.Bytes, error) { return ed.takeFile(in, i) }, ed.previous.Reuse(ed.plan, ed.same), ed.meter)
	if err != nil {
		return err
	}
	return ed.commit(ctx, in)
}

// room sees to it that there is room for so many bytes, in place of what lies in the bin if need be.
func (ed *edition) room(ctx context.Context, in swarm.Intake, size int64) error {
	missing, err := in.Room(size)
	if err != nil && ed.p.emptyBin(ctx, missing) {
		_, err = in.Room(size)
	}
	return err
}

// compare finds the files that the version before has already: those that were not written since, and those whose bytes
// are the same all the same, as after a build that writes every file anew. With Paranoid only the bytes count.
func (ed *edition) compare(ctx context.Context, in swarm.Intake) error {
	ed.same = make([]int, len(ed.plan.Files))
	for i := range ed.same {
		ed.same[i] = -1
	}
	if ed.previous == nil {
		return nil
	}
	return ed.eachFile(ctx, func(i int) error {
		f := ed.plan.Files[i]
		index, sameSize := ed.previous.Find(f)
		if !sameSize {
			return nil
		}
		same := !ed.req.Paranoid && ed.previous.Same(f)
		if !same {
			opened, err := ed.folder.Open(f)
			if err != nil {
				return publish.Unreadable(f.Path, err)
			}
			defer opened.Close()
			if same, err = in.Same(ed.base, index, opened); err != nil {
				return publish.Unreadable(f.Path, err)
			}
		}
		if same {
			ed.same[i] = index
		}
		return nil
	})
}

// unchanged says that the folder is what the site serves, file for file.
func (ed *edition) unchanged() bool {
	return ed.previous != nil && ed.base == ed.current && ed.previous.Compare(ed.plan, ed.same).None()
}

// shareFiles takes in those files that need not be copied: those of the version before, and all if the file system can
// share their data.
func (ed *edition) shareFiles(ctx context.Context, in swarm.Intake) error {
	ed.meter.Begin(engine.PublishCopy, len(ed.plan.Files), ed.plan.Size)
	ed.shared = make([]bool, len(ed.plan.Files))
	var unable atomic.Bool
	return ed.eachFile(ctx, func(i int) (err error) {
		f := ed.plan.Files[i]
		switch {
		case f.Size == 0: // Nobody reads it, and what was fetched from others has no such files.
			err = createEmpty(in, i)
		case ed.same[i] >= 0:
			err = in.Link(i, ed.base, ed.same[i])
			ed.shared[i] = err == nil
		case !unable.Load():
			ed.shared[i], err = ed.shareFile(in, i)
			unable.Store(!ed.shared[i])
		}
		ed.meter.Done(1, f.Size)
		return err
	})
}

func createEmpty(in swarm.Intake, i int) error {
	f, err := in.Create(i)
	if err != nil {
		return err
	}
	return f.Close()
}

// shareFile reports whether the file system could share the file's data.
func (ed *edition) shareFile(in swarm.Intake, i int) (bool, error) {
	f := ed.plan.Files[i]
	opened, err := ed.folder.Open(f)
	if err != nil {
		return false, publish.Unreadable(f.Path, err)
	}
	defer opened.Close()
	file, ok := opened.(*os.File)
	if !ok {
		return false, nil
	}
	shared, err := in.Share(i, file)
	if err != nil || !shared {
		return false, err
	}
	switch same, err := ed.folder.Unchanged(f, opened); {
	case err != nil:
		return false, publish.Unreadable(f.Path, err)
	case !same:
		return false, publish.Changed(f.Path)
	}
	return true, nil
}

// takeFile opens a file to be hashed: one that is here already, or one that is copied meanwhile.
func (ed *edition) takeFile(in swarm.Intake, i int) (publish.Bytes, error) {
	if ed.shared[i] {
		return in.Open(i)
	}
	to, err := in.Create(i)
	if err != nil {
		return nil, err
	}
	return ed.folder.Copy(ed.plan.Files[i], to)
}

// eachFile does something with every file of the plan, several at a time, until one of them fails or ctx ends.
func (ed *edition) eachFile(ctx context.Context, do func(i int) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var next atomic.Int64
	var wg sync.WaitGroup
	n := len(ed.plan.Files)
	for range min(2*runtime.GOMAXPROCS(0), n) {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < n && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				if err := do(i); err != nil {
					cancel(err)
				}
			}
		})
	}
	wg.Wait()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return nil
}

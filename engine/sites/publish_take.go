package sites

import (
	"context"
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
	in, err := ed.e.cfg.Swarm.Intake()
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
	if err := in.Room(size); err != nil {
		return err
	}
	ed.meter.Begin(engine.PublishCopy, len(ed.plan.Files), ed.plan.Size)
	if err := ed.eachFile(ctx, func(i int) error { return ed.takeFile(in, i) }); err != nil {
		return err
	}
	ed.meta, err = publish.Hash(ctx, ed.plan, func(i int) (publish.Bytes, error) { return in.Open(i) }, ed.previous.Reuse(ed.plan, ed.same), ed.meter)
	if err != nil {
		return err
	}
	return ed.commit(ctx, in)
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

// takeFile copies one file, or takes it over from the version before.
func (ed *edition) takeFile(in swarm.Intake, i int) error {
	f := ed.plan.Files[i]
	defer ed.meter.Done(1, f.Size)
	if ed.same[i] >= 0 {
		return in.Link(i, ed.base, ed.same[i])
	}
	opened, err := ed.folder.Open(f)
	if err != nil {
		return publish.Unreadable(f.Path, err)
	}
	defer opened.Close()
	n, err := in.Put(i, opened)
	if err != nil {
		return err
	}
	same, err := ed.folder.Unchanged(f, opened)
	switch {
	case err != nil:
		return publish.Unreadable(f.Path, err)
	case !same || n != f.Size:
		return publish.Changed(f.Path)
	}
	return nil
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

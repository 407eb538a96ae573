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

// publishCopy copies the folder, hashes the copy and makes it the site. The copy is what is hashed, so that whatever
// happens to the folder meanwhile, what is seeded is what its infohash says.
func (job *publishJob) publishCopy(ctx context.Context) error {
	in, err := job.p.cfg.Swarm.Intake()
	if err != nil {
		return err
	}
	defer in.Discard()
	return (&copyJob{publishJob: job, intake: in}).importFiles(ctx)
}

// copying is an edition whose files are taken in.
type copyJob struct {
	*publishJob

	intake swarm.Intake
	shared []bool // which files are here without a copy
}

func (c *copyJob) importFiles(ctx context.Context) error {
	if err := c.compare(ctx); err != nil {
		return err
	}
	if c.unchanged() {
		return c.publishUnchanged(ctx)
	}
	var size int64
	for i, f := range c.plan.Files {
		if c.same[i] < 0 {
			size += f.Size
		}
	}
	if err := c.ensureRoom(ctx, size); err != nil {
		return err
	}
	if err := c.shareFiles(ctx); err != nil {
		return err
	}
	var err error
	c.meta, err = publish.Hash(ctx, c.plan, c.openForHash, c.previous.Reuse(c.plan, c.same), c.meter)
	if err != nil {
		return err
	}
	return c.commit(ctx)
}

// room sees to it that there is room for so many bytes, in place of what lies in the bin if need be.
func (c *copyJob) ensureRoom(ctx context.Context, size int64) error {
	missing, err := c.intake.Room(size)
	if err != nil && c.p.emptyBin(ctx, missing) {
		_, err = c.intake.Room(size)
	}
	return err
}

// compare finds the files that the version before has already: those that were not written since, and those whose bytes
// are the same all the same, as after a build that writes every file anew. With Paranoid only the bytes count.
func (c *copyJob) compare(ctx context.Context) error {
	c.same = make([]int, len(c.plan.Files))
	for i := range c.same {
		c.same[i] = -1
	}
	if c.previous == nil {
		return nil
	}
	return c.eachFile(ctx, func(i int) error {
		f := c.plan.Files[i]
		index, sameSize := c.previous.Find(f)
		if !sameSize {
			return nil
		}
		same := !c.req.Paranoid && c.previous.Same(f)
		if !same {
			opened, err := c.folder.Open(f)
			if err != nil {
				return publish.Unreadable(f.Path, err)
			}
			defer opened.Close()
			if same, err = c.intake.Same(c.base, index, opened); err != nil {
				return publish.Unreadable(f.Path, err)
			}
		}
		if same {
			c.same[i] = index
		}
		return nil
	})
}

// unchanged says that the folder is what the site serves, file for file.
func (job *publishJob) unchanged() bool {
	return job.previous != nil && job.base == job.served && job.previous.Compare(job.plan, job.same).None()
}

// shareFiles takes in those files that need not be copied: those of the version before, and all if the file system can
// share their data.
func (c *copyJob) shareFiles(ctx context.Context) error {
	c.meter.Begin(engine.PublishCopy, len(c.plan.Files), c.plan.Size)
	c.shared = make([]bool, len(c.plan.Files))
	var unable atomic.Bool
	return c.eachFile(ctx, func(i int) (err error) {
		f := c.plan.Files[i]
		switch {
		case f.Size == 0: // Nobody reads it, and what was fetched from others has no such files.
			err = createEmpty(c.intake, i)
		case c.same[i] >= 0:
			err = c.intake.Link(i, c.base, c.same[i])
			c.shared[i] = err == nil
		case !unable.Load():
			c.shared[i], err = c.shareFile(i)
			unable.Store(!c.shared[i])
		}
		c.meter.Done(1, f.Size)
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
func (c *copyJob) shareFile(i int) (bool, error) {
	f := c.plan.Files[i]
	opened, err := c.folder.Open(f)
	if err != nil {
		return false, publish.Unreadable(f.Path, err)
	}
	defer opened.Close()
	file, ok := opened.(*os.File)
	if !ok {
		return false, nil
	}
	shared, err := c.intake.Share(i, file)
	if err != nil || !shared {
		return false, err
	}
	switch same, err := c.folder.Unchanged(f, opened); {
	case err != nil:
		return false, publish.Unreadable(f.Path, err)
	case !same:
		return false, publish.Changed(f.Path)
	}
	return true, nil
}

// openForHash opens a file to be hashed: one that is here already, or one that is copied meanwhile.
func (c *copyJob) openForHash(i int) (publish.Bytes, error) {
	if c.shared[i] {
		return c.intake.Open(i)
	}
	to, err := c.intake.Create(i)
	if err != nil {
		return nil, err
	}
	return c.folder.Copy(c.plan.Files[i], to)
}

// eachFile does something with every file of the plan, several at a time, until one of them fails or ctx ends.
func (job *publishJob) eachFile(ctx context.Context, do func(i int) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var next atomic.Int64
	var wg sync.WaitGroup
	n := len(job.plan.Files)
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

package fleet

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"wtptui/engine"
)

// router finds the member that a call is for.
type router struct {
	members []Member
	reports *reports
}

// memberNamed returns the member of a name, which must be connected.
func (r *router) memberNamed(op, ref, name string) (Member, error) {
	i := slices.IndexFunc(r.members, func(m Member) bool { return m.Name == name })
	if i < 0 {
		return Member{}, &engine.Error{Op: op, Host: ref, Kind: engine.Invalid, Msg: r.unknownMachine(name)}
	}
	if away := r.reports.awayOf(i); away != "" {
		return Member{}, &engine.Error{
			Op: op, Host: ref, Kind: engine.Unavailable,
			Msg: name + " is away, and is tried again: " + away,
		}
	}
	return r.members[i], nil
}

// unknownMachine returns a message that says that there is no machine of a name, and which there are.
func (r *router) unknownMachine(name string) string {
	names := make([]string, len(r.members))
	for i, m := range r.members {
		names[i] = m.Name
	}
	all := strings.Join(names, ", ")
	if name == "" {
		return "say on which machine: " + all
	}
	return fmt.Sprintf("there is no machine %q here, only %s", engine.Clean(name), all)
}

// memberOf returns the member of a Ref, and what the Ref names there.
func (r *router) memberOf(op, ref string) (Member, string, error) {
	host, name := engine.CutRef(ref)
	m, err := r.memberNamed(op, ref, name)
	return m, host, err
}

// onMember makes an error of a member one of the fleet: the host of it, and of those in it, becomes a Ref. What its
// Unwrap returns stays what it was.
func onMember(err error, name string) error {
	var some *engine.Failures
	if errors.As(err, &some) {
		all := &engine.Failures{Asked: some.Asked}
		for _, one := range some.Each {
			all.Each = append(all.Each, withRef(one, name))
		}
		return all
	}
	var one *engine.Error
	if errors.As(err, &one) && one.Host != "" {
		return withRef(one, name)
	}
	return err
}

func withRef(e *engine.Error, name string) *engine.Error {
	copied := *e
	copied.Host = engine.Ref(e.Host, name)
	return &copied
}

// share is the part of a call that is for one machine.
type share struct {
	machine string
	refs    []string // each once
	hosts   []string // the same as they are there
}

// splitByMachine divides refs among machines, in the order in which these are first named.
func splitByMachine(refs []string) (all []share) {
	at := map[string]int{}
	seen := make(map[string]struct{}, len(refs))
	for _, ref := range refs {
		if _, again := seen[ref]; again {
			continue
		}
		seen[ref] = struct{}{}
		host, name := engine.CutRef(ref)
		i, known := at[name]
		if !known {
			i = len(all)
			at[name] = i
			all = append(all, share{machine: name})
		}
		all[i].refs, all[i].hosts = append(all[i].refs, ref), append(all[i].hosts, host)
	}
	return all
}

// forEachMember calls do for every machine that refs name, for all at the same time. It returns what Engine.Do does: a
// machine on which nothing could be done fails for each of its sites, and keeps no other from its own.
func (r *router) forEachMember(op string, refs []string, do func(m Member, hosts []string) error) error {
	shares := splitByMachine(refs)
	errs := make([]error, len(shares))
	var wg sync.WaitGroup
	for i, sh := range shares {
		wg.Go(func() {
			only := ""
			if len(sh.refs) == 1 {
				only = sh.refs[0]
			}
			m, err := r.memberNamed(op, only, sh.machine)
			if err == nil {
				err = onMember(do(m, sh.hosts), m.Name)
			}
			errs[i] = err
		})
	}
	wg.Wait()
	if len(shares) == 1 {
		return errs[0]
	}
	return joinFailures(shares, errs, refs)
}

// joinFailures is the error of a call for several machines.
func joinFailures(shares []share, errs []error, refs []string) error {
	failed := map[string]*engine.Error{}
	asked := 0
	for i, sh := range shares {
		asked += len(sh.refs)
		for ref, err := range engine.FailuresByHost(errs[i], sh.refs) {
			failed[ref] = failure(ref, err)
		}
	}
	if len(failed) == 0 {
		return nil
	}
	all := &engine.Failures{Asked: asked}
	for _, ref := range refs {
		if err, ok := failed[ref]; ok {
			all.Each = append(all.Each, err)
			delete(failed, ref) // It may be in refs twice.
		}
	}
	return all
}

// failure is what an error means for one site.
func failure(ref string, err error) *engine.Error {
	var known *engine.Error
	if !errors.As(err, &known) {
		return &engine.Error{Host: ref, Kind: engine.KindOf(err), Msg: engine.Message(err), Err: err}
	}
	copied := *known
	copied.Host = ref
	return &copied
}

// everywhere asks all machines that are connected at the same time, and returns what they answer, in their order. It
// fails if none could answer.
func everywhere[T any](
	ctx context.Context, r *router, op string, ask func(context.Context, Member) ([]T, error),
) ([]T, error) {
	answers, errs := make([][]T, len(r.members)), make([]error, len(r.members))
	var wg sync.WaitGroup
	for i, m := range r.members {
		wg.Go(func() {
			if _, errs[i] = r.memberNamed(op, "", m.Name); errs[i] == nil {
				answers[i], errs[i] = ask(ctx, m)
			}
		})
	}
	wg.Wait()
	var all []T
	ok := false
	for i := range answers {
		ok = ok || errs[i] == nil
		all = append(all, answers[i]...)
	}
	if !ok {
		return nil, errs[0]
	}
	return all, nil
}

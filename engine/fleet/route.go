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

// findMember returns the member of that name. The error has Kind Invalid if there is none, and Unavailable if it is
// away.
func (r *router) findMember(op, ref, name string) (Member, error) {
	i := slices.IndexFunc(r.members, func(m Member) bool { return m.Name == name })
	if i < 0 {
		return Member{}, &engine.Error{Op: op, Host: ref, Kind: engine.Invalid, Msg: r.unknownMachineText(name)}
	}
	if away := r.reports.awayReason(i); away != "" {
		return Member{}, &engine.Error{
			Op: op, Host: ref, Kind: engine.Unavailable,
			Msg: name + " is away, and is tried again: " + away,
		}
	}
	return r.members[i], nil
}

// unknownMachineText returns the message for a name that no machine has. It lists the machines.
func (r *router) unknownMachineText(name string) string {
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

// findMemberOfRef returns the member of a Ref, and the name or host in it.
func (r *router) findMemberOfRef(op, ref string) (Member, string, error) {
	host, name := engine.CutRef(ref)
	m, err := r.findMember(op, ref, name)
	return m, host, err
}

// withRefs returns an error of a member with Refs instead of hosts. Causes are unchanged.
func withRefs(err error, name string) error {
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

// memberCall is the part of a call that is for one machine.
type memberCall struct {
	machine string
	refs    []string // each once
	hosts   []string // the hosts in refs
}

// splitByMachine groups refs by machine, in the order in which the machines are first named.
func splitByMachine(refs []string) (all []memberCall) {
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
			all = append(all, memberCall{machine: name})
		}
		all[i].refs, all[i].hosts = append(all[i].refs, ref), append(all[i].hosts, host)
	}
	return all
}

// forEachMember calls do concurrently for every machine that refs name. It returns errors as Engine.Do does: if a
// machine fails, all of its refs fail, and those of other machines do not.
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
			m, err := r.findMember(op, only, sh.machine)
			if err == nil {
				err = withRefs(do(m, sh.hosts), m.Name)
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

// joinFailures returns the error of a call for several machines.
func joinFailures(shares []memberCall, errs []error, refs []string) error {
	failed := map[string]*engine.Error{}
	asked := 0
	for i, sh := range shares {
		asked += len(sh.refs)
		for ref, err := range engine.FailuresByHost(errs[i], sh.refs) {
			failed[ref] = errorForRef(ref, err)
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

// errorForRef returns an error as one that is about ref.
func errorForRef(ref string, err error) *engine.Error {
	var known *engine.Error
	if !errors.As(err, &known) {
		return &engine.Error{Host: ref, Kind: engine.KindOf(err), Msg: engine.Message(err), Err: err}
	}
	copied := *known
	copied.Host = ref
	return &copied
}

// collectFromAll calls query concurrently for all connected machines and returns the results in the order of the
// machines. It fails only if all fail.
func collectFromAll[T any](
	ctx context.Context, r *router, op string, query func(context.Context, Member) ([]T, error),
) ([]T, error) {
	answers, errs := make([][]T, len(r.members)), make([]error, len(r.members))
	var wg sync.WaitGroup
	for i, m := range r.members {
		wg.Go(func() {
			if _, errs[i] = r.findMember(op, "", m.Name); errs[i] == nil {
				answers[i], errs[i] = query(ctx, m)
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

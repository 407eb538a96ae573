package fake

import (
	"path/filepath"
	"slices"
	"strings"

	"wtptui/engine"
)

// folder is a folder that has been published.
type folder struct {
	host, infohash string
	version        int
	publishedFrom  engine.PublishedFrom
	ignored        []string // paths that its .wtpignore leaves out
	publicURL      string
	key            string // the name of the key of the last publication; empty for none
}

// folders holds the published folders by path.
type folders map[string]folder

// lastPublication returns how a site was published last; zero if it was not published here.
func (all folders) lastPublication(host string) engine.PublishedFrom {
	for _, f := range all {
		if f.host == host {
			return f.publishedFrom
		}
	}
	return engine.PublishedFrom{}
}

// publicURL returns the address at which anybody opens a site; empty if it has none.
func (st *world) publicURL(s *site) string {
	if home := st.homes.address(s.Host); home != "" || !s.Own {
		return home
	}
	for _, f := range st.folders {
		if f.host == s.Host {
			return f.publicURL
		}
	}
	return ""
}

// view returns a site as it is in a snapshot.
func (st *world) view(s *site) engine.Site {
	v := s.Site
	v.PublicURL = st.publicURL(s)
	if s.IsComplete() {
		v.CompleteAt = s.AddedAt
	}
	return v
}

// withPastDecisions adds the decisions of the last publication to a request, where it does not decide otherwise.
func (f *folder) withPastDecisions(req engine.PublishRequest) engine.PublishRequest {
	if req.Fresh {
		return req
	}
	for _, path := range f.publishedFrom.Keep {
		if !slices.Contains(req.LeaveOut, path) && !slices.Contains(req.Keep, path) {
			req.Keep = append(slices.Clone(req.Keep), path)
		}
	}
	for _, path := range f.publishedFrom.LeaveOut {
		if !slices.Contains(req.Keep, path) && !slices.Contains(req.LeaveOut, path) {
			req.LeaveOut = append(slices.Clone(req.LeaveOut), path)
		}
	}
	return req
}

// recordPublication records a publication. req is the result of withPastDecisions.
func (f *folder) recordPublication(req engine.PublishRequest, p engine.Publication, at engine.Time) {
	f.host, f.infohash = p.Host, p.Infohash
	f.version++
	f.key = p.Key.Name
	switch req.PublicURL {
	case "":
	case engine.NoPublicURL:
		f.publicURL = ""
	default:
		f.publicURL = req.PublicURL
	}
	f.publishedFrom = engine.PublishedFrom{
		Dir: req.Dir, InPlace: req.InPlace, At: at, Keep: sorted(req.Keep), LeaveOut: sorted(req.LeaveOut),
	}
	if req.WriteIgnore {
		f.ignored = append(slices.Clone(f.ignored), f.publishedFrom.LeaveOut...)
		f.publishedFrom.LeaveOut = []string{}
	}
}

func sorted(paths []string) []string {
	return slices.Compact(slices.Sorted(slices.Values(append([]string{}, paths...))))
}

// inventFindings returns what the check finds in a folder before any decision. again reports whether the folder was
// published before: then there is a new finding.
func inventFindings(dir string, again bool) []engine.Finding {
	base := filepath.Base(dir)
	if strings.Contains(base, "plain") {
		return nil
	}
	var all []engine.Finding
	if strings.Contains(base, "secret") {
		all = []engine.Finding{
			{Path: "deploy/id_ed25519", Code: "secret", Why: "it looks like a private key", Choice: engine.ChoiceRefuse},
			{
				Path: "About.html", Code: "case-clash",
				Why:    "about.html differs from it in case only: on Windows and macOS one of them is lost",
				Choice: engine.ChoiceRefuse,
			},
			{Path: ".env", Code: "secret", Why: "such files hold passwords", Choice: engine.ChoiceLeaveOut},
		}
	}
	all = append(all,
		engine.Finding{
			Path: ".git", Code: "repository", Why: "it holds the folder's whole history, deleted files included",
			Choice: engine.ChoiceLeaveOut,
		},
		engine.Finding{Path: ".DS_Store", Code: "leftover", Why: "the system left it behind", Choice: engine.ChoiceLeaveOut},
		engine.Finding{
			Path: "blog/latest", Code: "symlink",
			Why:    "a link to another file of the folder, which torrents cannot have; keep it to publish a copy of that file",
			Choice: engine.ChoiceLeaveOut,
		},
		engine.Finding{
			Path: "blog/index.html", Code: "absolute-link",
			Why: "it links to http://localhost:8000/feed.xml, which is only on your own computer", Choice: engine.ChoiceNote,
		},
	)
	if strings.Contains(base, "huge") {
		all = append(all, engine.Finding{
			Code: engine.FindingLargeSite, Choice: engine.ChoiceNote,
			Why: "3.0 GB is more than the 2.0 GB that visitors take without being asked: each of them has to allow the site",
		})
	}
	if again {
		all = append(all, engine.Finding{
			Path: "blog/hello-again.html~", Code: "leftover", Why: "an editor left it behind", Choice: engine.ChoiceLeaveOut,
			New: true,
		})
	}
	return all
}

// findings returns the findings after the decisions of the request and of the last publication.
func (f *folder) findings(asked engine.PublishRequest) []engine.Finding {
	req := f.withPastDecisions(asked)
	out := []engine.Finding{}
	known := map[string]bool{}
	for _, found := range inventFindings(req.Dir, f.version > 0) {
		known[found.Path] = true
		out = f.addFinding(out, found, asked, req)
	}
	for _, path := range req.LeaveOut {
		if !known[path] {
			leftOut := engine.Finding{
				Path: path, Code: "left-out", Why: "you left it out last time", Choice: engine.ChoiceLeaveOut,
			}
			out = f.addFinding(out, leftOut, asked, req)
		}
	}
	if len(f.ignored) > 0 {
		out = append(out, engine.Finding{
			Path: ".wtpignore", Code: engine.FindingIgnored, Why: "its patterns leave out " + strings.Join(f.ignored, ", "),
			Choice: engine.ChoiceLeaveOut,
		})
	}
	return out
}

// addFinding appends a finding to out, after applying the decisions in asked, the request as it was made, and in req,
// the request with past decisions. A finding about a path that asked leaves out is dropped.
func (f *folder) addFinding(
	out []engine.Finding, found engine.Finding, asked, req engine.PublishRequest,
) []engine.Finding {
	switch path := found.Path; {
	case slices.Contains(f.ignored, path), slices.Contains(asked.LeaveOut, path):
		return out
	case slices.Contains(req.LeaveOut, path):
		found.Choice, found.AsBefore, found.New = engine.ChoiceLeaveOut, true, false
		if found.Code != "left-out" {
			found.Why += "; left out as last time"
		}
	case found.Choice == engine.ChoiceNote:
	case slices.Contains(asked.Keep, path):
		found.Choice = engine.ChoiceNote
		found.Why += "; published all the same, as you said"
	case slices.Contains(req.Keep, path):
		found.Choice, found.AsBefore, found.New = engine.ChoiceNote, true, false
		found.Why += "; published all the same, as last time"
	}
	return append(out, found)
}

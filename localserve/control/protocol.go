package control

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"

	"wtptui/engine"
)

// Protocol is the version of what follows. It grows when an older or newer side could misunderstand the other; new
// fields in a reply, which an older side ignores, are no such change.
const Protocol = 10

// The paths of the requests, which routes.go says everything about.
const (
	pathHello    = "/hello"
	pathWatch    = "/watch"
	pathDetail   = "/detail"
	pathAdd      = "/add"
	pathDo       = "/do"
	pathKeepOpen = "/keep-open"
	pathBin      = "/bin"
	pathKeys     = "/keys"
	pathAssign   = "/assign"
	pathLimits   = "/limits"
	pathHome     = "/home"
	pathSwitch   = "/switch"
	pathResolve  = "/resolve"
	pathPublish  = "/publish"
	pathProbe    = "/probe"
	pathSight    = "/sight"
	pathExport   = "/export"
	pathMetainfo = "/metainfo"
	pathSettings = "/settings"
	pathStop     = "/stop"

	pathSnapshot  = "/snapshot"
	pathSnapshots = "/snapshots"
	pathBackup    = "/backup"
	pathRestore   = "/restore"
)

// versionHeader is the client's Protocol, in every request.
const versionHeader = "Wtptui-Protocol"

// maxBody bounds each request, each reply and each line of a watch, in bytes. The largest are a .torrent file of
// engine.MaxMetainfo in base64, and the detail of a site with as many files as are allowed.
const maxBody = 32 << 20

// hello is the server's side of the first exchange.
type hello struct {
	// Protocol is the version that the server speaks.
	Protocol int `json:"protocol"`
	// Asks reports whether the program has a screen, and asks the person there before it ends.
	Asks bool `json:"asks"`
}

// doRequest is one verb for any number of sites.
type doRequest struct {
	Verb engine.Verb `json:"verb"`
	// Hosts are those of the sites.
	Hosts []string `json:"hosts"`
}

// keepOpenRequest is which sites to keep open.
type keepOpenRequest struct {
	// Hosts are those of the sites.
	Hosts []string `json:"hosts"`
}

// assignRequest is what is changed of any number of sites.
type assignRequest struct {
	Assignment engine.Assignment `json:"assignment"`
	// Hosts are those of the sites.
	Hosts []string `json:"hosts"`
}

// homeRequest reports whether a home's site is on it.
type homeRequest struct {
	// Name is the home's domain; On says that its site is to be on it.
	Name string `json:"name"`
	On   bool   `json:"on"`
}

// switchRequest is one version of a site.
type switchRequest struct {
	// Host is the site's, and Infohash its version's; empty to let the site follow its domain or key again.
	Host     string `json:"host"`
	Infohash string `json:"infohash"`
}

// exportRequest is where to write a site's files to.
type exportRequest struct {
	// Host is the site's.
	Host    string               `json:"host"`
	Request engine.ExportRequest `json:"request"`
}

// publishing is one line of what becomes of a publication. Lines with only a Progress come first; the last one has a
// Publication, a Failure or both.
type publishing struct {
	Progress    *engine.PublishProgress `json:"progress,omitempty"`
	Publication *engine.Publication     `json:"publication,omitempty"`
	Failure     *failure                `json:"failure,omitempty"`
}

// failure is an error on its way to another process.
type failure struct {
	// Op is what was being done, as package and verb; Host is the site that it was about, or empty.
	Op   string      `json:"op"`
	Host string      `json:"host"`
	Kind engine.Kind `json:"kind"`
	// Message says to a person what happened and what to do next, in one line.
	Message string `json:"message"`
	// Each says why it was not done to some of several sites: to the others it was. Asked is how many sites it was for.
	Each  []failure `json:"each,omitempty"`
	Asked int       `json:"asked,omitempty"`
}

func toFailure(err error) failure {
	f := failure{Op: "control", Kind: engine.KindOf(err), Message: engine.Message(err)}
	var some *engine.Failures
	if errors.As(err, &some) {
		f.Asked = some.Asked
		for _, e := range some.Each {
			f.Each = append(f.Each, toFailure(e))
		}
		return f
	}
	var e *engine.Error
	if errors.As(err, &e) {
		f.Op, f.Host = e.Op, e.Host
	}
	return f
}

func (f failure) asError() error {
	if len(f.Each) == 0 {
		return f.toError()
	}
	some := &engine.Failures{Asked: f.Asked}
	for _, each := range f.Each {
		some.Each = append(some.Each, each.toError())
	}
	return some
}

func (f failure) toError() *engine.Error {
	return &engine.Error{Op: f.Op, Host: f.Host, Kind: f.Kind, Msg: f.Message}
}

// statuses are the HTTP statuses of failures, by their kind. The client reads the failure; these are for others.
var statuses = []struct {
	kind   engine.Kind
	status int
}{
	{engine.Invalid, http.StatusBadRequest},
	{engine.Refused, http.StatusForbidden},
	{engine.NotFound, http.StatusNotFound},
	{engine.Conflict, http.StatusConflict},
	{engine.TooLarge, http.StatusRequestEntityTooLarge},
	{engine.Damaged, http.StatusInternalServerError},
	{engine.Internal, http.StatusInternalServerError},
	{engine.NotReady, http.StatusServiceUnavailable},
	{engine.Unavailable, http.StatusServiceUnavailable},
}

func httpStatus(k engine.Kind) int {
	for _, s := range statuses {
		if s.kind == k {
			return s.status
		}
	}
	return http.StatusInternalServerError
}

// versionMismatch says which side to upgrade; client and server are the two sides' protocols.
func versionMismatch(client, server int) error {
	speaks := versionHeader + ": " + strconv.Itoa(server)
	if client == 0 {
		return &engine.Error{
			Op: "control: hello", Kind: engine.Conflict,
			Msg: "say which version of the protocol you speak, in the header \"" + speaks + "\"",
		}
	}
	msg := "the running wtptui is older than this one (it speaks protocol " + strconv.Itoa(server) + ", this one " +
		strconv.Itoa(client) + "): restart it with the new version"
	if client < server {
		msg = "this wtptui is older than the running one (it speaks protocol " + strconv.Itoa(client) +
			", the running one " + strconv.Itoa(server) + "): upgrade this one"
	}
	return &engine.Error{Op: "control: hello", Kind: engine.Conflict, Msg: msg}
}

// readJSON decodes the one value that body holds and consumes the rest, so that the connection can be used again.
func readJSON(body io.Reader, v any) error {
	if err := json.NewDecoder(body).Decode(v); err != nil {
		return err
	}
	_, err := io.Copy(io.Discard, body)
	return err
}

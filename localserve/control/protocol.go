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

// The requests. Bodies and replies are JSON, in HTTP/1.1 or HTTP/2 without TLS, replies with gzip if the client takes it;
// a request that fails is answered with a failure and a status above 399.
//
//	GET  /hello                        → hello
//	GET  /watch[?rate=N]               → frame, one a line, until either side closes; at most N bytes a second
//	GET  /detail?host=H                → engine.Detail
//	POST /add     engine.AddRequest    → engine.Site
//	POST /do      order                → nothing
//	POST /keep-open order, no verb     → nothing, when the client has closed the connection
//	GET  /bin                          → engine.Binned, in an array
//	GET  /keys                         → engine.Key, in an array
//	POST /assign  assignment           → nothing
//	PUT  /limits  engine.Limits        → nothing
//	PUT  /home    home                 → nothing
//	POST /switch  version              → nothing
//	GET  /resolve?host=H               → engine.Name
//	POST /publish engine.PublishRequest → publishing, one a line: progress, then the publication or the failure or both
//	POST /probe?host=H                 → engine.Reach
//	GET  /sight?dir=DIR                → sight
//	POST /export  export               → nothing
//	GET  /metainfo?host=H              → the .torrent file, as a JSON string in base64
//	GET  /settings                     → Setting, in an array
//	POST /stop                         → nothing, when the program is about to end
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
)

// versionHeader is the client's Protocol, in every request.
const versionHeader = "Wtptui-Protocol"

// maxBody bounds each request, each reply and each line of a watch, in bytes. The largest are a .torrent file of
// engine.MaxMetainfo in base64, and the detail of a site with as many files as are allowed.
const maxBody = 32 << 20

// hello is the server's side of the first exchange.
type hello struct {
	Protocol int `json:"protocol"`
	// Asks is Ending.Asks.
	Asks bool `json:"asks"`
}

// order is one verb for any number of sites.
type order struct {
	Verb  engine.Verb `json:"verb"`
	Hosts []string    `json:"hosts"`
}

// assignment is what is changed of any number of sites.
type assignment struct {
	Assignment engine.Assignment `json:"assignment"`
	Hosts      []string          `json:"hosts"`
}

// home says whether a home's site is on it.
type home struct {
	Name string `json:"name"`
	On   bool   `json:"on"`
}

// version is one version of a site.
type version struct {
	Host     string `json:"host"`
	Infohash string `json:"infohash"`
}

// export is where to write a site's files to.
type export struct {
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

// failure is an error on its way to another process: its message is what engine.Message gives, its cause stays behind.
type failure struct {
	Op      string      `json:"op"`
	Host    string      `json:"host"`
	Kind    engine.Kind `json:"kind"`
	Message string      `json:"message"`
	// Each and Asked are those of engine.Failures, where the error is one.
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

func (f failure) err() error {
	if len(f.Each) == 0 {
		return f.one()
	}
	some := &engine.Failures{Asked: f.Asked}
	for _, each := range f.Each {
		some.Each = append(some.Each, each.one())
	}
	return some
}

func (f failure) one() *engine.Error {
	return &engine.Error{Op: f.Op, Host: f.Host, Kind: f.Kind, Msg: f.Message}
}

// statusOf is for people with curl; the client reads the failure.
func statusOf(k engine.Kind) int {
	switch k {
	case engine.Invalid:
		return http.StatusBadRequest
	case engine.NotFound:
		return http.StatusNotFound
	case engine.NotReady, engine.Unavailable:
		return http.StatusServiceUnavailable
	case engine.TooLarge:
		return http.StatusRequestEntityTooLarge
	case engine.Refused:
		return http.StatusForbidden
	case engine.Conflict:
		return http.StatusConflict
	}
	return http.StatusInternalServerError
}

// mismatch says which side to upgrade; client and server are the two sides' protocols.
func mismatch(client, server int) error {
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

package peers

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"
)

// marionette is a connection to a Firefox that is driven over Marionette, its own protocol below WebDriver: each
// message is JSON with its length in bytes and a colon before it; a command is [0, id, name, parameters], its answer
// [1, id, error, result].
type marionette struct {
	conn net.Conn
	in   *bufio.Reader
	last int
}

func newMarionette(conn net.Conn) *marionette {
	return &marionette{conn: conn, in: bufio.NewReader(conn)}
}

// marionetteLimit is how long a command may take on a machine that is busy.
const marionetteLimit = 2 * time.Minute

// greet reads Firefox's greeting.
func (m *marionette) greet(deadline time.Time) error {
	if err := m.conn.SetDeadline(deadline); err != nil {
		return err
	}
	var hello struct {
		Protocol int `json:"marionetteProtocol"`
	}
	err := m.read(&hello)
	if err == nil && hello.Protocol != 3 {
		err = fmt.Errorf("marionette: protocol %d, want 3", hello.Protocol)
	}
	return err
}

// call sends a command and decodes its result into a value, or drops it for nil.
func (m *marionette) call(into any, name string, params map[string]any) error {
	m.last++
	command, err := json.Marshal([]any{0, m.last, name, params})
	if err != nil {
		return err
	}
	if err := m.conn.SetDeadline(time.Now().Add(marionetteLimit)); err != nil {
		return err
	}
	if _, err := fmt.Fprintf(m.conn, "%d:%s", len(command), command); err != nil {
		return fmt.Errorf("marionette: %s: %w", name, err)
	}
	var kind, id int
	var failed *struct{ Error, Message string }
	var result json.RawMessage
	if err := m.read(&[]any{&kind, &id, &failed, &result}); err != nil {
		return fmt.Errorf("marionette: %s: %w", name, err)
	}
	switch {
	case id != m.last:
		return fmt.Errorf("marionette: %s: an answer to %d, want %d", name, id, m.last)
	case failed != nil:
		return fmt.Errorf("marionette: %s: %s: %s", name, failed.Error, failed.Message)
	case into == nil || len(result) == 0:
		return nil
	}
	return json.Unmarshal(result, into)
}

func (m *marionette) read(into any) error {
	length, err := m.in.ReadString(':')
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(strings.TrimSuffix(length, ":"))
	if err != nil {
		return fmt.Errorf("marionette: length %q: %w", length, err)
	}
	message := make([]byte, n)
	if _, err := io.ReadFull(m.in, message); err != nil {
		return err
	}
	return json.Unmarshal(message, into)
}

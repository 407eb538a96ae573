package companion

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Messages are sent over standard input and output as JSON, each behind its length in 32 bits in the machine's byte
// order.

const (
	// maxRequestBytes bounds a message of the extension. The longest is the list of the sites in a thousand tabs.
	maxRequestBytes = 1 << 20
	// maxResponseBytes is the size of the longest message that browsers accept from a host.
	maxResponseBytes = 1 << 20
)

var (
	errTooLong = errors.New("the message is over 1 MiB")
	errCutOff  = fmt.Errorf("a message is cut off: %w", io.ErrUnexpectedEOF)
)

// readFrame returns the next message, or io.EOF when the browser has closed the connection. After errTooLong reading
// can continue.
func readFrame(r io.Reader) ([]byte, error) {
	var head [4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, err
	}
	n := binary.NativeEndian.Uint32(head[:])
	if n > maxRequestBytes {
		if _, err := io.CopyN(io.Discard, r, int64(n)); err != nil {
			return nil, errCutOff
		}
		return nil, errTooLong
	}
	var body bytes.Buffer // It grows with what arrives, whatever length was announced.
	if _, err := io.CopyN(&body, r, int64(n)); err != nil {
		return nil, errCutOff
	}
	return body.Bytes(), nil
}

// writeFrame sends a message. If it returns errTooLong, nothing was sent.
func writeFrame(w io.Writer, message any) error {
	body, err := json.Marshal(message)
	if err != nil {
		return err
	}
	if len(body) > maxResponseBytes {
		return errTooLong
	}
	frame := binary.NativeEndian.AppendUint32(make([]byte, 0, 4+len(body)), uint32(len(body)))
	_, err = w.Write(append(frame, body...))
	return err
}

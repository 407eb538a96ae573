package companion

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Messages go over standard input and output as JSON, each behind its length in 32 bits of the machine's own order.

const (
	// maxIn bounds what the extension sends, in bytes. The longest is a list of the sites in a thousand tabs.
	maxIn = 1 << 20
	// maxOut is the longest message that browsers take from a host, in bytes.
	maxOut = 1 << 20
)

var (
	errTooLong = errors.New("the message is over 1 MiB")
	errCutOff  = fmt.Errorf("a message is cut off: %w", io.ErrUnexpectedEOF)
)

// readFrame returns the next message, or io.EOF when the browser has ended. After errTooLong it can go on.
func readFrame(r io.Reader) ([]byte, error) {
	var head [4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, err
	}
	n := binary.NativeEndian.Uint32(head[:])
	if n > maxIn {
		if _, err := io.CopyN(io.Discard, r, int64(n)); err != nil {
			return nil, errCutOff
		}
		return nil, errTooLong
	}
	var body bytes.Buffer // It grows with what comes, whatever was promised.
	if _, err := io.CopyN(&body, r, int64(n)); err != nil {
		return nil, errCutOff
	}
	return body.Bytes(), nil
}

// writeFrame sends a message. After errTooLong nothing of it was sent.
func writeFrame(w io.Writer, message any) error {
	body, err := json.Marshal(message)
	if err != nil {
		return err
	}
	if len(body) > maxOut {
		return errTooLong
	}
	frame := binary.NativeEndian.AppendUint32(make([]byte, 0, 4+len(body)), uint32(len(body)))
	_, err = w.Write(append(frame, body...))
	return err
}

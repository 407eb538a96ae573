//go:build !linux

package disk

import (
	"errors"
	"os"
)

func reflink(_, _ *os.File) error { return errors.ErrUnsupported }

func openVolume(string) (*os.File, error) { return nil, nil }

func syncVolume(*os.File) error { return errors.ErrUnsupported }

package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// sumsFile is the name of the file with the checksums, as sha256sum -c reads it.
const sumsFile = "SHA256SUMS"

// signatureNamespace keeps a signature of checksums from being taken for one of anything else; see -Y in ssh-keygen(1).
const signatureNamespace = "wtptui-release"

// writeFile writes a file into the output folder and records its checksum.
func (d *dist) writeFile(name string, data []byte, mode os.FileMode) error {
	path := filepath.Join(d.out, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil { // It is for everybody.
		return err
	}
	d.sums[name] = fmt.Sprintf("%x", sha256.Sum256(data))
	if err := os.WriteFile(path, data, mode); err != nil {
		return err
	}
	fmt.Println("wrote", path)
	return os.Chmod(path, mode) // It may have existed with another mode.
}

// writeChecksums writes the checksums of all files.
func (d *dist) writeChecksums() error {
	var names []string
	for name := range d.sums {
		names = append(names, name)
	}
	slices.Sort(names)
	var text strings.Builder
	for _, name := range names {
		fmt.Fprintf(&text, "%s  %s\n", d.sums[name], name)
	}
	// A signature of other checksums is not valid for these.
	if err := os.Remove(filepath.Join(d.out, sumsFile+".sig")); err != nil && !os.IsNotExist(err) {
		return err
	}
	// It is for everybody.
	return os.WriteFile(filepath.Join(d.out, sumsFile), []byte(text.String()), 0o644)
}

// signChecksums signs the checksums with an SSH key, which may be one of an agent or of a security key. The signature
// is in a file beside them whose name ends with .sig.
func (d *dist) signChecksums(ctx context.Context, key string) error {
	sums := filepath.Join(d.out, sumsFile)
	cmd := exec.CommandContext(ctx, "ssh-keygen", "-Y", "sign", "-f", key, "-n", signatureNamespace, sums)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr // It may ask for a passphrase.
	return cmd.Run()
}

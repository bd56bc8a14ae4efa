package main

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/edgeauth/edgeauth/cmd/edgeauth/internal/sitefile"
)

const keyUsage = `Usage: edgeauth key [-o FILE]

Makes a key of 32 random bytes that sessions are sealed with, and prints it in base64. With -o it is put before the keys that
FILE already has, as for -keys and session.keys: sessions are sealed with the first one and read with all, so that nobody is
signed out. Take the last one out when no session from before is left.

Flags:
`

func runKey(_ context.Context, args []string, stdout, stderr io.Writer) error {
	flags := newFlags("key", keyUsage, stderr)
	file := flags.String("o", "", "put it at the beginning of this `file`, which only its owner may read")
	if err := parse(flags, args); err != nil {
		return err
	}
	key := make([]byte, 32)
	_, _ = rand.Read(key)
	text := base64.StdEncoding.EncodeToString(key) + "\n"
	if *file == "" {
		_, err := io.WriteString(stdout, text)
		return err
	}
	before, err := sitefile.ReadFile(*file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return err
	default:
		if _, err := sitefile.Keys(*file); err != nil { // what else it is must not be lost among keys
			return err
		}
	}
	// Whoever reads it meanwhile reads the old file or the new one, never half of one.
	next := *file + ".new"
	if err := os.WriteFile(next, append([]byte(text), before...), 0o600); err != nil {
		return err
	}
	if err := os.Rename(next, *file); err != nil {
		return errors.Join(err, os.Remove(next))
	}
	keys, err := sitefile.Keys(*file)
	if err == nil {
		fmt.Fprintf(stdout, "%s has %d now; the first one seals\n", *file, len(keys))
	}
	return err
}

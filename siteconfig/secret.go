package siteconfig

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"github.com/edgeauth/edgeauth/internal/seal"
)

// secret resolves a secret that is written literally, as env:NAME or as file:NAME. Its errors never contain the secret.
func (opts Options) secret(written string) (string, error) {
	kind, name, _ := strings.Cut(written, ":")
	inEnv, inFile := kind == "env" && written != kind, kind == "file" && written != kind
	switch {
	case !inEnv && !inFile:
		return written, nil
	case opts.Secret != nil:
		value, err := opts.Secret(opts.owner, written)
		if value = strings.TrimSpace(value); err == nil && value == "" {
			err = fmt.Errorf("%s is empty", written)
		}
		return value, err
	case inEnv && opts.Env != nil:
		value, ok := opts.Env(name)
		if !ok || value == "" {
			return "", fmt.Errorf("the environment variable %q is not set", name)
		}
		return value, nil
	case inFile && opts.ReadFile != nil:
		content, err := opts.ReadFile(name)
		if err != nil {
			return "", fmt.Errorf("the secret's file: %w", err)
		}
		value := strings.TrimSpace(string(content))
		if value == "" {
			return "", fmt.Errorf("the secret's file %q is empty", name)
		}
		return value, nil
	}
	return "", fmt.Errorf("%s: is not to be had here; write the secret itself", kind)
}

const keySize = 32

// parseKey reads a key in any of the usual base64 forms.
func parseKey(text string) ([]byte, error) {
	plain := strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(text, "="))
	key, err := base64.RawStdEncoding.DecodeString(plain)
	switch {
	case err != nil:
		return nil, fmt.Errorf("not base64; make a key with: openssl rand -base64 %d", keySize)
	case len(key) != keySize:
		return nil, fmt.Errorf("%d bytes, not %d; make a key with: openssl rand -base64 %d", len(key), keySize, keySize)
	}
	if problem := seal.KeyProblem(key); problem != "" {
		return nil, fmt.Errorf("%s; make a key with: openssl rand -base64 %d", problem, keySize)
	}
	return key, nil
}

// ParseKeys reads a file of master keys: one in base64 on each line; empty lines and lines that start with # are
// skipped.
func ParseKeys(file []byte) ([][]byte, error) {
	var keys [][]byte
	var errs []error
	number := 0
	for line := range bytes.Lines(file) {
		number++
		text := strings.TrimSpace(string(line))
		if text == "" || strings.HasPrefix(text, "#") {
			continue
		}
		key, err := parseKey(text)
		if err != nil {
			errs = append(errs, fmt.Errorf("line %d: %w", number, err))
		}
		keys = append(keys, key)
	}
	if len(keys) == 0 {
		errs = append(errs, fmt.Errorf("no key; make one with: openssl rand -base64 %d", keySize))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return keys, nil
}

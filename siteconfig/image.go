package siteconfig

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
)

// image resolves an image that is written as file:NAME or as a data URL in base64 (RFC 2397).
func (opts Options) image(written string) ([]byte, error) {
	if name, ok := strings.CutPrefix(written, "file:"); ok {
		if opts.Secret != nil { // a file of the document's own, as a secret's is
			content, err := opts.Secret(opts.owner, written)
			return []byte(content), err
		}
		if opts.ReadFile == nil {
			return nil, errors.New("file: is not to be had here; write the image itself, as data:image/png;base64,…")
		}
		content, err := opts.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("the image's file: %w", err)
		}
		return content, nil
	}
	if written == "" {
		return nil, nil
	}
	kind, data, ok := strings.Cut(written, ";base64,")
	content, err := base64.StdEncoding.DecodeString(data)
	if !ok || !strings.HasPrefix(kind, "data:image/") || err != nil {
		return nil, errors.New("is neither file:NAME nor an image such as data:image/png;base64,…")
	}
	return content, nil
}

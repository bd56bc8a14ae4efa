package main

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// Media types of the OCI image specification 1.1.
const (
	indexType    = "application/vnd.oci.image.index.v1+json"
	manifestType = "application/vnd.oci.image.manifest.v1+json"
	configType   = "application/vnd.oci.image.config.v1+json"
	layerType    = "application/vnd.oci.image.layer.v1.tar+gzip"
)

// descriptor points to a blob (OCI image specification, "Content Descriptors").
type descriptor struct {
	MediaType   string            `json:"mediaType"`
	Digest      string            `json:"digest"`
	Size        int               `json:"size"`
	Platform    *platform         `json:"platform,omitempty"`
	Annotations map[string]string `json:"annotations,omitempty"`
}

type platform struct {
	Architecture string `json:"architecture"`
	OS           string `json:"os"`
}

type index struct {
	SchemaVersion int          `json:"schemaVersion"`
	MediaType     string       `json:"mediaType"`
	Manifests     []descriptor `json:"manifests"`
}

type manifest struct {
	SchemaVersion int               `json:"schemaVersion"`
	MediaType     string            `json:"mediaType"`
	Config        descriptor        `json:"config"`
	Layers        []descriptor      `json:"layers"`
	Annotations   map[string]string `json:"annotations"`
}

// image is the configuration of an image: what runs in it, and as whom.
type image struct {
	platform
	Created time.Time `json:"created"`
	Config  struct {
		User        string            `json:"User"`
		Env         []string          `json:"Env"`
		Entrypoint  []string          `json:"Entrypoint"`
		Labels      map[string]string `json:"Labels"`
		Healthcheck healthcheck       `json:"Healthcheck"`
	} `json:"config"`
	RootFS struct {
		Type    string   `json:"type"`
		DiffIDs []string `json:"diff_ids"`
	} `json:"rootfs"`
	History []history `json:"history"`
}

// healthcheck is Docker's, and read by Podman too. The specification leaves room for it and does not know it.
type healthcheck struct {
	Test                           []string
	Interval, Timeout, StartPeriod time.Duration
}

type history struct {
	Created   time.Time `json:"created"`
	CreatedBy string    `json:"created_by"`
}

const programPath = "usr/local/bin/edgeauth"

// layout is an image layout (OCI image specification, "Image Layout"): blobs by their digests.
type layout struct{ files []file }

// add takes a blob and returns what points to it.
func (l *layout) add(mediaType string, content []byte) descriptor {
	sum := fmt.Sprintf("%x", sha256.Sum256(content))
	l.files = append(l.files, file{"blobs/sha256/" + sum, content, false})
	return descriptor{MediaType: mediaType, Digest: "sha256:" + sum, Size: len(content)}
}

func (l *layout) addJSON(mediaType string, value any) (descriptor, error) {
	content, err := json.Marshal(value)
	return l.add(mediaType, content), err
}

// addImage takes the image of one program: the binary, whom it trusts, the licences, and nothing else.
func (l *layout) addImage(p program, trusted []byte) (descriptor, error) {
	files := []file{
		{programPath, p.binary, true}, {"etc/ssl/certs/ca-certificates.crt", trusted, false},
		{"usr/local/share/doc/edgeauth/THIRD-PARTY-LICENSES", texts(p.parts), false},
	}
	plain, err := tarred("", files, p.time)
	if err != nil {
		return descriptor{}, err
	}
	packed, err := tarGz("", files, p.time)
	if err != nil {
		return descriptor{}, err
	}
	about := map[string]string{
		"org.opencontainers.image.title":    "edgeauth",
		"org.opencontainers.image.source":   "https://" + p.info.Main.Path,
		"org.opencontainers.image.licenses": "Apache-2.0",
		"org.opencontainers.image.version":  p.version(),
		"org.opencontainers.image.revision": p.setting("vcs.revision"),
	}
	c := image{platform: platform{Architecture: p.arch, OS: p.os}, Created: p.time.UTC()}
	c.Config.User = "65532:65532" // by number, as Kubernetes wants it for runAsNonRoot
	c.Config.Env = []string{"PATH=/usr/local/bin"}
	c.Config.Entrypoint = []string{"/" + programPath}
	c.Config.Labels = about
	c.Config.Healthcheck = healthcheck{
		Test:     []string{"CMD", "/" + programPath, "health", "127.0.0.1:8081"},
		Interval: 10 * time.Second, Timeout: 3 * time.Second, StartPeriod: 5 * time.Second,
	}
	c.RootFS.Type, c.RootFS.DiffIDs = "layers", []string{fmt.Sprintf("sha256:%x", sha256.Sum256(plain))}
	c.History = []history{{Created: p.time.UTC(), CreatedBy: "make dist"}}
	config, err := l.addJSON(configType, c)
	if err != nil {
		return descriptor{}, err
	}
	m, err := l.addJSON(manifestType, manifest{2, manifestType, config, []descriptor{l.add(layerType, packed)}, about})
	m.Platform = &platform{Architecture: p.arch, OS: p.os}
	return m, err
}

// writeImage writes one image for all programs that are for Linux, as the tar of a layout, which podman load and skopeo
// read as oci-archive.
func writeImage(out string, programs []program) error {
	trusted, err := authorities()
	if err != nil {
		return err
	}
	var l layout
	all := index{SchemaVersion: 2, MediaType: indexType}
	var at program
	for _, p := range programs {
		if p.os != "linux" {
			continue
		}
		one, err := l.addImage(p, trusted)
		if err != nil {
			return err
		}
		all.Manifests, at = append(all.Manifests, one), p
	}
	if all.Manifests == nil {
		return nil
	}
	top, err := l.addJSON(indexType, all)
	if err != nil {
		return err
	}
	top.Annotations = map[string]string{"org.opencontainers.image.ref.name": at.version()}
	entry, err := json.Marshal(index{2, indexType, []descriptor{top}})
	if err != nil {
		return err
	}
	l.files = append(l.files, file{"oci-layout", []byte(`{"imageLayoutVersion":"1.0.0"}`), false}, file{"index.json", entry, false})
	content, err := tarred("", l.files, at.time)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(out, fmt.Sprintf("edgeauth_%s_image.tar", at.version())), content, 0o644)
}

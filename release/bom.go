package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"time"
)

// bom is a bill of materials as CycloneDX 1.5 writes it in JSON, so far as we say anything.
type bom struct {
	Schema       string          `json:"$schema"`
	Format       string          `json:"bomFormat"`
	SpecVersion  string          `json:"specVersion"`
	Version      int             `json:"version"`
	Metadata     bomMetadata     `json:"metadata"`
	Components   []bomComponent  `json:"components"`
	Dependencies []bomDependency `json:"dependencies"`
}

type bomMetadata struct {
	Timestamp string       `json:"timestamp"`
	Component bomComponent `json:"component"`
}

type bomComponent struct {
	Type     string       `json:"type"`
	Ref      string       `json:"bom-ref"`
	Name     string       `json:"name"`
	Version  string       `json:"version"`
	Hashes   []bomHash    `json:"hashes,omitempty"`
	Licences []bomLicence `json:"licenses"`
	Purl     string       `json:"purl"`
}

type bomHash struct {
	Algorithm string `json:"alg"`
	Content   string `json:"content"`
}

type bomLicence struct {
	Licence struct {
		ID string `json:"id"`
	} `json:"license"`
}

type bomDependency struct {
	Ref string   `json:"ref"`
	On  []string `json:"dependsOn,omitempty"`
}

func component(kind string, p part) bomComponent {
	c := bomComponent{Type: kind, Ref: p.purl(), Name: p.path, Version: p.version, Purl: p.purl(), Licences: make([]bomLicence, 1)}
	c.Licences[0].Licence.ID = p.licence
	return c
}

// billOfMaterials lists what a program consists of, and which part needs which.
func billOfMaterials(p program, edges map[string][]string) ([]byte, error) {
	own := part{path: p.info.Main.Path, version: p.info.Main.Version, licence: "Apache-2.0"}
	sum := sha256.Sum256(p.binary)
	b := bom{
		Schema: "http://cyclonedx.org/schema/bom-1.5.schema.json", Format: "CycloneDX", SpecVersion: "1.5", Version: 1,
		Metadata: bomMetadata{Timestamp: p.time.UTC().Format(time.RFC3339), Component: component("application", own)},
	}
	b.Metadata.Component.Hashes = []bomHash{{"SHA-256", hex.EncodeToString(sum[:])}}
	for _, from := range append([]part{own}, p.parts...) {
		d := bomDependency{Ref: from.purl()}
		for _, to := range p.parts {
			// Everything is written in Go, and go.mod does not say so.
			if from.path != standardLibrary && (to.path == standardLibrary || slices.Contains(edges[from.path], to.path)) {
				d.On = append(d.On, to.purl())
			}
		}
		b.Dependencies = append(b.Dependencies, d)
	}
	for _, p := range p.parts {
		b.Components = append(b.Components, component("library", p))
	}
	return json.MarshalIndent(b, "", "  ")
}

package doctor

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var jsonBlock = regexp.MustCompile("(?s)```json\n(.*?)```")

func TestEveryDocumentOfTheGuidesIsRight(t *testing.T) {
	t.Setenv("SESSION_KEY", madeUpKey)
	t.Setenv("CLIENT_SECRET", madeUpSecret)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	der, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	t.Setenv("CLIENT_KEY", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})))
	pages, err := filepath.Glob("../../../../docs/providers/*.md")
	require.NoError(t, err)
	require.Len(t, pages, 21, "one page for each provider, one for any other, and the list of them")
	for _, name := range pages {
		page, err := os.ReadFile(name)
		require.NoError(t, err)
		documents := jsonBlock.FindAllSubmatch(page, -1)
		if filepath.Base(name) != "README.md" {
			require.NotEmpty(t, documents, name)
		}
		for i, document := range documents {
			t.Run(filepath.Base(name)+" "+strconv.Itoa(i+1), func(t *testing.T) {
				file := filepath.Join(t.TempDir(), "site.json")
				require.NoError(t, os.WriteFile(file, document[1], 0o600))
				status, printed, _ := diagnose(t, file, true)
				require.Equal(t, 0, status, "%s\n%s", printed, document[1])
				require.NotContains(t, printed, "stands in the document")
				if i == 0 {
					require.Contains(t, printed, filepath.Base(name)+" says where", "check points at another page")
				}
			})
		}
	}
}

func TestEveryHintIsInTheGuide(t *testing.T) {
	guide, err := os.ReadFile("../../../../docs/providers/entra-id.md")
	require.NoError(t, err)
	for number := range entraCures {
		require.Contains(t, string(guide), "AADSTS"+strconv.Itoa(number))
	}
}

func TestEveryLinkOfTheGuidesLeadsSomewhere(t *testing.T) {
	pages, err := filepath.Glob("../../../../docs/providers/*.md")
	require.NoError(t, err)
	for _, name := range pages {
		page, err := os.ReadFile(name)
		require.NoError(t, err)
		for _, link := range regexp.MustCompile(`\]\(([^)#]+)`).FindAllStringSubmatch(string(page), -1) {
			if !strings.Contains(link[1], "://") {
				require.FileExists(t, filepath.Join(filepath.Dir(name), link[1]), "%s links to it", name)
			}
		}
	}
}

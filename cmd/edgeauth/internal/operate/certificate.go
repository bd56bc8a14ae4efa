package operate

import (
	"crypto/tls"
	"fmt"
	"os"
	"sync/atomic"
	"time"
)

// Certificate is a certificate and its key, in two PEM files.
type Certificate struct {
	CertFile, KeyFile string
	current           atomic.Pointer[tls.Certificate]
}

// Load reads the files. Where they do not fit, what was read before goes on.
func (c *Certificate) Load(from *Sources) error {
	cert, err := from.Read(c.CertFile, func() ([]byte, error) { return os.ReadFile(c.CertFile) })
	if err != nil {
		return fmt.Errorf("-tls-cert: %w", err)
	}
	key, err := from.Read(c.KeyFile, func() ([]byte, error) { return os.ReadFile(c.KeyFile) })
	if err != nil {
		return fmt.Errorf("-tls-key: %w", err)
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return fmt.Errorf("-tls-cert %s with -tls-key %s: %w", c.CertFile, c.KeyFile, err)
	}
	c.current.Store(&pair)
	return nil
}

// Ends is when the certificate that is shown runs out.
func (c *Certificate) Ends() time.Time { return c.current.Load().Leaf.NotAfter }

// Config serves with the certificate that counts at each handshake.
func (c *Certificate) Config() *tls.Config {
	return &tls.Config{
		MinVersion:     tls.VersionTLS12,
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return c.current.Load(), nil },
	}
}

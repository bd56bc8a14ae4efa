package edgeauth

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheChallengeIsThatOfTheStandardsExample(t *testing.T) { // RFC 7636, appendix B
	require.Equal(t, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"))
}

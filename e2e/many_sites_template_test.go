package e2e

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheTemplateOfManySites(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat(filepath.Join(sceneOne, "cdk", "node_modules", "aws-cdk-lib")); err != nil {
		missing(t, "the CDK, which npm ci in examples/scene-one/cdk installs")
	}
	zip := filepath.Join(t.TempDir(), "function.zip") // the CDK's own stacks want one
	require.NoError(t, os.WriteFile(zip, nil, 0o600))
	synth := exec.Command(needTools(t).node, "templates/synth.mjs", zip, "../many-sites/template.yaml")
	var said strings.Builder
	synth.Stderr = &said
	raw, err := synth.Output()
	require.NoError(t, err, "%s", &said)
	var templates map[string]template
	require.NoError(t, json.Unmarshal(raw, &templates))
	c := templates["sam"]

	documents := c.Resources["Documents"].Properties
	require.Equal(t, "Enabled", in(t, documents, "VersioningConfiguration", "Status"))
	for _, name := range []string{"Documents", "Content"} {
		require.Equal(t, object{"BlockPublicAcls": true, "BlockPublicPolicy": true, "IgnorePublicAcls": true, "RestrictPublicBuckets": true},
			in(t, c.Resources[name].Properties, "PublicAccessBlockConfiguration"), name)
	}
	for _, statement := range in(t, c.Resources["DocumentsPolicy"].Properties, "PolicyDocument", "Statement").([]any) {
		require.Equal(t, "Deny", in(t, statement, "Effect"), "somebody beside the role reads documents")
	}

	// Least rights: the documents and nothing else, and to be told what is missing among them.
	statements := in(t, c.only(t, "AWS::IAM::Role"), "Policies", 0, "PolicyDocument", "Statement").([]any)
	require.Len(t, statements, 2)
	require.Equal(t, "s3:GetObject", in(t, statements[0], "Action"))
	require.Equal(t, "arn:${AWS::Partition}:s3:::${DocumentsBucket}/sites/*", in(t, statements[0], "Resource", "Fn::Sub"))
	require.Equal(t, "s3:ListBucket", in(t, statements[1], "Action"))
	require.Equal(t, "sites/*", in(t, statements[1], "Condition", "StringLike", "s3:prefix"))

	for _, name := range []string{"Staff", "Apps"} {
		distribution := in(t, c.Resources[name].Properties, "DistributionConfig")
		require.Equal(t, "/"+strings.ToLower(name), in(t, distribution, "Origins", 0, "OriginPath"), "each has a folder of its own")
		require.NotNil(t, in(t, distribution, "Origins", 0, "OriginAccessControlId"))
		require.Nil(t, in(t, distribution, "CacheBehaviors"), "one function for all paths")
		behaviour := in(t, distribution, "DefaultCacheBehavior")
		require.Equal(t, "redirect-to-https", in(t, behaviour, "ViewerProtocolPolicy"))
		require.Contains(t, in(t, behaviour, "AllowedMethods"), "POST", "nobody could sign out")
		require.Equal(t, "viewer-request", in(t, behaviour, "LambdaFunctionAssociations", 0, "EventType"))
		require.Equal(t, object{"Ref": "Function"}, in(t, behaviour, "LambdaFunctionAssociations", 0, "LambdaFunctionARN"), "the same function")
	}
	for _, none := range []string{"Environment", "Layers", "VpcConfig", "Tags"} {
		require.NotContains(t, c.Resources["Function"].Properties, none, "Lambda@Edge refuses it")
	}
	sam, err := os.ReadFile("../examples/many-sites/template.yaml")
	require.NoError(t, err)
	require.Equal(t, 2, strings.Count(string(sam), "LambdaFunctionARN: !Ref Function.Version\n"), "CloudFront takes a version, not $LATEST")
	require.NotRegexp(t, `[:\-] [&*][a-z]`, string(sam), "CloudFormation reads no YAML aliases")
}

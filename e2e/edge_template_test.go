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

const sceneOne = "../examples/scene-one"

// template is a CloudFormation template.
type template struct {
	Resources map[string]struct {
		Type       string
		Properties object
	}
}

// only is the one resource of a type.
func (c template) only(t *testing.T, kinds ...string) object {
	t.Helper()
	var found []object
	for _, resource := range c.Resources {
		for _, kind := range kinds {
			if resource.Type == kind {
				found = append(found, resource.Properties)
			}
		}
	}
	require.Len(t, found, 1, "%v", kinds)
	return found[0]
}

// in follows names and places through objects and lists.
func in(t *testing.T, value any, path ...any) any {
	t.Helper()
	for _, step := range path {
		switch step := step.(type) {
		case string:
			o, ok := value.(object)
			require.True(t, ok, "%q of %v", step, value)
			value = o[step]
		case int:
			list, ok := value.([]any)
			require.True(t, ok && step < len(list), "%d of %v", step, value)
			value = list[step]
		}
	}
	return value
}

func TestTheTemplatesOfSceneOne(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat(filepath.Join(sceneOne, "cdk", "node_modules", "aws-cdk-lib")); err != nil {
		missing(t, "the CDK, which npm ci in examples/scene-one/cdk installs")
	}
	zip := filepath.Join(t.TempDir(), "function.zip")
	out, err := exec.Command(command(t), "package", "-config", filepath.Join(sceneOne, "site.json"), "-no-fetch", "-o", zip).CombinedOutput()
	require.NoError(t, err, "%s", out)
	require.Contains(t, string(out), "No secret lies in it.")

	synth := exec.Command(needTools(t).node, "templates/synth.mjs", zip)
	var said strings.Builder
	synth.Stderr = &said
	raw, err := synth.Output()
	require.NoError(t, err, "%s", &said)
	var templates map[string]template
	require.NoError(t, json.Unmarshal(raw, &templates))
	require.Len(t, templates, 3)
	for name, c := range templates {
		t.Run(name, func(t *testing.T) {
			bucket := c.only(t, "AWS::S3::Bucket")
			require.Equal(t, object{"BlockPublicAcls": true, "BlockPublicPolicy": true, "IgnorePublicAcls": true, "RestrictPublicBuckets": true},
				bucket["PublicAccessBlockConfiguration"])
			require.Equal(t, "BucketOwnerEnforced", in(t, bucket, "OwnershipControls", "Rules", 0, "ObjectOwnership"))
			require.NotContains(t, bucket, "WebsiteConfiguration")

			for _, statement := range in(t, c.only(t, "AWS::S3::BucketPolicy"), "PolicyDocument", "Statement").([]any) {
				if in(t, statement, "Effect") == "Deny" {
					require.Equal(t, "false", in(t, statement, "Condition", "Bool", "aws:SecureTransport"))
					continue
				}
				require.Equal(t, "s3:GetObject", in(t, statement, "Action"))
				require.Equal(t, object{"Service": "cloudfront.amazonaws.com"}, in(t, statement, "Principal"))
				require.NotNil(t, in(t, statement, "Condition", "StringEquals", "AWS:SourceArn"))
			}
			access := in(t, c.only(t, "AWS::CloudFront::OriginAccessControl"), "OriginAccessControlConfig")
			require.Equal(t, "always", in(t, access, "SigningBehavior"))
			require.Equal(t, "sigv4", in(t, access, "SigningProtocol"))

			trust, err := json.Marshal(in(t, c.only(t, "AWS::IAM::Role"), "AssumeRolePolicyDocument"))
			require.NoError(t, err)
			require.Contains(t, string(trust), `"lambda.amazonaws.com"`)
			require.Contains(t, string(trust), `"edgelambda.amazonaws.com"`)

			function := c.only(t, "AWS::Lambda::Function", "AWS::Serverless::Function")
			for property, want := range (object{"Handler": "index.handler", "Runtime": "python3.13", "MemorySize": 128.0, "Timeout": 5.0, "Architectures": []any{"x86_64"}}) {
				require.Equal(t, want, function[property], property)
			}
			for _, none := range []string{"Environment", "Layers", "VpcConfig", "Tags"} {
				require.NotContains(t, function, none, "Lambda@Edge refuses it")
			}
			require.NotNil(t, in(t, function, "LoggingConfig", "LogGroup"))
			require.Equal(t, 30.0, in(t, c.only(t, "AWS::Logs::LogGroup"), "RetentionInDays"))

			distribution := in(t, c.only(t, "AWS::CloudFront::Distribution"), "DistributionConfig")
			require.Equal(t, "http2and3", in(t, distribution, "HttpVersion"))
			require.Equal(t, true, in(t, distribution, "IPV6Enabled"))
			require.Equal(t, "index.html", in(t, distribution, "DefaultRootObject"))
			require.Nil(t, in(t, distribution, "CacheBehaviors"), "one function for all paths")
			require.Equal(t, "", in(t, distribution, "Origins", 0, "S3OriginConfig", "OriginAccessIdentity"))
			require.NotNil(t, in(t, distribution, "Origins", 0, "OriginAccessControlId"))
			behaviour := in(t, distribution, "DefaultCacheBehavior")
			require.Equal(t, "redirect-to-https", in(t, behaviour, "ViewerProtocolPolicy"))
			require.Equal(t, "658327ea-f89d-4fab-a63d-7e88639e58f6", in(t, behaviour, "CachePolicyId"), "CachingOptimized")
			require.Equal(t, "67f7725c-6f97-4210-82d7-5512b31e9d03", in(t, behaviour, "ResponseHeadersPolicyId"), "SecurityHeadersPolicy")
			require.Contains(t, in(t, behaviour, "AllowedMethods"), "POST", "nobody could sign out")
			require.Len(t, in(t, behaviour, "LambdaFunctionAssociations"), 1)
			require.Equal(t, "viewer-request", in(t, behaviour, "LambdaFunctionAssociations", 0, "EventType"))
		})
	}
	own := in(t, templates["own"].only(t, "AWS::CloudFront::Distribution"), "DistributionConfig")
	require.Equal(t, []any{"app.example.com"}, in(t, own, "Aliases"))
	require.Equal(t, "TLSv1.2_2021", in(t, own, "ViewerCertificate", "MinimumProtocolVersion"))

	sam, err := os.ReadFile(filepath.Join(sceneOne, "template.yaml"))
	require.NoError(t, err)
	require.Contains(t, string(sam), "LambdaFunctionARN: !Ref Function.Version\n", "CloudFront takes a version, not $LATEST")
	require.Contains(t, string(sam), "MinimumProtocolVersion: TLSv1.2_2021")
}

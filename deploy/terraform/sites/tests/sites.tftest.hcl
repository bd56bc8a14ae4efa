# Run offline: a provider that makes nothing stands for AWS.
mock_provider "aws" {
  mock_data "aws_region" {
    defaults = { name = "us-east-1" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/edgeauth" }
  }
  mock_resource "aws_lambda_function" {
    defaults = { qualified_arn = "arn:aws:lambda:us-east-1:123456789012:function:edgeauth:1" }
  }
  mock_resource "aws_cloudfront_distribution" {
    defaults = { arn = "arn:aws:cloudfront::123456789012:distribution/E1", domain_name = "d1.cloudfront.net" }
  }
  mock_resource "aws_s3_bucket" {
    defaults = { arn = "arn:aws:s3:::bucket", bucket_regional_domain_name = "bucket.s3.us-east-1.amazonaws.com" }
  }
}

variables {
  name             = "many-sites"
  zip              = "tests/sites.tftest.hcl" # any file
  documents_bucket = "my-documents"
  distributions    = { staff = {}, apps = { domain_names = ["*.apps.example.com"], certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/1" } }
}

run "least_rights" {
  assert {
    condition = [for s in jsondecode(aws_iam_role_policy.documents.policy).Statement : "${s.Action} ${s.Resource}"] == [
      "s3:GetObject arn:aws:s3:::my-documents/sites/*", "s3:ListBucket arn:aws:s3:::my-documents",
    ]
    error_message = aws_iam_role_policy.documents.policy
  }
  assert {
    condition     = aws_s3_bucket_versioning.documents.versioning_configuration[0].status == "Enabled"
    error_message = "documents have no versions"
  }
  assert {
    condition     = toset(keys(output.targets)) == toset(["apps", "staff"])
    error_message = "each name is a distribution"
  }
}

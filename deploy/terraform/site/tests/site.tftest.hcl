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
  name = "scene-one"
  zip  = "tests/site.tftest.hcl" # any file
}

run "the_distributions_own_name" {
  assert {
    condition     = output.redirect_uri == "https://d1.cloudfront.net/.auth/callback"
    error_message = output.redirect_uri
  }
}

run "a_name_of_ones_own" {
  variables {
    domain_name     = "app.example.com"
    certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/1"
  }
  assert {
    condition     = output.url == "https://app.example.com/"
    error_message = output.url
  }
}

run "a_name_needs_a_certificate" {
  command = plan
  variables {
    domain_name = "app.example.com"
  }
  expect_failures = [var.certificate_arn]
}

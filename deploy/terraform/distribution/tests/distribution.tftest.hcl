# Run offline: a provider that makes nothing stands for AWS.
mock_provider "aws" {}

variables {
  name     = "edgeauth"
  bucket   = { bucket_regional_domain_name = "content.s3.us-east-1.amazonaws.com" }
  function = { qualified_arn = "arn:aws:lambda:us-east-1:123456789012:function:edgeauth:7", include_body = false }
}

run "the_function_stands_before_every_path" {
  assert {
    condition     = length(aws_cloudfront_distribution.site.ordered_cache_behavior) == 0
    error_message = "one function for all paths"
  }
  assert {
    condition = [for a in aws_cloudfront_distribution.site.default_cache_behavior[0].lambda_function_association : "${a.event_type} ${a.lambda_arn}"] == [
      "viewer-request arn:aws:lambda:us-east-1:123456789012:function:edgeauth:7",
    ]
    error_message = "a version at viewer-request, and nothing else"
  }
  assert {
    condition     = aws_cloudfront_distribution.site.default_cache_behavior[0].viewer_protocol_policy == "redirect-to-https"
    error_message = "plain HTTP"
  }
  assert {
    condition     = contains(aws_cloudfront_distribution.site.default_cache_behavior[0].allowed_methods, "POST")
    error_message = "nobody could sign out"
  }
  assert {
    condition     = aws_cloudfront_origin_access_control.content.signing_behavior == "always"
    error_message = "the bucket would have to be public"
  }
}

run "a_name_of_ones_own" {
  variables {
    domain_names    = ["app.example.com"]
    certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/1"
  }
  assert {
    condition     = aws_cloudfront_distribution.site.viewer_certificate[0].minimum_protocol_version == "TLSv1.2_2021"
    error_message = "the floor of TLS versions"
  }
}

run "a_name_needs_a_certificate" {
  command = plan
  variables {
    domain_names = ["app.example.com"]
  }
  expect_failures = [var.certificate_arn]
}

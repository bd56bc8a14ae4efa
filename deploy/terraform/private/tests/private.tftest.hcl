# Run offline: a provider that makes nothing stands for AWS.
mock_provider "aws" {}

variables {
  bucket  = { id = "content", arn = "arn:aws:s3:::content" }
  readers = [{ prefix = "staff/", distribution = "arn:aws:cloudfront::123456789012:distribution/E1" }]
}

run "only_the_distributions_read" {
  assert {
    condition = [for s in jsondecode(aws_s3_bucket_policy.bucket.policy).Statement : s if s.Effect == "Allow"] == [{
      Effect    = "Allow"
      Principal = { Service = "cloudfront.amazonaws.com" }
      Action    = "s3:GetObject"
      Resource  = "arn:aws:s3:::content/staff/*"
      Condition = { StringEquals = { "AWS:SourceArn" = "arn:aws:cloudfront::123456789012:distribution/E1" } }
    }]
    error_message = aws_s3_bucket_policy.bucket.policy
  }
  assert {
    condition     = jsondecode(aws_s3_bucket_policy.bucket.policy).Statement[0].Condition.Bool["aws:SecureTransport"] == "false"
    error_message = "without TLS"
  }
  assert {
    condition = (
      aws_s3_bucket_public_access_block.bucket.block_public_acls && aws_s3_bucket_public_access_block.bucket.block_public_policy &&
      aws_s3_bucket_public_access_block.bucket.ignore_public_acls && aws_s3_bucket_public_access_block.bucket.restrict_public_buckets
    )
    error_message = "public"
  }
}

run "without_readers_nobody_is_let_in" {
  variables {
    readers = []
  }
  assert {
    condition     = [for s in jsondecode(aws_s3_bucket_policy.bucket.policy).Statement : s.Effect] == ["Deny"]
    error_message = aws_s3_bucket_policy.bucket.policy
  }
}

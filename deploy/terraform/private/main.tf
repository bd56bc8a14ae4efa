# What keeps a bucket private: nobody reads it but the distributions that are listed, each its own folder, and by TLS alone.

terraform {
  required_version = ">= 1.7"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}

variable "bucket" {
  description = "The bucket."
  type        = object({ id = string, arn = string })
}

variable "readers" {
  description = "Which distributions read which folders: prefix is empty, or like \"staff/\"."
  type        = list(object({ prefix = string, distribution = string }))
  default     = []
}

resource "aws_s3_bucket_public_access_block" "bucket" {
  bucket                  = var.bucket.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "bucket" {
  bucket = var.bucket.id
  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "bucket" {
  bucket = var.bucket.id
  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

# A distribution may do nothing but read: a POST or PUT that passes the function is a 403 here.
resource "aws_s3_bucket_policy" "bucket" {
  bucket = var.bucket.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([{
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Resource  = [var.bucket.arn, "${var.bucket.arn}/*"]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
      }], [for r in var.readers : {
      Effect    = "Allow"
      Principal = { Service = "cloudfront.amazonaws.com" }
      Action    = "s3:GetObject"
      Resource  = "${var.bucket.arn}/${r.prefix}*"
      Condition = { StringEquals = { "AWS:SourceArn" = r.distribution } }
    }])
  })
  depends_on = [aws_s3_bucket_public_access_block.bucket]
}

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
}

mock_provider "aws" {
  alias = "elsewhere"
  mock_data "aws_region" {
    defaults = { name = "eu-central-1" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/edgeauth" }
  }
}

variables {
  name = "edgeauth"
  zip  = "tests/function.tftest.hcl" # any file
}

run "what_lambda_at_edge_takes" {
  assert {
    condition = (
      aws_lambda_function.function.publish && aws_lambda_function.function.timeout == 5 && aws_lambda_function.function.memory_size == 128 &&
      aws_lambda_function.function.runtime == "python3.13" && aws_lambda_function.function.architectures == tolist(["x86_64"]) &&
      length(aws_lambda_function.function.environment) == 0 && length(aws_lambda_function.function.vpc_config) == 0
    )
    error_message = "Lambda@Edge refuses it"
  }
  assert {
    condition     = jsondecode(aws_iam_role.function.assume_role_policy).Statement[0].Principal.Service == ["lambda.amazonaws.com", "edgelambda.amazonaws.com"]
    error_message = "Lambda@Edge runs the function as both"
  }
}

run "another_region" {
  providers = {
    aws = aws.elsewhere
  }
  command         = plan
  expect_failures = [aws_lambda_function.function]
}

import { CfnOutput, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import {
  AllowedMethods, CachePolicy, Distribution, HttpVersion, LambdaEdgeEventType, ResponseHeadersPolicy, SecurityPolicyProtocol,
  ViewerProtocolPolicy,
} from 'aws-cdk-lib/aws-cloudfront';
import { S3BucketOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import { CompositePrincipal, ManagedPolicy, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Code, Function, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';

/**
 * A private bucket behind CloudFront; edgeauth lets only signed-in people reach it. Lambda@Edge functions live in
 * us-east-1, and so does this stack.
 *
 * props.zip is what edgeauth package has written. props.domainName and props.certificateArn are for a name of one's own.
 */
export class SceneOne extends Stack {
  constructor(scope, id, { zip, domainName, certificateArn }) {
    super(scope, id, { env: { region: 'us-east-1' } });

    const site = new Bucket(this, 'Site', {
      encryption: BucketEncryption.S3_MANAGED,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      removalPolicy: RemovalPolicy.DESTROY, // works on an empty bucket alone
    });

    const edgeauth = new Function(this, 'Function', {
      code: Code.fromAsset(zip),
      handler: 'index.handler',
      runtime: Runtime.PYTHON_3_13,
      architecture: Architecture.X86_64,
      memorySize: 128,
      timeout: Duration.seconds(5),
      role: new Role(this, 'FunctionRole', {
        // Lambda@Edge runs the function as both.
        assumedBy: new CompositePrincipal(new ServicePrincipal('lambda.amazonaws.com'), new ServicePrincipal('edgelambda.amazonaws.com')),
        managedPolicies: [ManagedPolicy.fromAwsManagedPolicyName('service-role/AWSLambdaBasicExecutionRole')],
      }),
      // Each region in which the function runs gets a group of this name; this one is us-east-1's.
      logGroup: new LogGroup(this, 'FunctionLogs', {
        logGroupName: `/edgeauth/${this.stackName}`, retention: RetentionDays.ONE_MONTH, removalPolicy: RemovalPolicy.DESTROY,
      }),
      // A version with replicas cannot be deleted; CloudFront takes hours to remove them.
      currentVersionOptions: { removalPolicy: RemovalPolicy.RETAIN },
    });

    const distribution = new Distribution(this, 'Distribution', {
      comment: this.stackName,
      httpVersion: HttpVersion.HTTP2_AND_3,
      defaultRootObject: 'index.html',
      // CloudFront's own certificate has its own floor of TLS versions.
      ...(domainName && {
        domainNames: [domainName],
        certificate: Certificate.fromCertificateArn(this, 'Certificate', certificateArn),
        minimumProtocolVersion: SecurityPolicyProtocol.TLS_V1_2_2021,
      }),
      defaultBehavior: {
        origin: S3BucketOrigin.withOriginAccessControl(site),
        viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
        // All methods, for the sign-out's POST. The function answers it; anything else stops at the bucket.
        allowedMethods: AllowedMethods.ALLOW_ALL,
        cachePolicy: CachePolicy.CACHING_OPTIMIZED,
        responseHeadersPolicy: ResponseHeadersPolicy.SECURITY_HEADERS,
        edgeLambdas: [{ functionVersion: edgeauth.currentVersion, eventType: LambdaEdgeEventType.VIEWER_REQUEST }],
      },
    });

    const host = domainName ?? distribution.distributionDomainName;
    new CfnOutput(this, 'Url', { value: `https://${host}/` });
    new CfnOutput(this, 'RedirectUri', { value: `https://${host}/.auth/callback`, description: 'Register this at the provider.' });
    new CfnOutput(this, 'SignOutUrl', { value: `https://${host}/.auth/signed-out`, description: 'Register this too.' });
    new CfnOutput(this, 'Bucket', { value: site.bucketName });
    new CfnOutput(this, 'DistributionId', { value: distribution.distributionId });
  }
}

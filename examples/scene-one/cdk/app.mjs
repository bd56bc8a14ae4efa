import { fileURLToPath } from 'node:url';
import { App } from 'aws-cdk-lib';
import { SceneOne } from './stack.mjs';

new SceneOne(new App(), 'edgeauth-scene-one', {
  zip: fileURLToPath(new URL('../function.zip', import.meta.url)),
  domainName: process.env.DOMAIN_NAME,
  certificateArn: process.env.CERTIFICATE_ARN,
});

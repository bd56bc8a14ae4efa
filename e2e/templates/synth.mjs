// Prints what the templates of examples/scene-one come to, as JSON: { cdk, own, sam }, own being the CDK's for a domain
// name of one's own. The CDK makes them offline, and reads the SAM template too; it refuses what CloudFormation would.
// Usage: node synth.mjs function.zip

import { createRequire } from 'node:module';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SceneOne } from '../../examples/scene-one/cdk/stack.mjs';

const scene = new URL('../../examples/scene-one/', import.meta.url);
const require = createRequire(new URL('cdk/', scene));
const { App, Stack } = require('aws-cdk-lib');
const { Template } = require('aws-cdk-lib/assertions');
const { CfnInclude } = require('aws-cdk-lib/cloudformation-include');

const work = mkdtempSync(join(tmpdir(), 'edgeauth-templates-'));
process.on('exit', () => rmSync(work, { recursive: true, force: true }));

// SAM puts the version that it publishes in the place of this reference, which is none of CloudFormation's.
const sam = readFileSync(new URL(process.argv[3] ?? 'template.yaml', scene), 'utf8').replaceAll('!Ref Function.Version', '!Ref Function');
writeFileSync(join(work, 'template.yaml'), sam);

const app = new App({ outdir: join(work, 'out'), context: { '@aws-cdk/core:validateAgainstDefaultRules': true } });
const stacks = {
  cdk: new SceneOne(app, 'cdk', { zip: process.argv[2] }),
  own: new SceneOne(app, 'own', {
    zip: process.argv[2], domainName: 'app.example.com', certificateArn: 'arn:aws:acm:us-east-1:123456789012:certificate/1',
  }),
  sam: new Stack(app, 'sam'),
};
new CfnInclude(stacks.sam, 'Template', { templateFile: join(work, 'template.yaml') });
app.synth();
console.log(JSON.stringify(Object.fromEntries(Object.entries(stacks).map(([name, stack]) => [name, Template.fromStack(stack).toJSON()]))));

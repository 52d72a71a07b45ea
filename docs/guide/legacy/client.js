// Draw, repeat, look up, release and be refused, with node-soap (npm ci; node client.js).
// NPN_SOAP_URL, NPN_SYSTEM and NPN_SECRET say where and who; over TLS also NPN_CA, NPN_CERT, NPN_CERT_KEY (PEM files).
// Without NPN_SECRET the client certificate alone says who calls (level 1).
// A fault is told on standard error, and the exit status is 1.
'use strict';
const fs = require('fs');
const https = require('https');
const { randomUUID } = require('crypto');
const soap = require('soap');

const { NPN_SOAP_URL: url, NPN_SYSTEM: system, NPN_SECRET: secret, NPN_CA: ca, NPN_CERT: cert, NPN_CERT_KEY: key } = process.env;
const MEDCOM = 'http://svn.medcom.dk/svn/releases/Standarder/DGWS/Schemas/medcom-1.0.1.xsd';
const WSS = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity';
const zulu = (ms) => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');

function card() {
  const begins = Date.now() - 60000;
  const attribute = (name, value) =>
    `<saml:Attribute Name="${name}"><saml:AttributeValue>${value}</saml:AttributeValue></saml:Attribute>`;
  return `<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" IssueInstant="${zulu(begins)}" Version="2.0" id="IDCard">
<saml:Issuer>${system}</saml:Issuer><saml:Subject><saml:NameID Format="medcom:itsystemname">${system}</saml:NameID>
<saml:SubjectConfirmation><saml:ConfirmationMethod>urn:oasis:names:tc:SAML:2.0:cm:holder-of-key</saml:ConfirmationMethod>
<saml:SubjectConfirmationData><wsse:UsernameToken><wsse:Username>${system}</wsse:Username><wsse:Password>${secret}</wsse:Password>
</wsse:UsernameToken></saml:SubjectConfirmationData></saml:SubjectConfirmation></saml:Subject>
<saml:Conditions NotBefore="${zulu(begins)}" NotOnOrAfter="${zulu(begins + 86400000)}"/>
<saml:AttributeStatement id="IDCardData">${attribute('sosi:IDCardID', randomUUID())}${attribute('sosi:IDCardVersion', '1.0.1')}
${attribute('sosi:IDCardType', 'system')}${attribute('sosi:AuthenticationLevel', '2')}</saml:AttributeStatement></saml:Assertion>`;
}

function headers(messageId) {
  const level = secret ? 2 : 1;
  return [
    `<wsse:Security xmlns:wsse="${WSS}-secext-1.0.xsd"><wsu:Timestamp xmlns:wsu="${WSS}-utility-1.0.xsd">
<wsu:Created>${zulu(Date.now())}</wsu:Created></wsu:Timestamp>${secret ? card() : ''}</wsse:Security>`,
    `<medcom:Header xmlns:medcom="${MEDCOM}"><medcom:SecurityLevel>${level}</medcom:SecurityLevel>
<medcom:Linking><medcom:FlowID>${randomUUID()}</medcom:FlowID><medcom:MessageID>${messageId}</medcom:MessageID></medcom:Linking></medcom:Header>`,
  ];
}

async function main() {
  const files = ca ? { ca: fs.readFileSync(ca), cert: fs.readFileSync(cert), key: fs.readFileSync(key) } : {};
  const options = ca ? { wsdl_options: { httpsAgent: new https.Agent(files) } } : {};
  const client = await soap.createClientAsync(`${url}?wsdl`, options);
  if (ca) client.setSecurity(new soap.ClientSSLSecurity(files.key, files.cert, files.ca, {}));

  async function call(operation, values, messageId = randomUUID()) {
    client.clearSoapHeaders();
    for (const header of headers(messageId)) client.addSoapHeader(header);
    const [result] = await client[`${operation}Async`](values);
    return result;
  }

  const messageId = randomUUID(); // keep it with the request: the same one again gives the same series
  const draw = { NumberOfIdentifiers: 10, Purpose: 'node-soap' };
  const drawn = await call('GetAnalysisIdentifiers', draw, messageId);
  console.log('drawn', drawn.FirstIdentifier, drawn.LastIdentifier);
  const again = await call('GetAnalysisIdentifiers', draw, messageId);
  console.log('repeated', again.FirstIdentifier, again.LastIdentifier);
  const found = await call('GetAnalysisIdentifierInformation', { Identifier: drawn.FirstIdentifier });
  console.log('found', found.State, found.SystemName);
  const range = { FirstIdentifier: drawn.FirstIdentifier, LastIdentifier: drawn.LastIdentifier };
  const released = await call('SetAnalysisIdentifiersFree', range);
  console.log('released', released.State);
  try {
    await call('GetAnalysisIdentifiers', { NumberOfIdentifiers: 0 });
  } catch (error) {
    const codes = codesOf(error);
    if (!codes) throw error;
    console.log('refused', ...codes);
  }
}

// A fault's detail: the code of DGWS, and the service's own, which says more. Nothing where it is no fault.
function codesOf(error) {
  const fault = error.root && error.root.Envelope && error.root.Envelope.Body.Fault;
  if (!fault || !fault.detail) return undefined;
  const code = fault.detail.FaultCode;
  return [code.$value || code, fault.detail.Problem.Code];
}

main().catch((error) => {
  const codes = codesOf(error);
  console.error(codes ? `refused: ${codes.join(' ')}` : 'no answer:', error.message);
  process.exit(1);
});
